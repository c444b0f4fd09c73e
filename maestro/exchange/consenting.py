"""Consents that come with an import: logged and proved like any other, with the wording of the time."""

from sqlalchemy import and_, func, insert, literal, or_, select

from maestro.exchange.expressions import has_key
from maestro.exchange.staging import INSERT, REVIVE
from maestro.models import Consent, ConsentText

HOW = "import"


def prove(piece):
    """Write what the slice's people agree to by it and did not before."""
    for field in piece.staging.fields:
        if field.consent:
            where = and_(piece.inside, piece.plan[field.name].is_(True), is_new(piece, field))
            piece.log("CON", "L" if field.list_id else "D", where)
            keep(piece, field, where)


def is_new(piece, field):
    """Who comes in by this row, or whose field changes by it."""
    op, told = (piece.plan._place, piece.plan._own) if field.list_id else (piece.plan._person, piece.plan._shared)
    return or_(op.in_([INSERT, REVIVE]), and_(told.is_not(None), has_key(told, field.name)))


def keep(piece, field, where):
    text = piece.connection.scalar(select(func.max(ConsentText.id)).where(ConsentText.field_id == field.id))
    columns = {
        Consent.created_at: literal(piece.now, Consent.created_at.type),
        Consent.dataset_id: literal(piece.run.dataset_id),
        Consent.list_id: literal(field.list_id), Consent.member_id: piece.plan._member, Consent.given: literal(True),
        Consent.how: literal(HOW), Consent.text_id: literal(text)}
    rows = select(*columns.values()).where(where)
    piece.execute(insert(Consent).from_select([column.key for column in columns], rows, include_defaults=False))
