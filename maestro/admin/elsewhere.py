"""Other groups' datasets, which a site administrator may look at to find numbers; the audit tells of each look."""

from flask import render_template
from flask_login import current_user

from maestro.admin import people_words
from maestro.admin.door import bp, find, needs, visible
from maestro.extensions import db
from maestro.models import Dataset
from maestro.warehouse import counting


def of_others():
    """The datasets of other groups, whose numbers a site administrator can look up here."""
    others = visible(Dataset, elsewhere=True).where(Dataset.group_id != current_user.group_id)
    return sorted(db.session.scalars(others), key=lambda dataset: (dataset.group.name.lower(), dataset.name.lower()))


@bp.get("/datasets/<int:dataset_id>/elsewhere")
@needs("group.manage")
def dataset_elsewhere(dataset_id):
    """Another group's dataset: numbers, lists and fields to look up, no people, and nothing to change."""
    dataset = find(Dataset, dataset_id, elsewhere=True)
    return render_template("admin/datasets/elsewhere.html", dataset=dataset, words=people_words,
                           counts=counting.counts(dataset),
                           rows=[(list, counting.counts(dataset, list)) for list in dataset.lists],
                           lists={list.id: list.name for list in dataset.lists})
