"""Everything that happened to one person: the change log of one, and the consents with what they were given to."""

from flask import g, render_template

from maestro.admin import people_words
from maestro.admin.door import bp, find, needs
from maestro.extensions import count
from maestro.lib import web
from maestro.models import Dataset
from maestro.warehouse import changes, consents, members

SIZE = 100


@bp.get("/datasets/<int:dataset_id>/people/<int:member_id>/history")
@needs("changes.see")
def person_history(dataset_id, member_id):
    dataset = find(Dataset, dataset_id)
    row = members.get(dataset, member_id)
    paging = web.paging(count(changes.of_person(dataset_id, member_id)), SIZE)
    found = changes.history(dataset_id, member_id, paging.limit, paging.offset)
    return render_template(
        "admin/people/history.html", dataset=dataset, row=row, words=people_words, paging=paging,
        history=[(entry, changes.fields(entry)["changes"]) for entry in found],
        lines=[changes.line(entry, g.zone) for entry in found], proofs=consents.of(dataset, member_id),
        lists={list.id: list.name for list in dataset.lists})
