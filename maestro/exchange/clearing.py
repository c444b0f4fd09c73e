"""What goes with a list or dataset that is deleted: its importers, its write-backs, and the history of its imports."""

from sqlalchemy import delete, select

from maestro.exchange import sources
from maestro.exchange.holding import ACTIVE
from maestro.exchange.staging import Staging
from maestro.extensions import db
from maestro.lib.errors import WrongState
from maestro.models import Conflict, Importer, ImportRun, WriteBack


def clear(dataset, list=None):
    """Take away everything that brings people into a dataset, or into one list of it. Refused while an import runs."""
    runs = found(ImportRun, dataset, list)
    if any(run.state in ACTIVE for run in runs):
        raise WrongState("An import is running. Wait for its end or cancel it.")
    db.session.flush()
    for run in runs:
        if run.storage:
            Staging(run).drop()
            sources.forget(run.storage)
        db.session.delete(run)
    for importer in found(Importer, dataset, list):
        sources.forget(importer.storage)
        db.session.delete(importer)
    for writeback in found(WriteBack, dataset, list):
        db.session.execute(delete(Conflict).where(Conflict.writeback_id == writeback.id))
        db.session.delete(writeback)
    db.session.flush()


def found(model, dataset, list):
    mine = model.list_id == list.id if list else model.dataset_id == dataset.id
    return db.session.scalars(select(model).where(mine)).all()
