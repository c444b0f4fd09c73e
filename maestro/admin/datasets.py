"""Datasets: the list of them, new ones, their names, their end."""

from flask import render_template
from flask_login import current_user
from sqlalchemy import func, select

from maestro.admin import elsewhere, trigger_block
from maestro.admin.door import bp, find, go, needs, refusals, visible
from maestro.admin.forms.audience import DatasetForm, DatasetSettingsForm
from maestro.exchange import clearing
from maestro.extensions import db
from maestro.models import Dataset, ImportRun
from maestro.warehouse import datasets, downloads, keys


@bp.get("/datasets", endpoint="datasets")
@needs("dataset.see")
def index():
    found = db.session.scalars(visible(Dataset).order_by(Dataset.name)).all()
    return render_template("admin/datasets/index.html", rows=[(dataset, datasets.count(dataset)) for dataset in found],
                           imports=last_imports(found), elsewhere=elsewhere.of_others())


def last_imports(found):
    """When people were last imported, by the dataset's number."""
    ended = select(ImportRun.dataset_id, func.max(ImportRun.ended_at)).group_by(ImportRun.dataset_id)
    mine = ended.where(ImportRun.state == "done", ImportRun.dataset_id.in_([dataset.id for dataset in found]))
    return dict(db.session.execute(mine).all())


@bp.route("/datasets/new", methods=["GET", "POST"])
@needs("dataset.edit")
def dataset_new():
    form = DatasetForm()
    if form.validate_on_submit():
        with refusals(form):
            dataset = datasets.create(current_user.group, form.name.data, current_user, form.description.data)
            return go(".dataset", "The dataset is there. Add fields and a list next.", dataset_id=dataset.id)
    return render_template("admin/datasets/new.html", form=form), 422 if form.errors else 200


@bp.route("/datasets/<int:dataset_id>/settings", methods=["GET", "POST"])
@needs("dataset.edit")
def dataset_settings(dataset_id):
    dataset = find(Dataset, dataset_id)
    form = DatasetSettingsForm(data={
        "name": dataset.name, "description": dataset.description, "key_field": dataset.key_field or "",
        "name_pattern": dataset.name_pattern})
    form.key_field.choices = {"": "None"} | {field.name: field.label for field in keys.candidates(dataset)}
    if form.validate_on_submit():
        with refusals(form):
            datasets.rename(dataset, form.name.data, form.description.data, current_user)
            datasets.call(dataset, form.name_pattern.data or "", current_user)
            keys.choose(dataset, form.key_field.data or "", current_user)
            return go(".dataset", "Saved.", dataset_id=dataset_id)
    return render_template("admin/datasets/settings.html", form=form, dataset=dataset, people=datasets.count(dataset),
                           trigger=trigger_block.of("export", downloads.find(dataset))), 422 if form.errors else 200


@bp.post("/datasets/<int:dataset_id>/remove")
@needs("dataset.edit")
def dataset_remove(dataset_id):
    dataset = find(Dataset, dataset_id)
    datasets.check_unused(dataset)
    clearing.clear(dataset)
    datasets.remove(dataset, current_user)
    return go(".datasets", f"The dataset “{dataset.name}” is gone.")
