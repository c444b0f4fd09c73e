"""Hosted lists: the lists of a dataset, the page of one, its settings and its end."""

from flask import render_template
from flask_login import current_user

from maestro.admin import people_table, people_words, trigger_block
from maestro.admin.door import bp, find, go, may, needs, refusals
from maestro.admin.forms.audience import ListForm
from maestro.exchange import clearing
from maestro.lib import whole
from maestro.models import Dataset, HostedList, ListFolder
from maestro.warehouse import counting, downloads, folders, lists, targets


@bp.get("/datasets/<int:dataset_id>/lists", endpoint="lists")
@needs("dataset.see")
def index(dataset_id):
    dataset = find(Dataset, dataset_id)
    places = {folder.id: path for folder, path in folders.of(dataset)}
    return render_template("admin/lists/index.html", dataset=dataset, tracking=people_words.TRACKING, paths=places,
                           rows=[(list, counting.counts(dataset, list)) for list in in_order(dataset, places)])


def in_order(dataset, places):
    """By folder, then by name; those in no folder first."""
    return sorted(dataset.lists, key=lambda list: (places.get(list.folder_id, "").lower(), list.name.lower()))


@bp.route("/datasets/<int:dataset_id>/lists/new", methods=["GET", "POST"])
@needs("dataset.edit")
def list_new(dataset_id):
    dataset = find(Dataset, dataset_id)
    form = ListForm()
    form.folder.choices = folder_choices(dataset)
    if form.validate_on_submit():
        with refusals(form):
            list = lists.create(dataset, form.name.data, current_user, form.description.data)
            lists.change(list, list.name, list.description, form.tracking.data, current_user, **public(form))
            lists.arrange(list, current_user, chosen_folder(form), form.protected.data)
            return go(".list", "The list is there. Add people or import them next.", list_id=list.id)
    return render_template("admin/lists/new.html", form=form, dataset=dataset), 422 if form.errors else 200


def public(form):
    return {name: form[name].data for name in lists.PUBLIC}


@bp.get("/lists/<int:list_id>", endpoint="list")
@needs("dataset.see")
def show(list_id):
    list = find(HostedList, list_id)
    table = people_table.of(list.dataset, list) if may("person.see") else None
    return render_template("admin/lists/list.html", list=list, dataset=list.dataset, table=table,
                           segments=targets.of(list.dataset, list),
                           counts=table.page.counts if table else counting.counts(list.dataset, list),
                           states=people_words.STATES, tracking=people_words.TRACKING)


@bp.route("/lists/<int:list_id>/settings", methods=["GET", "POST"])
@needs("dataset.edit")
def list_settings(list_id):
    list = find(HostedList, list_id)
    form = ListForm(obj=list, folder=str(list.folder_id or ""))
    form.folder.choices = folder_choices(list.dataset)
    if form.validate_on_submit():
        with refusals(form):
            lists.change(list, form.name.data, form.description.data, form.tracking.data, current_user, **public(form))
            lists.arrange(list, current_user, chosen_folder(form), form.protected.data)
            return go(".list", "Saved.", list_id=list_id)
    return render_template("admin/lists/settings.html", form=form, list=list, dataset=list.dataset,
                           trigger=trigger_block.of("export", downloads.find(list.dataset, list)),
                           counts=lists.counts(list)), 422 if form.errors else 200


def folder_choices(dataset):
    return {"": "No folder"} | {str(folder.id): path for folder, path in folders.of(dataset)}


def chosen_folder(form):
    number = whole.number(form.folder.data)
    return find(ListFolder, number) if number is not None else None


@bp.post("/lists/<int:list_id>/remove")
@needs("dataset.edit")
def list_remove(list_id):
    list = find(HostedList, list_id)
    lists.check_unused(list)
    clearing.clear(list.dataset, list)
    lists.remove(list, current_user)
    return go(".lists", f"The list “{list.name}” is gone.", dataset_id=list.dataset_id)
