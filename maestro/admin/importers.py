"""Importers: made step by step, looked at, enabled, launched, and deleted."""

from flask import abort, flash, g, render_template
from flask_login import current_user

from maestro import actions
from maestro.admin import import_words as words
from maestro.admin import queries, trigger_block
from maestro.admin.door import bp, commit, find, go, needs, refusals
from maestro.admin.forms.importers import FileForm, ImporterForm, PathForm, QueryForm, SettingsForm
from maestro.admin.forms.imports import FormatForm, rules_form
from maestro.admin.import_rules import at_inputs, given_rules, look
from maestro.admin.imports import asked_target, target_named, targets
from maestro.exchange import importers, launching, rules, sources
from maestro.lib import repeats
from maestro.models import Importer
from maestro.warehouse import fields


@bp.route("/importers/new", methods=["GET", "POST"])
@needs("import.run")
def importer_new():
    form = ImporterForm(target=asked_target())
    form.target.choices = targets()
    if form.validate_on_submit():
        with refusals(form):
            dataset, list = target_named(form.target.data)
            made = importers.create(dataset, list, form.name.data, form.source.data, current_user,
                                    form.description.data, zone=g.zone)
            return go(".importer_source", importer_id=made.id)
    return render_template("admin/importers/new.html", form=form), 422 if form.errors else 200


@bp.get("/importers/<int:importer_id>")
@needs("import.see")
def importer(importer_id):
    found = find(Importer, importer_id)
    return render_template(
        "admin/importers/importer.html", importer=found, words=words, runs=launching.runs(found),
        state=importers.state(found), missing=importers.missing(found), running=importers.active(found),
        schedule=repeats.words(found.schedule, found.zone), trigger=trigger_block.of("import", found))


@bp.route("/importers/<int:importer_id>/source", methods=["GET", "POST"])
@needs("import.run")
def importer_source(importer_id):
    """Where its people come from: each kind of source is asked for in its own way."""
    return SOURCES[(found := find(Importer, importer_id)).source](found)


def ask_query(importer):
    form, look = QueryForm(connection=importer.connection_id, query=importer.query,
                           attributes=importer.format.get("attributes", "")), None
    form.connection.choices = queries.choices(importer.source)
    if form.validate_on_submit():
        with refusals(form):
            connection, look = queries.tried(form)
            if form.is_going_on():
                importers.set_query(find(Importer, importer.id), connection, form.query.data, look, current_user,
                                    form.attributes.data)
                return go(".importer_rules", importer_id=importer.id)
    return queries.shown(form, look, importer=importer)


def ask_path(importer):
    form = PathForm(path=importer.path)
    if form.validate_on_submit():
        with refusals(form):
            importers.set_path(importer, form.path.data, current_user)
            return go(".importer_format", importer_id=importer.id)
    return show_file(importer, form)


def ask_file(importer):
    return show_file(importer, FileForm())


def show_file(importer, form):
    return render_template("admin/importers/file.html", form=form, importer=importer), 422 if form.errors else 200


SOURCES = {"database": ask_query, "ldap": ask_query, "server": ask_path, "upload": ask_file, "post": ask_file}


@bp.post("/importers/<int:importer_id>/file")
@needs("import.run")
def importer_file(importer_id):
    """An uploaded file: the source itself, or an example of what is going to be posted."""
    found, form = find(Importer, importer_id), FileForm()
    if found.source not in ("upload", "post"):
        abort(404)
    if form.validate_on_submit():
        with refusals(form):
            commit()
            importers.set_file(found, sources.store(form.file.data.stream), form.file.data.filename or "", current_user)
            return go(".importer_format", importer_id=importer_id)
    return show_file(found, form)


@bp.route("/importers/<int:importer_id>/format", methods=["GET", "POST"])
@needs("import.run")
def importer_format(importer_id):
    found = find(Importer, importer_id)
    if not found.storage:
        return go(".importer_source", importer_id=importer_id)
    form = FormatForm(data=found.format)
    if form.validate_on_submit():
        with refusals(form):
            importers.set_format(found, {name: form[name].data for name in found.format}, current_user)
            return go(".importer_format", importer_id=importer_id)
    return render_template("admin/importers/format.html", form=form, importer=found, preview=look(found)[0]), (
        422 if form.errors else 200)


@bp.route("/importers/<int:importer_id>/rules", methods=["GET", "POST"])
@needs("import.run")
def importer_rules(importer_id):
    found = find(Importer, importer_id)
    preview, samples, guessed = look(found)
    if isinstance(preview, str):
        flash(preview, "warn")
        return go(".importer_source", importer_id=importer_id)
    mine = fields.writable(found.dataset, found.list)
    form = rules_form(found, preview.columns, mine)
    if form.validate_on_submit():
        with refusals(form), at_inputs(form):
            importers.set_rules(found, *given_rules(form), by=current_user)
            return go(".importer", "Saved.", importer_id=importer_id)
    return render_template(
        "admin/importers/rules.html", importer=found, form=form, samples=samples, words=words,
        likely=rules.likely(found), types={field.type for field in mine}, guessed=guessed), (
        422 if form.errors else 200)


@bp.route("/importers/<int:importer_id>/settings", methods=["GET", "POST"])
@needs("import.run")
def importer_settings(importer_id):
    found = find(Importer, importer_id)
    kept = {**found.schedule, "days": [str(day) for day in found.schedule.get("days", ())]}
    form = SettingsForm(data={"every": "", **kept, "name": found.name, "description": found.description,
                              "zone": found.zone, "notify": found.notify})
    if form.validate_on_submit():
        with refusals(form):
            importers.describe(found, form.name.data, form.description.data, current_user)
            rule = {name: form[name].data for name in ("every", "minutes", "at", "days", "cron")}
            importers.set_schedule(found, rule, form.zone.data, form.notify.data, current_user)
            return go(".importer", "Saved.", importer_id=importer_id)
    return render_template("admin/importers/settings.html", importer=found, form=form), 422 if form.errors else 200


@bp.post("/importers/<int:importer_id>/<any(enable, disable):verb>")
@needs("import.run")
def importer_switch(importer_id, verb):
    found = find(Importer, importer_id)
    {"enable": importers.enable, "disable": importers.disable}[verb](found, current_user)
    return go(".importer", f"The importer is {verb}d.", importer_id=importer_id)


@bp.post("/importers/<int:importer_id>/<any(launch, check):verb>")
@needs("import.run")
def importer_launch(importer_id, verb):
    run, is_new = launching.launch(find(Importer, importer_id), current_user, dry_run=verb == "check")
    return go(".import_run", None if is_new else "It is running. One more run follows.", run_id=run.id)


@bp.post("/importers/<int:importer_id>/remove")
@needs("import.run")
def importer_remove(importer_id):
    found = find(Importer, importer_id)
    actions.forget("import", found)
    importers.remove(found, current_user)
    return go(".imports", f"The importer “{found.name}” is gone.")
