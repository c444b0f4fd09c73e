"""The unique key field of a dataset, such as a customer number: nobody shares its value with somebody else."""

from sqlalchemy import Index, MetaData, func, select
from sqlalchemy.sql.ddl import CreateIndex, DropIndex

from maestro import audit
from maestro.extensions import db
from maestro.lib.errors import Refused
from maestro.lib.tongues import gettext as _
from maestro.lib.wording import plural
from maestro.warehouse import fields, rules, tables

TYPES = ("text", "number")


def choose(dataset, name, by):
    """Make the shared field `name` the key of its dataset; "" for none. Refused while two people share a value."""
    if name == (dataset.key_field or ""):
        return
    field = next((field for field in candidates(dataset) if field.name == name), None)
    if name and not field:
        raise Refused("The key is a shared text or number field that is not computed.", "key_field")
    if name and (doubled := doubles(dataset, name)):
        raise Refused(f"{plural(len(doubled), 'value belongs', 'values belong')} to more than one person, such as "
                      f"“{fields.show(field, doubled[0])}”. Make them different first.", "key_field")
    if dataset.key_field:
        db.session.execute(DropIndex(index(dataset, dataset.key_field)))
    if name:
        bound(dataset, field)
        db.session.execute(CreateIndex(index(dataset, name)))
    dataset.key_field = name or None
    audit.record("dataset.change", dataset, by, name=dataset.name)


def bound(dataset, field):
    """Bound the length of its texts, which an index has to hold; refused while somebody has a longer one."""
    if field.type != "text":
        return
    value = tables.table(dataset).c[field.name]
    if long := db.session.scalar(select(func.count()).where(func.length(value) > rules.LONGEST_KEY)):
        raise Refused(f"{plural(long, 'person has', 'people have')} a value of more than {rules.LONGEST_KEY} "
                      "characters in this field, which is too long for a key. Shorten it first.", "key_field")
    field.rules = field.rules | {"longest": min(field.rules.get("longest", rules.LONGEST_KEY), rules.LONGEST_KEY)}


def candidates(dataset):
    return [field for field in fields.writable(dataset) if field.type in TYPES]


def index(dataset, name):
    """The index that keeps values apart; to be used and thrown away."""
    people = tables.table(dataset)
    copy = people.to_metadata(MetaData(schema=people.schema))
    return Index(f"uq_{copy.name}_key", copy.c[name], unique=True)


def doubles(dataset, name):
    """Values that several people have."""
    value = tables.table(dataset).c[name]
    return db.session.scalars(select(value).where(value.is_not(None)).group_by(value).having(func.count() > 1)).all()


def refuse_taken(dataset, values, member_id=None):
    """Refuse a value of the key that somebody else has."""
    value = values.get(dataset.key_field) if dataset.key_field else None
    if value is None:
        return
    people = tables.table(dataset)
    other = select(people.c.id).where(people.c[dataset.key_field] == value, people.c.id != (member_id or 0))
    if db.session.scalar(other.limit(1)):
        label = next(field.label for field in dataset.fields if field.name == dataset.key_field)
        raise Refused(_("%(field)s: somebody else has this value.", field=label), dataset.key_field)
