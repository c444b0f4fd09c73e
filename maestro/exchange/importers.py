"""Importers: imports that are kept. Half made they are incomplete; complete ones are enabled or disabled."""

from sqlalchemy import func, select, update

from maestro import audit
from maestro.exchange import bodies, opening, rules, sources
from maestro.exchange.holding import ACTIVE
from maestro.extensions import db
from maestro.lib import clock, repeats
from maestro.lib.errors import Refused, WrongState
from maestro.lib.tabular.dialect import Dialect
from maestro.lib.tabular.read import guess
from maestro.models import SOURCES, Importer, ImportRun, User


def create(dataset, list, name, source, by, description="", zone="UTC"):
    """Begin an importer: incomplete and disabled."""
    if source not in SOURCES:
        raise Refused(f"The source is one of {', '.join(SOURCES)}.", "source")
    importer = Importer(
        dataset_id=dataset.id, dataset=dataset, list_id=list and list.id, list=list, name=check_name(dataset, name),
        description=description, source=source, zone=zone, user_id=getattr(by, "id", None), mode="add-update",
        options={"guard": 20, "overwrite": True}, mapping={}, format={}, schedule={}, query="", path="", storage="",
        notify=getattr(by, "email", ""))
    db.session.add(importer)
    db.session.flush()
    audit.record("importer.create", importer, by, name=importer.name, source=source)
    return importer


def check_name(dataset, name, but=0):
    name = name.strip()
    if not 1 <= len(name) <= 120 or not name.isprintable():
        raise Refused("An importer needs a name of 1 to 120 characters.", "name")
    same = select(Importer.id).where(Importer.dataset_id == dataset.id, func.lower(Importer.name) == name.lower())
    if db.session.scalar(same.where(Importer.id != but)):
        raise Refused(f"There is an importer “{name}” into this dataset already.", "name")
    return name


def describe(importer, name, description, by):
    importer.name = check_name(importer.dataset, name, but=importer.id)
    importer.description = description
    note_change(importer, by, "name")


def note_change(importer, by, part):
    """Every change is in the audit; an importer that has lost its mapping is no longer enabled."""
    importer.enabled = importer.enabled and not missing(importer)
    importer.next_at = next_launch(importer)
    db.session.flush()
    audit.record("importer.change", importer, by, name=importer.name, part=part)


def set_query(importer, connection, query, look, by, attributes=""):
    """Take people from a connection by `query`, of which `look` are the first rows."""
    importer.connection_id, importer.connection, importer.query = connection.id, connection, query
    set_example(importer, {**opening.kept(look), "attributes": attributes}, by)


def set_file(importer, key, file_name, by):
    """The uploaded file that is read, or (of a file on the server or a posted body) one that looks like it."""
    key, dialect = bodies.example(key, file_name) if importer.source == "post" else (key, None)
    sources.forget(importer.storage)
    importer.storage, importer.file_name = key, file_name[:255]
    set_example(importer, (dialect or guess(sources.path(key))).as_dict(), by)


def set_path(importer, path, by):
    """Read a file of the server. What is there now is the example."""
    importer.path = path.strip()
    set_file(importer, sources.take(sources.on_server(importer.path)), importer.path, by)


def set_format(importer, format, by):
    set_example(importer, Dialect.of(format).as_dict(), by)


def set_example(importer, format, by):
    """What the source looks like. The mapping stays as far as its columns are still there, else it is guessed anew."""
    importer.format = format
    columns = opening.known(importer).columns
    kept = {name: column for name, column in importer.mapping.items() if column in columns}
    if "address" in kept:
        importer.mapping = kept
    else:
        rules.guess(importer)
    note_change(importer, by, "source")


def set_rules(importer, given, mode, options, by):
    rules.set_rules(importer, given, mode, options)
    note_change(importer, by, "rules")


def set_schedule(importer, rule, zone, notify, by):
    """When it is launched by itself, and who hears when a run fails or has to be looked at: users, or else managers."""
    if zone not in clock.zones():
        raise Refused("Choose a time zone from the list.", "zone")
    rule = repeats.checked(rule)
    if rule and importer.source == "post":
        raise Refused("Its people come in the body of a call: it cannot start by itself.", "every")
    importer.schedule, importer.zone = rule, zone
    importer.notify = ", ".join(user.email for user in users(importer, notify))
    note_change(importer, by, "schedule")


def users(importer, addresses):
    """The users of the importer's group with these addresses."""
    found = []
    for address in filter(None, (part.strip() for part in addresses.replace(";", ",").split(","))):
        user = db.session.scalar(select(User).where(
            User.email_key == address.lower(), User.group_id == importer.dataset.group_id))
        if not user:
            raise Refused(f"{address} is no user of this group.", "notify")
        found.append(user)
    return found


def missing(importer):
    """What an importer lacks to be complete, in a sentence; "" when it is."""
    if not importer.format:
        return "It does not know its source yet."
    if "address" not in importer.mapping:
        return "It does not know which column holds the addresses."
    return ""


def state(importer):
    """incomplete, enabled or disabled."""
    return "incomplete" if missing(importer) else "enabled" if importer.enabled else "disabled"


def enable(importer, by):
    if said := missing(importer):
        raise WrongState(f"This importer is incomplete. {said}")
    importer.enabled, importer.next_at = True, next_launch(importer, True)
    audit.record("importer.enable", importer, by, name=importer.name)


def disable(importer, by):
    importer.enabled, importer.next_at, importer.again = False, None, False
    audit.record("importer.disable", importer, by, name=importer.name)


def next_launch(importer, enabled=None):
    is_on = importer.enabled if enabled is None else enabled
    return repeats.next_time(importer.schedule, importer.zone, clock.now()) if is_on else None


def remove(importer, by):
    """Delete an importer. Its runs stay in the history of imports."""
    if active(importer):
        raise WrongState("This importer is running. Wait for its end or cancel the run.")
    sources.forget(importer.storage)
    db.session.execute(update(ImportRun).where(ImportRun.importer_id == importer.id).values(importer_id=None))
    audit.record("importer.remove", importer, by, name=importer.name)
    db.session.delete(importer)
    db.session.flush()


def active(importer):
    """The run that is going on, or None."""
    return db.session.scalar(select(ImportRun).where(
        ImportRun.importer_id == importer.id, ImportRun.state.in_(ACTIVE)).order_by(ImportRun.id.desc()).limit(1))
