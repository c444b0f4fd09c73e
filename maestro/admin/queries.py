"""The editor in which a query is tried: its first rows, their types, and how long it took."""

from flask import render_template
from flask_login import current_user

from maestro import audit
from maestro.admin import import_words as words
from maestro.admin.door import bp, commit, find, go, needs, refusals, visible
from maestro.admin.forms.importers import OneTimeQueryForm
from maestro.admin.imports import target_named, targets
from maestro.exchange import connections, imports, opening
from maestro.extensions import db
from maestro.lib.errors import Refused
from maestro.lib.foreign import query
from maestro.models import Connection

ROWS = 20                                          # shown of an answer
UNITS = {"database": "rows", "ldap": "entries"}


def choices(kind):
    """The connections that a query may be asked of."""
    mine = visible(Connection).where((Connection.kind == "ldap") == (kind == "ldap"),
                                     Connection.group_id == current_user.group_id).order_by(Connection.name)
    return {found.id: f"{found.name} ({connections.KINDS[found.kind]})" for found in db.session.scalars(mine)}


def tried(form):
    """(connection, the first rows) of the query in a form. No transaction is open while the other side works."""
    found = find(Connection, form.connection.data)
    place, accepted = connections.place(found), connections.accepted(found)
    audit.record("importer.query", found, current_user, name=found.name)
    commit()
    look = opening.example(place, accepted, form.query.data, form.attributes.data)
    return find(Connection, form.connection.data), look


def shown(form, look, **more):
    faults = [query.fault(form.query.data or "", sentence) for sentence in form.query.errors]
    return render_template("admin/importers/query.html", form=form, look=look, rows=ROWS, words=words,
                           fault=next(filter(None, faults), None), **more), (
        422 if form.errors else 200)


@bp.route("/imports/query", methods=["GET", "POST"])
@needs("connection.see")
def import_query():
    """An import from a database that happens once, with nothing kept."""
    form, look = OneTimeQueryForm(), None
    form.target.choices, form.connection.choices = targets(), choices("database") | choices("ldap")
    if form.validate_on_submit():
        with refusals(form):
            connection, look = tried(form)
            if form.is_going_on():
                return begin(form, connection, look)
    return shown(form, look, importer=None)


def begin(form, connection, look):
    if not look.rows:
        raise Refused("The query answers with no rows.", "query")
    dataset, list = target_named(form.target.data)
    run = imports.ask(dataset, list, connection, form.query.data, look, current_user, form.attributes.data)
    return go(".import_rules", run_id=run.id)
