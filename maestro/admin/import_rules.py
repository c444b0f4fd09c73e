"""A new import before it starts: how its file is read, which column fills which field, and what it does."""

from contextlib import contextmanager

from flask import render_template, request
from flask_login import current_user

from maestro.admin import import_words as words
from maestro.admin.door import bp, find, go, needs, refusals
from maestro.admin.forms.imports import MAP, FormatForm, rules_form
from maestro.exchange import imports, rules
from maestro.extensions import db
from maestro.lib.errors import Refused
from maestro.models import ImportRun
from maestro.warehouse import fields

OPTIONS = "clear overwrite strict guard unusable key members_only decimal dates several yes no".split()
LOOK = "This import can delete people with all their values. Look at the check first."


@bp.route("/imports/<int:run_id>/preview", methods=["GET", "POST"])
@needs("import.run")
def import_preview(run_id):
    """The first rows as they are read now; a POST reads them another way."""
    run = find(ImportRun, run_id)
    if run.source:
        return go(".import_rules", run_id=run_id)
    form = FormatForm(data=run.format)
    if form.validate_on_submit():
        with refusals(form):
            imports.set_format(run, {name: form[name].data for name in run.format}, by=current_user)
            return go(".import_preview", run_id=run_id)
    return render_template("admin/imports/preview.html", run=run, form=form, preview=look(run)[0], words=words), (
        422 if form.errors else 200)


def look(place):
    """The preview of what a run or an importer reads (or why there is none), samples, and the columns guessed."""
    try:
        preview, samples, guessed = rules.look(place)
        return preview, samples, {MAP + name: column for name, column in guessed.items()}
    except Refused as refusal:
        return refusal.sentence, {}, {}


@bp.route("/imports/<int:run_id>/rules", methods=["GET", "POST"])
@needs("import.run")
def import_rules(run_id):
    run = find(ImportRun, run_id)
    preview, samples, guessed = look(run)
    if isinstance(preview, str):
        return go(".import_preview", run_id=run_id)
    mine = fields.writable(run.dataset, run.list)
    form = rules_form(run, preview.columns, mine)
    if form.validate_on_submit():
        with refusals(form), at_inputs(form):
            imports.set_rules(run, *given_rules(form), by=current_user)
            asked, deletes = "check" in request.form, rules.deletes(run)
            imports.start(run, dry_run=asked or deletes, by=current_user)
            return go(".import_run", LOOK if deletes and not asked else None, run_id=run_id)
        db.session.refresh(run)
    return render_template(
        "admin/imports/rules.html", run=run, form=form, samples=samples, words=words, likely=rules.likely(run),
        types={field.type for field in mine}, guessed=guessed), 422 if form.errors else 200


def given_rules(form):
    """(mapping, mode, options) that a form says."""
    options = {name: form[name].data for name in OPTIONS} | {"change": form.change}
    return {field.name.removeprefix(MAP): field.data for field in form.mapped}, form.mode.data, options


@contextmanager
def at_inputs(form):
    """A refusal that names a field of the dataset is shown at the input that maps it."""
    try:
        yield
    except Refused as refusal:
        if MAP + str(refusal.field) in form:
            refusal.field = MAP + refusal.field
        raise
