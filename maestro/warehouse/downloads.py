"""The exporters that every dataset and every list has from its beginning, with nothing to set up."""

from sqlalchemy import select

from maestro.extensions import db
from maestro.models import Exporter

NAMES = {("people", False): "All members", ("people", True): "All subscribers", ("changes", False): "Change log"}


def offer(dataset, list=None):
    """Make them: all members and the change log of a dataset, or all subscribers of a list."""
    for kind in ("people",) if list else ("people", "changes"):
        db.session.add(Exporter(
            dataset_id=dataset.id, list_id=list and list.id, kind=kind, standard=True, name=NAMES[kind, bool(list)],
            columns=[], format="csv" if kind == "people" else "text"))
    db.session.flush()


def find(dataset, list=None, kind="people"):
    return db.session.scalar(select(Exporter).where(
        Exporter.dataset_id == dataset.id, Exporter.list_id == (list and list.id), Exporter.kind == kind,
        Exporter.standard.is_(True)))
