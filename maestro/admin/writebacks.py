"""Write-backs: their statements, what waits, where they stand still, and the conflicts."""

from flask import render_template, stream_with_context
from flask_login import current_user

from maestro.admin.door import bp, commit, find, go, needs, refusals
from maestro.admin.forms.writebacks import NewForm, StatementsForm
from maestro.admin.imports import target_named, targets
from maestro.exchange import rehearsing, writebacks, writing
from maestro.extensions import count, db
from maestro.lib import web
from maestro.lib.tabular.write import csv_bytes
from maestro.models import Connection, WriteBack

VERBS = {"enable": writebacks.enable, "disable": writebacks.disable, "skip": writebacks.skip}
SAID = {"enable": "The write-back is on.", "disable": "The write-back is off.", "skip": "It goes on after that change."}


@bp.route("/connections/<int:connection_id>/writebacks/new", methods=["GET", "POST"])
@needs("writeback.edit")
def writeback_new(connection_id):
    connection, form = find(Connection, connection_id), NewForm()
    form.target.choices = targets()
    if form.validate_on_submit():
        commit()
        writing.number_all()                       # what happened until now is not written back
        with refusals(form):
            made = writebacks.create(find(Connection, connection_id), *target_named(form.target.data), current_user)
            return go(".writeback_edit", writeback_id=made.id)
    return render_template("admin/writebacks/new.html", form=form, connection=connection), 422 if form.errors else 200


@bp.get("/writebacks/<int:writeback_id>")
@needs("writeback.edit")
def writeback(writeback_id):
    found = find(WriteBack, writeback_id)
    conflicts = writebacks.conflicts(found)
    pages = web.paging(count(conflicts))
    return render_template(
        "admin/writebacks/writeback.html", writeback=found, words=writebacks.STATEMENTS, labels=labels(found),
        waiting=writebacks.count_waiting(found), pages=pages,
        conflicts=db.session.scalars(conflicts.offset(pages.offset).limit(pages.limit)).all())


def labels(writeback):
    return {field.name: field.label for field in writeback.dataset.fields} | {"address": "Address"}


@bp.get("/writebacks/<int:writeback_id>/conflicts.csv")
@needs("person.export")
def writeback_conflicts(writeback_id):
    """All conflicts as a file for a spreadsheet."""
    found = find(WriteBack, writeback_id)
    text = csv_bytes(writebacks.CONFLICT, writebacks.told_conflicts(found), guard=True)
    name = f"write-back-{found.id}-conflicts-for-spreadsheets.csv"
    return web.download(stream_with_context(text), name, "text/csv; charset=utf-8")


@bp.route("/writebacks/<int:writeback_id>/statements", methods=["GET", "POST"])
@needs("writeback.edit", fresh=True)
def writeback_edit(writeback_id):
    found = find(WriteBack, writeback_id)
    form = StatementsForm(data={**found.statements, "rule": found.rule, "foreign_cursor": found.foreign_cursor})
    if form.validate_on_submit():
        with refusals(form):
            statements = {name: form[name].data for name in ("look", *writebacks.STATEMENTS)}
            writebacks.set_statements(found, statements, form.rule.data, current_user)
            found.foreign_cursor = form.foreign_cursor.data
            return go(".writeback", "Saved.", writeback_id=writeback_id)
    return render_template("admin/writebacks/edit.html", writeback=found, form=form,
                           known=sorted(writebacks.known(found))), 422 if form.errors else 200


@bp.post("/writebacks/<int:writeback_id>/<any(enable, disable, skip):verb>")
@needs("writeback.edit", fresh=True)
def writeback_move(writeback_id, verb):
    VERBS[verb](find(WriteBack, writeback_id), current_user)
    return go(".writeback", SAID[verb], writeback_id=writeback_id)


@bp.post("/writebacks/<int:writeback_id>/run")
@needs("writeback.edit")
def writeback_run(writeback_id):
    found = find(WriteBack, writeback_id)
    found.stopped_at = None
    writing.run_writeback.later(found.id)
    return go(".writeback", "It runs in a moment.", writeback_id=writeback_id)


@bp.post("/writebacks/<int:writeback_id>/try")
@needs("writeback.edit")
def writeback_try(writeback_id):
    """What the next batch would do; all of it is taken back over there, and nothing is kept here."""
    found = find(WriteBack, writeback_id)
    tried, waiting = rehearsing.rehearse(found), writebacks.count_waiting(found)
    db.session.rollback()
    return render_template("admin/writebacks/tried.html", writeback=found, tried=tried, waiting=waiting,
                           most=writing.BATCH, words=writebacks.STATEMENTS, labels=labels(found))


@bp.post("/writebacks/<int:writeback_id>/remove")
@needs("writeback.edit", fresh=True)
def writeback_remove(writeback_id):
    found = find(WriteBack, writeback_id)
    connection_id = found.connection_id
    writebacks.remove(found, current_user)
    return go(".connection", "The write-back is gone.", connection_id=connection_id)
