"""What would miss a field if it went."""

import re

from sqlalchemy import func, or_, select

from maestro.extensions import db
from maestro.lib.errors import Refused, WrongState
from maestro.lib.foreign import query
from maestro.lib.wording import plural
from maestro.models import Dataset, Exporter, Importer, ImportRun, MailJob, TargetGroup, WriteBack
from maestro.warehouse import formulas, questions, tables

OVER = ("done", "closed_failed")                   # jobs in these phases need their fields no more
ENDED = ("done", "failed", "cancelled", "undone")            # and imports in these states


def of(dataset, field):
    """Sentences about who has a value, which unfinished jobs name the field, and which imports and exports use it."""
    found = []
    if people := with_value(dataset, field):
        found.append(f"{plural(people, 'person has', 'people have')} a value in it. The values are lost.")
    for job in jobs(dataset, field):
        found.append(f"The job “{job.title}” ({job.code}) names it.")
    if runs := imports(dataset, field):
        found.append(f"{plural(runs, 'unfinished import fills', 'unfinished imports fill')} it.")
    found += [f"The importer “{importer.name}” fills it." for importer in importers(dataset, field)]
    found += [f"The exporter “{exporter.name}” names it." for exporter in exporters(dataset, field)]
    return found


def refuse_at_work(dataset_id):
    """Refuse to touch the fields of a dataset while a worker is changing one for everybody."""
    dataset = db.session.get(Dataset, dataset_id)
    if dataset.work_at:
        label = dataset.work["label"]
        raise WrongState(f"“{label}” is being changed for everybody at this moment. Wait until that is done.")


def is_key(field):
    """Whether it is the unique key of its dataset."""
    return db.session.get(Dataset, field.dataset_id).key_field == field.name


def refuse_needed(dataset, field):
    """Refuse to let a field go, or become of another type, while the dataset itself is built on it."""
    if is_key(field):
        raise Refused("This field is the key of its dataset. Choose another key first.")
    for other in dataset.fields:
        if other.formula and field.name in formulas.names(other.formula):
            raise Refused(f"“{other.label}” is computed from this field. Delete or change that first.")
        if other.parent == field.name:
            raise Refused(f"The menu of “{other.label}” depends on this field. Change that first.")
    for target in targets(dataset, field):
        raise Refused(f"The {'segment' if target.segment else 'target group'} “{target.name}” asks about this field. "
                      "Change that first.")


def refuse_written_back(dataset, field):
    """Refuse to let a field go whose values are written into another database."""
    for writeback in db.session.scalars(select(WriteBack).where(WriteBack.dataset_id == dataset.id)):
        if any(field.name in query.parameters(statement) for statement in writeback.statements.values()):
            name = (writeback.list or dataset).name
            raise Refused(f"The write-back of “{name}” to “{writeback.connection.name}” writes this field. Change its "
                          "statements first.")


def forget(dataset, field):
    """What is kept about the field, of which nothing must come back with another field of its name."""
    for importer in importers(dataset, field):
        change = {name: steps for name, steps in importer.options.get("change", {}).items() if name != field.name}
        importer.mapping = {name: column for name, column in importer.mapping.items() if name != field.name}
        importer.options = {**importer.options, "change": change}
    for exporter in exporters(dataset, field):     # without any column left it would say everything
        exporter.columns = [name for name in exporter.columns if name != field.name] or ["address"]


def targets(dataset, field):
    """The target groups and segments whose conditions name the field."""
    found = db.session.scalars(select(TargetGroup).where(TargetGroup.dataset_id == dataset.id).order_by(TargetGroup.id))
    return [target for target in found if field.name in questions.names(target.condition)]


def with_value(dataset, field):
    people = tables.table(dataset)
    return db.session.scalar(select(func.count(people.c[field.name])))


def jobs(dataset, field):
    """The jobs to this dataset that are not over and in whose content the field's name stands after { or &."""
    texts = (MailJob.subject, MailJob.html, MailJob.text)
    mine = select(MailJob).where(MailJob.dataset_id == dataset.id, MailJob.phase.not_in(OVER),
                                 or_(*(text.icontains(field.name, autoescape=True) for text in texts)))
    named = re.compile(rf"[{{&]\s*{field.name}\b", re.IGNORECASE)
    return [job for job in db.session.scalars(mine.order_by(MailJob.id))
            if any(named.search(text) for text in (job.subject, job.html, job.text))]


def imports(dataset, field):
    """How many imports that are not over fill the field."""
    runs = db.session.scalars(select(ImportRun.mapping).where(
        ImportRun.dataset_id == dataset.id, ImportRun.state.not_in(ENDED)))
    return sum(field.name in mapping for mapping in runs)


def importers(dataset, field):
    """The saved importers that fill the field, from a column or with one value for all."""
    found = db.session.scalars(select(Importer).where(Importer.dataset_id == dataset.id).order_by(Importer.id))
    return [importer for importer in found
            if field.name in importer.mapping or field.name in importer.options.get("change", {})]


def exporters(dataset, field):
    found = db.session.scalars(select(Exporter).where(Exporter.dataset_id == dataset.id).order_by(Exporter.id))
    return [exporter for exporter in found if field.name in exporter.columns]
