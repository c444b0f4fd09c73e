"""Profile fields: the table of them, new ones, changes, and removal with what it would take along."""

from flask import render_template, request
from flask_login import current_user

from maestro.admin import people_words
from maestro.admin.door import bp, find, go, needs, refusals, visible
from maestro.admin.forms.fields import OWN, ChoiceForm, DerivedForm, FieldForm, change_form, lines, sources, wanted
from maestro.extensions import db
from maestro.lib.errors import Refused
from maestro.models import Dataset, Field, HostedList, LookupTable
from maestro.warehouse import consents, derived, fields, fieldwork, menus, uses


@bp.get("/datasets/<int:dataset_id>/fields", endpoint="fields")
@needs("dataset.see")
def index(dataset_id):
    dataset = find(Dataset, dataset_id)
    page = "_work" if request.args.get("part") == "work" else "index"
    return render_template(f"admin/fields/{page}.html", dataset=dataset, words=people_words,
                           lists={list.id: list.name for list in dataset.lists})


@bp.route("/datasets/<int:dataset_id>/fields/new", methods=["GET", "POST"])
@needs("dataset.edit")
def field_new(dataset_id):
    dataset, form = find(Dataset, dataset_id), FieldForm()
    list = owner(dataset_id)
    form.table.choices = sources(lookup_tables())
    if form.validate_on_submit():
        with refusals(form):
            field = made(dataset, list, form)
            said = f"The field “{field.label}” is there. In mails it is called {field.name}."
            return go(".field", said, field_id=field.id)
    return render_template("admin/fields/new.html", form=form, dataset=dataset, list=list), 422 if form.errors else 200


def made(dataset, list, form):
    name = (form.name.data or "").strip() or None
    if form.type.data == "consent":
        return consents.create(dataset, form.label.data, form.text.data or "", form.held.data == "yes", current_user,
                               list, name, form.help.data)
    table = chosen_table(form) if form.type.data in ("choice", "choices") else None
    choices = menus.offered(table) if table else lines(form.choices)
    field = fields.create(dataset, form.label.data, form.type.data, current_user, list, choices,
                          form.required.data, name, form.shown.data, form.help.data)
    if table:
        menus.attach(field, table, current_user)
    return field


def lookup_tables():
    return db.session.scalars(visible(LookupTable).order_by(LookupTable.name)).all()


def chosen_table(form):
    return find(LookupTable, int(form.table.data)) if form.table.data != OWN else None


@bp.route("/datasets/<int:dataset_id>/fields/derived", methods=["GET", "POST"])
@needs("dataset.edit")
def field_derived(dataset_id):
    """A new field whose values follow from others; the formula can be tried out first."""
    dataset, form = find(Dataset, dataset_id), DerivedForm()
    list, tried = owner(dataset_id), None
    if form.validate_on_submit():
        with refusals(form):
            if "try" in request.form:
                tried = derived.tried(dataset, form.formula.data, list)
            else:
                slow = fieldwork.is_slow(dataset)
                make = fieldwork.derive if slow else derived.create
                make(dataset, form.label.data, form.formula.data, current_user, list,
                     (form.name.data or "").strip() or None, form.help.data)
                said = None if slow else f"The field “{form.label.data}” is there and filled."
                return go(".fields", said, dataset_id=dataset_id)
    return render_template("admin/fields/derived.html", form=form, dataset=dataset, list=list, tried=tried,
                           told=people_words.told), 422 if form.errors else 200


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
    list = find(HostedList, found.list_id) if found.list_id else None
    form = change_form(found, dataset, lookup_tables(), consents.wording(found) if found.consent else "")
    if form.validate_on_submit():
        with refusals(form):
            change(dataset, found, list, form)
            return go(".fields", "Saved.", dataset_id=dataset.id)
    return render_template("admin/fields/field.html", form=form, field=found, dataset=dataset, list=list,
                           words=people_words, uses=uses.of(dataset, found)), 422 if form.errors else 200


def change(dataset, field, list, form):
    """Do what the form of the field's kind says."""
    label, help = form.label.data, form.help.data
    if field.consent or field.formula:
        fields.change(field, current_user, label, field.required, field.choices, field.shown, help)
        if field.consent:
            consents.word(field, form.text.data or "", current_user)
        else:
            change = fieldwork.rederive if fieldwork.is_slow(dataset) else derived.change
            if form.formula.data.strip() != field.formula:
                change(dataset, field, form.formula.data, current_user, list)
        return
    choices = field.choices if field.lookup_id else lines(form.choices) if isinstance(form, ChoiceForm) else ()
    fields.change(field, current_user, label, form.required.data, choices, form.shown.data, help)
    if isinstance(form, ChoiceForm):
        choose(dataset, field, form)
    fields.refine(field, current_user, form.default.data or "", form.control.data, **wanted(form))


def choose(dataset, field, form):
    """Take the choices from where the form says."""
    table = chosen_table(form)
    if not table:
        if field.lookup_id:
            menus.detach(field, lines(form.choices), current_user)
        return
    parent = next((other for other in dataset.fields if other.name == form.parent.data), None)
    menus.attach(field, table, current_user, form.subset.data, parent, form.parent_column.data)


@bp.post("/fields/<int:field_id>/remove")
@needs("dataset.edit")
def field_remove(field_id):
    found = find(Field, field_id)
    dataset = find(Dataset, found.dataset_id)
    fields.remove(dataset, found, current_user)
    return go(".fields", f"The field “{found.label}” is gone with all its values.", dataset_id=dataset.id)


@bp.post("/fields/<int:field_id>/move/<any(up, down):way>")
@needs("dataset.edit")
def field_move(field_id, way):
    found = find(Field, field_id)
    fields.move(find(Dataset, found.dataset_id), found, way == "up", current_user)
    return go(".fields", dataset_id=found.dataset_id)
