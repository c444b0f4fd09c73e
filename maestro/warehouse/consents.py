"""Proof of consent: who agreed to which wording, when and how; and the wordings, kept for good."""

from sqlalchemy import func, insert, select, update

from maestro import audit
from maestro.extensions import db
from maestro.lib import clock
from maestro.lib.errors import Refused
from maestro.models import Consent, ConsentText, Dataset
from maestro.warehouse import changes, fields, tables

LONGEST = 20_000                                   # characters of a wording


def create(dataset, label, text, held, by, list=None, name=None, help=""):
    """Add a consent field with its wording. `held`: you have the consent of those who are in already.

    With False they have "no", which nobody else ever has, and can be asked.
    """
    check_text(text)
    field = fields.create(dataset, label, "yesno", by, list=list, required=True, name=name, help=help, consent=True)
    word(field, text, by)
    people = tables.table(dataset)
    db.session.execute(update(people).where(people.c.state != "left").values({field.name: bool(held)}))
    return field


def check_text(text):
    if not 1 <= len(text.strip()) <= LONGEST:
        raise Refused(f"The wording that people agree to has 1 to {LONGEST:,} characters.", "text")
    return text.strip()


def word(field, text, by):
    """Let a field have this wording from now on; earlier ones stay on record."""
    if check_text(text) != wording(field):
        write_down(field.dataset_id, field.id, text.strip())
        audit.record("consent.word", field, by, name=field.name)


def in_turn(dataset_id):
    """Let wordings of a dataset be written down one after the other, until the transaction ends."""
    db.session.execute(select(Dataset.id).where(Dataset.id == dataset_id).with_for_update(key_share=True))


def write_down(dataset_id, field_id, text, language=""):
    """Keep a new wording of a consent field or (0) of the subscriber site; returns its row."""
    in_turn(dataset_id)
    last = db.session.scalar(select(func.max(ConsentText.version)).where(ConsentText.dataset_id == dataset_id))
    kept = ConsentText(dataset_id=dataset_id, field_id=field_id, version=(last or 0) + 1, language=language, text=text)
    db.session.add(kept)
    db.session.flush()
    return kept


def wording(field):
    """The text that stands beside a consent field now, "" when there is none."""
    found = current(field)
    return found.text if found else ""


def current(field):
    return db.session.scalar(latest(field).limit(1))


def latest(field):
    return select(ConsentText).where(ConsentText.field_id == field.id).order_by(ConsentText.id.desc())


def texts(field):
    """All wordings of a field, the present one first."""
    return db.session.scalars(latest(field)).all()


def note(dataset, row, values, cause, by, how, ip=None, before=None, list_id=None, agreed=None):
    """Log and prove the consents among `values` that `before` did not have: the shared ones, or those of one list.

    `agreed`: the number of the ConsentText that was shown, by field; else it is the present one.
    """
    for field in dataset.fields:
        given = field.consent and field.list_id == list_id and values.get(field.name)
        if given and not (before and before[field.name]):
            changes.record("CON", "L" if list_id else "D", dataset.id, list_id, row, cause, by, ip=ip)
            shown = db.session.get(ConsentText, agreed[field.name]) if field.name in (agreed or {}) else current(field)
            prove(dataset.id, list_id, row, True, how, ip, shown)


def agreed(dataset, values):
    """The numbers of the wordings to which `values` agree now, by field."""
    return {field.name: current(field).id for field in dataset.fields if field.consent and values.get(field.name)}


def prove(dataset_id, list_id, row, given, how, ip, text=None, **form):
    """Keep the proof of one consent. `text`: the ConsentText that was shown; `form`: its path and when it was sent."""
    db.session.execute(insert(Consent).values(
        created_at=clock.now(), dataset_id=dataset_id, list_id=list_id, member_id=row["id"], given=given, how=how,
        ip=ip, text_id=text and text.id, **form))


def of(dataset, member_id):
    """The proofs about one person with the wordings, latest first: (Consent, text or None)."""
    mine = select(Consent, ConsentText.text).outerjoin(ConsentText, ConsentText.id == Consent.text_id)
    mine = mine.where(Consent.dataset_id == dataset.id, Consent.member_id == member_id)
    return db.session.execute(mine.order_by(Consent.id.desc())).all()


def without(dataset, field):
    """How many people a consent field has "no" for."""
    people = tables.table(dataset)
    return db.session.scalar(select(func.count()).where(people.c[field.name].is_(False)))
