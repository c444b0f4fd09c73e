"""Exporters: saved exports of people or of the change log, run by hand or by their tokens."""

from functools import partial

from sqlalchemy import func, select

from maestro import audit
from maestro.accounts import settings
from maestro.exchange import exports, spooling
from maestro.extensions import db, others_writing
from maestro.lib import clock, whole
from maestro.lib.errors import Refused, WrongState
from maestro.models import CODES, Exporter
from maestro.warehouse import changes, targets

ENCODINGS = {"utf-8": "UTF-8", "utf-8-sig": "UTF-8 with a mark, for Excel", "cp1252": "Windows-1252",
             "utf-16": "UTF-16"}
SEPARATORS = {",": "Comma", ";": "Semicolon", "\t": "Tab", "|": "Vertical bar"}
TYPES = {                                          # format: content type, end of the name
    "csv": ("text/csv", "csv"), "text": ("text/plain; charset=utf-8", "log"),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"),
    "jsonl": ("application/jsonl; charset=utf-8", "jsonl"),
}


def create(dataset, list, name, by, **wanted):
    exporter = Exporter(dataset_id=dataset.id, list_id=list and list.id, name="", kind="people")
    exporter.dataset, exporter.list = dataset, list
    write(exporter, name, **wanted)
    db.session.add(exporter)
    db.session.flush()
    audit.record("exporter.create", exporter, by, name=exporter.name)
    return exporter


def change(exporter, name, by, enabled=True, **wanted):
    write(exporter, name, **wanted)
    exporter.enabled = enabled
    audit.record("exporter.change", exporter, by, name=exporter.name)


def write(exporter, name, description="", columns=(), target=None, format="csv", encoding="utf-8", separator=",",
          guard=False):
    name = name.strip()
    if not 1 <= len(name) <= 120 or not name.isprintable():
        raise Refused("Give the exporter a name of 1 to 120 characters.", "name")
    same = select(Exporter.id).where(Exporter.dataset_id == exporter.dataset.id, Exporter.id != (exporter.id or 0))
    if db.session.scalar(same.where(func.lower(Exporter.name) == name.lower(), ~Exporter.standard)):
        raise Refused(f"There is an exporter “{name}” already.", "name")
    for value, known, field in ((format, exports.FORMATS, "format"), (encoding, ENCODINGS, "encoding"),
                                (separator, SEPARATORS, "separator")):
        if value not in known:
            raise Refused("Choose one of those that are offered.", field)
    if set(columns) - set(exports.offered(exporter.dataset, exporter.list)):
        raise Refused("A column that is chosen is gone.", "columns")
    check_target(exporter, target)
    exporter.name, exporter.description, exporter.columns = name, (description or "").strip(), [*columns]
    exporter.target_id, exporter.target = target and target.id, target
    exporter.format, exporter.encoding, exporter.separator, exporter.guard = format, encoding, separator, guard


def check_target(exporter, target):
    if target and (target.dataset_id != exporter.dataset.id or target.list_id not in (None, exporter.list_id)):
        raise Refused("This target group is of other people.", "target")


def switch(exporter, on, by):
    exporter.enabled = on
    audit.record("exporter.change", exporter, by, name=exporter.name)


def remove(exporter, by):
    if exporter.standard:
        raise WrongState("Every dataset and list keeps this one.")
    audit.record("exporter.remove", exporter, by, name=exporter.name)
    db.session.delete(exporter)
    db.session.flush()


def run(exporter, asked=None):
    """The data as a finished file (spooling.Made). `asked`: what the caller wants of a change log, by name."""
    with others_writing():
        if not exporter.enabled:
            raise WrongState("This exporter is disabled.")
        return RUNS[exporter.kind](exporter, asked or {})


def wanted(exporter):
    """What an exporter exports (exports.Wanted)."""
    target, today = exporter.target, clock.today(settings.get("zone"))
    return exports.Wanted(
        exporter.dataset, exporter.list, exporter.format, exporter.guard, tuple(exporter.columns),
        partial(meant, target, today) if target else None, exporter.encoding, exporter.separator)


def meant(target, today, people):
    return targets.meant(target, people, today)


def run_people(exporter, _asked):
    return file(wanted(exporter), file_name(exporter))


def file(wanted, name):
    """An export of people as a finished file."""
    type, ending = TYPES[wanted.format]
    type += f"; charset={wanted.encoding.removesuffix('-sig')}" if wanted.format == "csv" else ""
    with others_writing():
        names = exports.chosen(wanted)
        counter = spooling.Counter(exports.people(wanted, names, exports.snapshot(wanted.dataset)))
        return spooling.made(type, f"{name}.{ending}", exports.WRITERS[wanted.format](wanted, names, counter), counter)


def file_name(exporter):
    place = f"list-{exporter.list_id}" if exporter.list_id else f"dataset-{exporter.dataset_id}"
    return f"{place}-{clock.today(settings.get('zone'))}"


def run_changes(exporter, asked):
    """The dataset's entries after number `since`, in the form that is asked for; the last one's number is told."""
    form = asked.get("format") or exporter.format
    if form not in changes.FORMS:
        raise Refused(f"format is one of {', '.join(changes.FORMS)}.", "format")
    since, list, code = number(asked, "since", 0, 18), number(asked, "list", None), asked.get("code") or None
    if code and code not in CODES:
        raise Refused(f"code is one of {', '.join(CODES)}.", "code")
    found = changes.entries(since, exporter.dataset_id, list, code)
    counter = spooling.Counter(changes.stream(found))
    pieces = (piece.encode() for piece in changes.formed(counter, form, settings.get("zone")))
    return spooling.made(*changes_file(exporter, form), pieces, counter, lambda: place(counter, since))


def place(counter, since):
    """Where to go on reading, and where the log begins by now if entries after `since` are gone."""
    oldest = changes.oldest_left(since)
    return {"X-Maestro-Seq": str(counter.last.seq if counter.last else since)} | (
        {"X-Maestro-Oldest": str(oldest)} if oldest else {})


def changes_file(exporter, form):
    type, ending = TYPES[form]
    return type, f"changes-{exporter.dataset_id}-{clock.today(settings.get('zone'))}.{ending}"


def number(asked, name, otherwise, digits=whole.DIGITS):
    text = asked.get(name, "").strip()
    found = whole.number(text, digits)
    if text and found is None:
        raise Refused(f"{name} is a whole number.", name)
    return found if text else otherwise


RUNS = {"people": run_people, "changes": run_changes}


def of(dataset):
    """The exporters of a dataset and its lists, those that everybody has first."""
    mine = select(Exporter).where(Exporter.dataset_id == dataset.id)
    return db.session.scalars(mine.order_by(Exporter.standard.desc(), Exporter.list_id.is_not(None), Exporter.id)).all()


def filters(dataset, list):
    """The target groups and segments that an exporter of these people can take."""
    return [target for target in targets.of(dataset) if target.list_id in (None, list and list.id)]
