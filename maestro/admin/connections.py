"""Connections to databases of others: for site administrators to make, for importers to use."""

from flask import flash, render_template
from flask_login import current_user
from sqlalchemy import select

from maestro.admin.door import bp, commit, find, go, needs, refusals, visible
from maestro.admin.forms.importers import TLS, ConnectionForm
from maestro.exchange import connections
from maestro.extensions import db
from maestro.models import Connection, Group, Importer, WriteBack

NAMES = ("name", "kind", "host", "port", "database", "username", "password", "tls", "authority", "may_write",
         "accepted")


@bp.get("/connections", endpoint="connections")
@needs("connection.see")
def index():
    found = db.session.scalars(visible(Connection).order_by(Connection.name)).all()
    return render_template("admin/connections/index.html", rows=found, kinds=connections.KINDS)


@bp.route("/connections/new", methods=["GET", "POST"])
@needs("connection.edit", fresh=True)
def connection_new():
    form = ConnectionForm(group=current_user.group_id)
    form.group.choices = {group.id: group.name for group in db.session.scalars(visible(Group).order_by(Group.name))}
    if form.validate_on_submit():
        with refusals(form):
            values = {name: form[name].data for name in NAMES}
            made = connections.create(find(Group, form.group.data), current_user, **values)
            return go(".connection", "The connection is there. Test it next.", connection_id=made.id)
    return render_template("admin/connections/edit.html", form=form, connection=None), 422 if form.errors else 200


@bp.get("/connections/<int:connection_id>")
@needs("connection.see")
def connection(connection_id):
    found = find(Connection, connection_id)
    users = {model: db.session.scalars(select(model).where(model.connection_id == found.id).order_by(model.id)).all()
             for model in (Importer, WriteBack)}
    return render_template("admin/connections/connection.html", connection=found, kinds=connections.KINDS, tls=TLS,
                           importers=users[Importer], writebacks=users[WriteBack])


@bp.route("/connections/<int:connection_id>/settings", methods=["GET", "POST"])
@needs("connection.edit", fresh=True)
def connection_edit(connection_id):
    found = find(Connection, connection_id)
    form = ConnectionForm(obj=found)
    del form.group
    if form.validate_on_submit():
        with refusals(form):
            connections.change(found, current_user, **{name: form[name].data for name in NAMES})
            return go(".connection", "Saved. Test it again.", connection_id=found.id)
    return render_template("admin/connections/edit.html", form=form, connection=found), 422 if form.errors else 200


@bp.post("/connections/<int:connection_id>/test")
@needs("connection.see")
def connection_test(connection_id):
    found = find(Connection, connection_id)
    place = connections.place(found)
    commit()                                       # nobody waits while the other side answers
    result = connections.probe(place)
    connections.note_test(find(Connection, connection_id), result, current_user)
    if "problem" in result:
        flash(result["problem"], "bad")
    return go(".connection", connection_id=connection_id)


@bp.post("/connections/<int:connection_id>/remove")
@needs("connection.edit")
def connection_remove(connection_id):
    found = find(Connection, connection_id)
    connections.remove(found, current_user)
    return go(".connections", f"The connection “{found.name}” is gone.")
