"""The subscriber activity change log as a page, and as a file in each of its forms."""

from datetime import date, datetime, timedelta
from types import SimpleNamespace

from flask import g, render_template, request, stream_with_context
from flask_login import current_user

from maestro import audit
from maestro.admin import people_words
from maestro.admin.door import bp, commit, find, needs, visible
from maestro.extensions import count, db
from maestro.lib import clock, web
from maestro.models import CODES, Dataset, HostedList
from maestro.warehouse import changes

FORMS = {                                          # form: (what it is called, end of the name, content type)
    "text": ("Text", "log", "text/plain; charset=utf-8"),
    "csv": ("CSV", "csv", "text/csv; charset=utf-8"),
    "jsonl": ("JSON lines", "jsonl", "application/jsonl; charset=utf-8"),
}
SIZE = 100


@bp.get("/changes", endpoint="changes")
@needs("changes.see")
def index():
    asked = question(request.args)
    found = entries(asked)
    total = count(found)
    paging = web.paging(total, SIZE)
    shown = db.session.scalars(changes.latest_first(found).offset(paging.offset).limit(paging.limit)).all()
    return render_template(
        "admin/changelog/index.html", asked=asked, paging=paging, total=total, words=people_words, codes=CODES,
        forms=FORMS, datasets=db.session.scalars(visible(Dataset).order_by(Dataset.name)).all(),
        entries=[(entry, changes.line(entry, g.zone), changes.fields(entry)["changes"]) for entry in shown])


def question(args):
    """What is asked for: the period, dataset, list, code and address that are meant; wrong ones are passed over."""
    dataset, list = args.get("dataset", type=int), args.get("list", type=int)
    return SimpleNamespace(
        first=day(args.get("first")), last=day(args.get("last")), address=args.get("address", "").strip(),
        dataset=find(Dataset, dataset) if dataset else None, list=find(HostedList, list) if list else None,
        code=args.get("code") if args.get("code") in CODES else None)


def day(text):
    """A date of the page's inputs; years in which clocks are known only."""
    try:
        found = date.fromisoformat(text or "")
    except ValueError:
        return None
    return found if 1970 < found.year < 2200 else None


def entries(asked):
    """The entries that are asked for, as far as they are the user's to see."""
    mine = db.session.scalars(visible(Dataset).with_only_columns(Dataset.id)).all()
    return changes.entries(
        datasets=[asked.dataset.id] if asked.dataset else mine, list_id=asked.list and asked.list.id, code=asked.code,
        address=asked.address, first=asked.first and midnight(asked.first),
        last=asked.last and midnight(asked.last + timedelta(days=1)))


def midnight(day):
    """When a day begins on the installation's clocks."""
    return clock.instant(datetime(day.year, day.month, day.day), g.zone)            # noqa: DTZ001 - the zone comes with it


@bp.post("/changes/download")
@needs("changes.see")
def changes_download():
    form = request.form.get("form") if request.form.get("form") in FORMS else "text"
    found = entries(question(request.form))
    audit.record("changes.export", None, current_user, rows=count(found), format=form)
    commit()
    _, ending, kind = FORMS[form]
    pieces = (piece.encode() for piece in changes.written(found, form, g.zone))
    return web.download(stream_with_context(pieces), f"changes-{clock.today(g.zone)}.{ending}", kind)
