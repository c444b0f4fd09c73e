"""Write-backs: what of our changes goes back into the database from which the people came, and by which statements."""

from sqlalchemy import delete, func, select

from maestro import audit
from maestro.exchange import connections
from maestro.extensions import count, db
from maestro.lib import clock
from maestro.lib.errors import Refused, WrongState
from maestro.lib.foreign import query
from maestro.models import CONFLICT_RULES, Change, Conflict, WriteBack
from maestro.warehouse import changes, fields

STATEMENTS = {                                     # name: what it does over there
    "join": "Somebody joined", "leave": "Somebody left", "address": "Somebody has a new address",
    "profile": "Somebody's profile changed",
}
CONFLICT = ("created_at", "address", "field", "before", "ours", "theirs", "winner")
FACTS = {"address", "old_address", "member_id", "dataset_id", "list_id", "seq", "changed_at", "cause"}


def create(connection, dataset, list, by):
    """A new write-back: it begins with what changes from now on, and is off until somebody turns it on."""
    if not connection.may_write:
        raise Refused("An administrator first allows this connection to write.", "connection")
    same = select(WriteBack.id).where(WriteBack.connection_id == connection.id, WriteBack.dataset_id == dataset.id,
                                      WriteBack.list_id == (list and list.id))
    if db.session.scalar(same):
        raise Refused("There is a write-back of these people into this connection already.", "target")
    writeback = WriteBack(
        connection_id=connection.id, connection=connection, dataset_id=dataset.id, dataset=dataset,
        list_id=list and list.id, list=list, user_id=getattr(by, "id", None), statements={}, counts={},
        cursor=db.session.scalar(changes.numbered(func.max)) or 0)
    db.session.add(writeback)
    db.session.flush()
    audit.record("writeback.create", writeback, by)
    return writeback


def waits(dataset, told):
    """Whether a write-back in use has still to carry one of these changes (a condition on Change) over there."""
    ahead = select(Change.id).where(told, Change.seq > WriteBack.cursor).exists()
    mine = select(WriteBack.id).where(WriteBack.enabled, WriteBack.dataset_id == dataset.id, ahead)
    return db.session.scalar(mine.limit(1)) is not None


def known(writeback):
    """The parameters that statements may name: facts of the change, and every field."""
    return FACTS | {field.name for field in fields.of(writeback.dataset, writeback.list)}


def set_statements(writeback, statements, rule, by):
    """Say what is done over there. `look` asks for the row as it is there: without it no conflict is seen."""
    if rule not in CONFLICT_RULES:
        raise Refused("Choose who wins.", "rule")
    found = {}
    for name in ("look", *STATEMENTS):
        text = (statements.get(name) or "").strip()
        if text:
            found[name] = checked(writeback, name, text)
    if rule == "newest" and "changed_at" not in found.get("look", ""):
        raise Refused("The newest can only win where the look has a column changed_at.", "rule")
    writeback.statements, writeback.rule, writeback.problem = found, rule, ""
    if not set(found) - {"look"}:
        writeback.enabled = False
    audit.record("writeback.change", writeback, by, part="statements")


def checked(writeback, name, text):
    try:
        if name == "look":
            strange = query.parameters(text) - known(writeback)
            if strange:
                raise Refused(f"There is no parameter :{sorted(strange)[0]}.")
            return query.check(text)
        return query.check_write(text, known(writeback))
    except Refused as refusal:
        raise Refused(refusal.sentence, name) from None


def enable(writeback, by):
    if not set(writeback.statements) - {"look"}:
        raise WrongState("Write at least one statement first.")
    if not writeback.connection.may_write:
        raise WrongState("This connection may no longer write.")
    writeback.enabled, writeback.problem, writeback.stopped_at = True, "", None
    audit.record("writeback.enable", writeback, by)


def disable(writeback, by):
    writeback.enabled = False
    audit.record("writeback.disable", writeback, by)


def skip(writeback, by):
    """Pass over the change at which it stands still."""
    entry = db.session.scalar(waiting(writeback).limit(1))
    if not writeback.problem or not entry:
        raise WrongState("This write-back does not stand still.")
    writeback.cursor, writeback.problem, writeback.stopped_at = entry.seq, "", None
    audit.record("writeback.skip", writeback, by, seq=entry.seq)


def remove(writeback, by):
    db.session.execute(delete(Conflict).where(Conflict.writeback_id == writeback.id))
    audit.record("writeback.remove", writeback, by)
    db.session.delete(writeback)
    db.session.flush()


def waiting(writeback):
    """The entries of the change log after the cursor, in order."""
    return select(Change).where(Change.seq > writeback.cursor, Change.dataset_id == writeback.dataset_id).order_by(
        Change.seq)


def count_waiting(writeback):
    return count(waiting(writeback))


def conflicts(writeback):
    """Its conflicts, latest first."""
    return select(Conflict).where(Conflict.writeback_id == writeback.id).order_by(Conflict.id.desc())


def told_conflicts(writeback):
    """The rows of a file of all its conflicts, as they are in CONFLICT, the oldest first."""
    last = 0
    mine = select(Conflict).where(Conflict.writeback_id == writeback.id).order_by(Conflict.id).limit(1000)
    while batch := db.session.scalars(mine.where(Conflict.id > last)).all():
        yield from ([getattr(found, name) for name in CONFLICT] for found in batch)
        last = batch[-1].id


def of_source(dataset_id, whereabouts):
    """The enabled write-backs of any people of a dataset into one database."""
    mine = db.session.scalars(select(WriteBack).where(WriteBack.enabled, WriteBack.dataset_id == dataset_id))
    return [found for found in mine if connections.whereabouts(found.connection) == whereabouts]


def stop(writeback, problem):
    """Stand still at a change; true when that is news."""
    is_news = writeback.problem != problem
    writeback.problem, writeback.stopped_at = problem, clock.now()
    return is_news
