"""Folders of lists: made, renamed, laid into each other."""

from flask import render_template
from flask_login import current_user
from flask_wtf import FlaskForm
from wtforms import SelectField, StringField
from wtforms.validators import InputRequired, Length

from maestro.admin.door import bp, find, go, needs, refusals
from maestro.lib import whole
from maestro.models import Dataset, ListFolder
from maestro.warehouse import folders


class FolderForm(FlaskForm):
    name = StringField("Name", [InputRequired("Give the folder a name."), Length(max=120)],
                       description="Subscribers may see it.")
    description = StringField("Description", [Length(max=500)], description="For you and your colleagues.")
    parent = SelectField("Inside of", validate_choice=False)


def form_of(dataset, folder=None):
    form = FolderForm(obj=folder, parent=str(folder.parent_id or "") if folder else "")
    others = [(other, path) for other, path in folders.of(dataset) if other != folder]
    form.parent.choices = {"": "No folder"} | {str(other.id): path for other, path in others}
    return form


def parent(form):
    number = whole.number(form.parent.data)
    return find(ListFolder, number) if number is not None else None


@bp.route("/datasets/<int:dataset_id>/folders", methods=["GET", "POST"], endpoint="folders")
@needs("dataset.edit")
def index(dataset_id):
    dataset = find(Dataset, dataset_id)
    form = form_of(dataset)
    if form.validate_on_submit():
        with refusals(form):
            folders.create(dataset, form.name.data, current_user, parent(form), form.description.data or "")
            return go(".folders", "The folder is there. Lists are put into it on their settings page.",
                      dataset_id=dataset_id)
    return render_template("admin/folders/index.html", dataset=dataset, form=form, rows=folders.of(dataset)), (
        422 if form.errors else 200)


@bp.route("/folders/<int:folder_id>", methods=["GET", "POST"])
@needs("dataset.edit")
def folder(folder_id):
    found = find(ListFolder, folder_id)
    dataset = find(Dataset, found.dataset_id)
    form = form_of(dataset, found)
    if form.validate_on_submit():
        with refusals(form):
            folders.change(found, form.name.data, current_user, parent(form), form.description.data or "")
            return go(".folders", "Saved.", dataset_id=dataset.id)
    return render_template("admin/folders/folder.html", dataset=dataset, form=form, folder=found), (
        422 if form.errors else 200)


@bp.post("/folders/<int:folder_id>/remove")
@needs("dataset.edit")
def folder_remove(folder_id):
    found = find(ListFolder, folder_id)
    folders.remove(found, current_user)
    said = f"The folder “{found.name}” is gone. What was in it lies one up."
    return go(".folders", said, dataset_id=found.dataset_id)
