"""The people of a dataset: as a table, and what is done with many of them at once."""

from flask import render_template, request
from flask_login import current_user

from maestro.admin import people_table, people_words
from maestro.admin.door import bp, find, go, may, needs
from maestro.extensions import db
from maestro.lib.errors import Refused
from maestro.lib.wording import plural
from maestro.models import Dataset, HostedList
from maestro.warehouse import counting, members, subscriptions, tables

MOST = 200                                         # chosen at once: as many as a page shows


@bp.get("/datasets/<int:dataset_id>", endpoint="dataset")
@needs("dataset.see")
def index(dataset_id):
    dataset = find(Dataset, dataset_id)
    table = people_table.of(dataset) if may("person.see") else None
    return render_template("admin/people/index.html", dataset=dataset, table=table, states=people_words.STATES,
                           counts=table.page.counts if table else counting.counts(dataset))


@bp.post("/datasets/<int:dataset_id>/people/remove")
@needs("person.edit")
def people_remove(dataset_id):
    """Take the chosen people off a list or out of the dataset; asks first, with the numbers."""
    dataset, list = find(Dataset, dataset_id), chosen_list(dataset_id)
    rows = chosen(dataset)
    if not request.form.get("sure"):
        return render_template("admin/people/remove.html", dataset=dataset, list=list, rows=rows,
                               taken=subscriptions.count(dataset, [row["id"] for row in rows]))
    for row in rows:
        if list:
            subscriptions.leave(list, row, current_user)
        else:
            members.remove(dataset, row, current_user)
    gone = plural(len(rows), "person is", "people are")
    if list:
        return go(".list", f"{gone} off “{list.name}”.", list_id=list.id)
    return go(".dataset", f"{gone} out of “{dataset.name}”.", dataset_id=dataset_id)


def chosen_list(dataset_id):
    """The list that the form names, if it names one; only one of this dataset will do."""
    number = request.form.get("list", type=int)
    list = find(HostedList, number) if number else None
    if list and list.dataset_id != dataset_id:
        raise Refused("This list belongs to another dataset.")
    return list


def chosen(dataset):
    """The rows of the ticked people who are still there."""
    people = tables.table(dataset)
    ids = request.form.getlist("ids", type=int)[:MOST]
    found = people.select().where(people.c.id.in_(ids)).order_by(people.c.address_key)
    rows = db.session.execute(found).mappings().all()
    if not rows:
        raise Refused("Nobody is chosen. Tick the people first.")
    return rows
