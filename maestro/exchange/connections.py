"""Connections to databases and directories of others: made by administrators, used by importers and write-backs."""

from dataclasses import replace
from pathlib import Path

import polars as pl
from flask import current_app
from sqlalchemy import func, select
from sqlalchemy.engine import make_url

from maestro import audit
from maestro.extensions import db
from maestro.lib import clock, ldap, secrets
from maestro.lib.errors import MaestroError, Refused, WrongState
from maestro.lib.foreign import mssql, mysql, oracle, postgres, reading
from maestro.lib.foreign.place import TLS, Place
from maestro.models import CONNECTION_KINDS, Connection, Importer, ImportRun, WriteBack

KINDS = {**reading.LABELS, "ldap": "LDAP directory"}
PORTS = {"postgresql": postgres.PORT, "mysql": mysql.PORT, "sqlite": 0, "mssql": mssql.PORT, "oracle": oracle.PORT,
         "ldap": ldap.PORT}
PLAIN = ("name", "kind", "host", "database", "username", "tls", "authority", "may_write", "accepted")


def create(group, by, password="", **values):
    """Make a connection; the password is sealed. `port` 0 means the usual one of its kind."""
    connection = Connection(group_id=group.id, group=group)
    fill(connection, {"tls": "verify", "authority": "", "accepted": "", "host": "", "username": "", **values})
    db.session.add(connection)
    db.session.flush()
    set_password(connection, password)
    audit.record("connection.create", connection, by, name=connection.name, kind=connection.kind)
    return connection


def change(connection, by, password=None, **values):
    """Change a connection. A password is set only when one is given; a change of place forgets the old one."""
    before = connection.host, connection.port, connection.username, connection.kind
    keep_whereabouts(connection)
    fill(connection, values)
    if password:
        set_password(connection, password)
    elif before != (connection.host, connection.port, connection.username, connection.kind):
        set_password(connection, "")
    connection.test, connection.tested_at = {}, None
    audit.record("connection.change", connection, by, name=connection.name, kind=connection.kind)


def fill(connection, values):
    for name in PLAIN:
        if name in values:
            value = values[name]
            setattr(connection, name, value.strip() if isinstance(value, str) else value)
    if connection.kind not in CONNECTION_KINDS:
        raise Refused(f"The kind is one of {', '.join(CONNECTION_KINDS)}.", "kind")
    if connection.tls not in TLS:
        raise Refused(f"TLS is one of {', '.join(TLS)}.", "tls")
    connection.port = values.get("port") or PORTS[connection.kind]
    connection.name = check_name(connection)
    if not connection.database or (connection.kind != "sqlite" and not connection.host):
        field = "database" if not connection.database else "host"
        raise Refused("Say where it is.", field)


def check_name(connection):
    name = (connection.name or "").strip()
    if not 1 <= len(name) <= 120 or not name.isprintable():
        raise Refused("A connection needs a name of 1 to 120 characters.", "name")
    same = select(Connection.id).where(
        Connection.group_id == connection.group_id, Connection.id != (connection.id or 0),
        func.lower(Connection.name) == name.lower())
    with db.session.no_autoflush:
        if db.session.scalar(same):
            raise Refused(f"There is a connection “{name}” already.", "name")
    return name


def set_password(connection, password):
    connection.password = password and secrets.seal(master(), sealed_at(connection), password)
    db.session.flush()


def remove(connection, by):
    """Take a connection away that nothing uses any more."""
    for model in (Importer, WriteBack):
        if db.session.scalar(select(model.id).where(model.connection_id == connection.id).limit(1)):
            raise WrongState("Importers or write-backs use this connection. Change or delete them first.")
    keep_whereabouts(connection)
    audit.record("connection.remove", connection, by, name=connection.name, kind=connection.kind)
    db.session.delete(connection)
    db.session.flush()


def whereabouts(connection):
    """What tells one database from another, whoever asks it."""
    return [connection.kind, connection.host.lower(), connection.port, connection.database]


def source_of(source):
    """The whereabouts of the database that a run has read, from what the run keeps of its source; or None."""
    connection = db.session.get(Connection, source["connection"]) if "connection" in source else None
    return source.get("whereabouts") or (whereabouts(connection) if connection else None)


def keep_whereabouts(connection):
    """The runs that have read there know where it was, when the connection goes or leads elsewhere."""
    read = select(ImportRun).where(
        ImportRun.source["connection"].as_integer() == connection.id, ImportRun.state.not_in(("draft", "queued")))
    for run in db.session.scalars(read):
        run.source = {"whereabouts": whereabouts(connection), **run.source}


def place(connection):
    """Where it is, with the password opened and what this installation allows."""
    config = current_app.extensions["maestro"]
    password = connection.password and secrets.unseal(master(), sealed_at(connection), connection.password)
    return Place(
        kind=connection.kind, host=connection.host, port=connection.port, database=connection.database,
        username=connection.username, password=password or "", tls=connection.tls, authority=connection.authority,
        allow=config.EGRESS_ALLOW, folders=config.IMPORT_DIR, own=own(config))


def own(config):
    url = make_url(config.database_url)
    return (str(Path(url.database).resolve()),) if config.sqlite and url.database else ()


def master():
    return current_app.extensions["maestro"].SECRET_KEY


def sealed_at(connection):
    return f"connection:password:{connection.id}"


def accepted(connection):
    """Whether an administrator answers in writing for an account with dangerous rights."""
    return bool(connection.accepted.strip())


def probe(place):
    """What a test finds: {"version", "writes", "dangers", "seconds"}, or {"problem": sentence}. Nothing is stored."""
    try:
        if place.kind == "ldap":
            started = clock.monotonic()
            who = ldap.test(place, reading.SECONDS_OF_LOOK)
            return {"version": f"LDAP, as {who}", "writes": [], "dangers": [], "seconds": clock.monotonic() - started}
        rights, seconds = reading.test(place)
        return {**rights._asdict(), "seconds": seconds}
    except MaestroError as refusal:
        return {"problem": refusal.sentence}


def note_test(connection, found, by):
    """Keep what a test found."""
    connection.test, connection.tested_at = found, clock.now()
    audit.record("connection.test", connection, by, name=connection.name, worked="problem" not in found)


def look(place, is_accepted, query, attributes="", rows=20):
    """The first rows of a query or of a search."""
    if place.kind != "ldap":
        return reading.look(place, query, rows, is_accepted)
    started = clock.monotonic()
    with ldap.asked(place, query, attributes, reading.SECONDS_OF_LOOK) as (columns, types, pages):
        page = next(pages, pl.DataFrame())
    return reading.Look(columns, types, page.head(rows).rows(), clock.monotonic() - started, page.height > rows)


def asked(place, is_accepted, query, attributes, breaker):
    """All rows: a context with (columns, types, iterator over frames of texts)."""
    if place.kind == "ldap":
        return ldap.asked(place, query, attributes, reading.SECONDS)
    return reading.asked(place, query, accepted=is_accepted, breaker=breaker)


def elsewhere(place, **values):
    """The same place with other values, as a form that is not saved yet asks for."""
    return replace(place, **values)
