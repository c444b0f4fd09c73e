"""Lookup tables: the values that menus offer, typed or uploaded, with their subsets."""

import tempfile
from pathlib import Path

from flask import render_template
from flask_login import current_user

from maestro.admin.door import bp, find, go, needs, refusals, visible
from maestro.admin.forms.lookups import RowsForm, SubsetForm, TableForm, UploadTableForm, cells, typed
from maestro.extensions import db
from maestro.models import LookupTable
from maestro.warehouse import lookups


@bp.get("/lookups", endpoint="lookups")
@needs("dataset.see")
def index():
    found = db.session.scalars(visible(LookupTable).order_by(LookupTable.name)).all()
    return render_template("admin/lookups/index.html", rows=[(table, lookups.users(table)) for table in found])


@bp.route("/lookups/new", methods=["GET", "POST"])
@needs("dataset.edit")
def lookup_new():
    form = TableForm()
    if form.validate_on_submit():
        with refusals(form):
            table = lookups.create(current_user.group, form.name.data, current_user, form.description.data)
            return go(".lookup", "The table is there. Fill it next.", lookup_id=table.id)
    return render_template("admin/lookups/new.html", form=form), 422 if form.errors else 200


@bp.get("/lookups/<int:lookup_id>")
@needs("dataset.edit")
def lookup(lookup_id):
    return page(find(LookupTable, lookup_id))


def page(table, **forms):
    """The page of a table; `forms` that came back stand in place of fresh ones."""
    fresh = {"name_form": lambda: TableForm(obj=table, formdata=None),
             "rows_form": lambda: RowsForm(data=typed(table), formdata=None),
             "upload_form": lambda: UploadTableForm(formdata=None), "subset_form": lambda: SubsetForm(formdata=None)}
    shown = {name: forms.get(name) or make() for name, make in fresh.items()}
    return render_template("admin/lookups/table.html", table=table, users=lookups.users(table), **shown), (
        422 if any(form.errors for form in forms.values()) else 200)


@bp.post("/lookups/<int:lookup_id>/name")
@needs("dataset.edit")
def lookup_name(lookup_id):
    table, form = find(LookupTable, lookup_id), TableForm()
    if form.validate():
        with refusals(form):
            lookups.rename(table, form.name.data, form.description.data, current_user)
            return go(".lookup", "Saved.", lookup_id=lookup_id)
    return page(table, name_form=form)


@bp.post("/lookups/<int:lookup_id>/rows")
@needs("dataset.edit")
def lookup_rows(lookup_id):
    table, form = find(LookupTable, lookup_id), RowsForm()
    if form.validate():
        with refusals(form):
            rows = [cells(line) for line in (form.rows.data or "").splitlines()]
            lookups.fill(table, cells(form.columns.data or ""), rows, current_user)
            return go(".lookup", "Saved. Menus offer these values now.", lookup_id=lookup_id)
    return page(table, rows_form=form)


@bp.post("/lookups/<int:lookup_id>/upload")
@needs("dataset.edit")
def lookup_upload(lookup_id):
    table, form = find(LookupTable, lookup_id), UploadTableForm()
    if form.validate():
        with refusals(form), tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "table")
            form.file.data.save(path)
            lookups.upload(table, path, current_user)
            return go(".lookup", "The table is filled from the file.", lookup_id=lookup_id)
    return page(table, upload_form=form)


@bp.post("/lookups/<int:lookup_id>/subset")
@needs("dataset.edit")
def lookup_subset(lookup_id):
    table, form = find(LookupTable, lookup_id), SubsetForm()
    if form.validate():
        with refusals(form):
            values = [line.strip() for line in (form.values.data or "").splitlines()]
            lookups.part(table, form.subset.data, values, current_user)
            return go(".lookup", "Saved.", lookup_id=lookup_id)
    return page(table, subset_form=form)


@bp.post("/lookups/<int:lookup_id>/remove")
@needs("dataset.edit")
def lookup_remove(lookup_id):
    table = find(LookupTable, lookup_id)
    lookups.remove(table, current_user)
    return go(".lookups", f"The table “{table.name}” is gone.")
