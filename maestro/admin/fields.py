"""Profile fields: the table of them, new ones, changes, and removal with what it would take along."""

from flask import render_template, request
from flask_login import current_user

from maestro.admin import people_words
from maestro.admin.door import bp, find, go, needs, refusals
from maestro.admin.forms.audience import FieldChangeForm, FieldForm
from maestro.lib.errors import Refused
from maestro.models import Dataset, Field, HostedList
from maestro.warehouse import fields, uses


@bp.get("/datasets/<int:dataset_id>/fields", endpoint="fields")
@needs("dataset.see")
def index(dataset_id):
    dataset = find(Dataset, dataset_id)
    return render_template("admin/fields/index.html", dataset=dataset, words=people_words,
                           lists={list.id: list.name for list in dataset.lists})


@bp.route("/datasets/<int:dataset_id>/fields/new", methods=["GET", "POST"])
@needs("dataset.edit")
def field_new(dataset_id):
    dataset, form = find(Dataset, dataset_id), FieldForm()
    list = owner(dataset_id)
    if form.validate_on_submit():
        with refusals(form):
            field = fields.create(
                dataset, form.label.data, form.type.data, current_user, list, lines(form.choices), form.required.data,
                form.name.data.strip() or None, form.shown.data, form.help.data)
            said = f"The field “{field.label}” is there. In mails it is called {field.name}."
            return go(".fields", said, dataset_id=dataset_id)
    return render_template("admin/fields/new.html", form=form, dataset=dataset, list=list), 422 if form.errors else 200


def lines(field):
    return (field.data or "").splitlines()


def owner(dataset_id):
    """The list for which a field is made, if the address names one."""
    number = request.args.get("list", type=int)
    list = find(HostedList, number) if number else None
    if list and list.dataset_id != dataset_id:
        raise Refused("This list belongs to another dataset.")
    return list


@bp.route("/fields/<int:field_id>", methods=["GET", "POST"])
@needs("dataset.edit")
def field(field_id):
    found = find(Field, field_id)
    dataset = find(Dataset, found.dataset_id)
    form = FieldChangeForm(data={name: getattr(found, name) for name in ("label", "required", "shown", "help")}
                           | {"choices": "\n".join(found.choices)})
    if form.validate_on_submit():
        with refusals(form):
            fields.change(found, current_user, form.label.data, form.required.data, lines(form.choices),
                          form.shown.data, form.help.data)
            return go(".fields", "Saved.", dataset_id=dataset.id)
    list = find(HostedList, found.list_id) if found.list_id else None
    return render_template("admin/fields/field.html", form=form, field=found, dataset=dataset, list=list,
                           words=people_words, uses=uses.of(dataset, found)), 422 if form.errors else 200


@bp.post("/fields/<int:field_id>/remove")
@needs("dataset.edit")
def field_remove(field_id):
    found = find(Field, field_id)
    dataset = find(Dataset, found.dataset_id)
    fields.remove(dataset, found, current_user)
    return go(".fields", f"The field “{found.label}” is gone with all its values.", dataset_id=dataset.id)
