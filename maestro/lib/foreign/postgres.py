"""PostgreSQL, read in a transaction that cannot write."""

import os
import tempfile
from contextlib import contextmanager, suppress

import psycopg
from psycopg import sql
from psycopg.adapt import Loader
from psycopg.types.string import TextLoader

from maestro.lib.errors import Refused
from maestro.lib.foreign.forms import FORMS, OF_DAYS
from maestro.lib.foreign.place import BATCH, PATIENCE, Rights, check_name
from maestro.lib.foreign.texts import decoded

PORT, MARK = 5432, "%({})s"
UNKNOWN = 0                      # the type of what psycopg has no name for
Error = psycopg.Error
MODES = {"none": "disable", "require": "require", "verify": "verify-full"}
ROLES = ("pg_read_server_files", "pg_write_server_files", "pg_execute_server_program")


@contextmanager
def opened(place, seconds, writing=False):
    """A connection whose statements take at most `seconds`; it is rolled back at the end unless it was committed."""
    check_name(place.database, "database")
    with authority(place) as root:
        connection = connect(place, seconds, writing, root)
    try:
        yield connection
    finally:
        with suppress(Error):
            connection.rollback()
        connection.close()


def connect(place, seconds, writing, root, encoding="utf8"):
    limits = {"statement_timeout": f"{seconds}s", "lock_timeout": "10s", "idle_in_transaction_session_timeout": "120s",
              "default_transaction_read_only": "off" if writing else "on",
              **({"TimeZone": "UTC"} if writing else {})}                # our times come and go without a zone
    connection = psycopg.connect(
        host=place.host, hostaddr=place.addresses()[0], port=place.port, dbname=place.database, user=place.username,
        password=place.password, passfile=os.devnull, sslmode=MODES[place.tls], sslrootcert=root, sslcert="", sslkey="",
        gssencmode="disable", connect_timeout=PATIENCE, application_name="Maestro", client_encoding=encoding,
        options=" ".join(f"-c {name}={value}" for name, value in limits.items()))
    connection.prepare_threshold = None
    connection.read_only = not writing
    if takes_any_bytes(connection) and encoding == "utf8":     # which the server would check now, and never did before
        connection.close()
        return connect(place, seconds, writing, root, "latin1")
    return connection


def takes_any_bytes(connection):
    return connection.info.parameter_status("server_encoding") == "SQL_ASCII"


class Unchecked(Loader):
    """Texts of a database that takes any bytes for texts."""

    def load(self, data):
        return decoded(data)


@contextmanager
def authority(place):
    """Which certificates libpq trusts: the system's, or a file with those of the connection."""
    if place.tls != "verify" or not place.authority:
        yield "system" if place.tls == "verify" else ""
        return
    with tempfile.NamedTemporaryFile("w", suffix=".pem") as file:
        file.write(place.authority)
        file.flush()
        yield file.name


def ask(connection, query):
    """(columns, types, cursor on the server) of a query. As a cursor's query nothing but a SELECT is possible."""
    cursor = connection.cursor(name="maestro")
    for type in forms(connection):                 # as texts, which is quicker; and infinity is no date to Python
        cursor.adapters.register_loader(
            UNKNOWN if type == "other" else type, Unchecked if takes_any_bytes(connection) else TextLoader)
    cursor.itersize = BATCH
    cursor.execute(query)
    if not cursor.description:
        raise Refused("The query answers with no column.", "query")
    known = connection.adapters.types
    types = [type_name(known.get(column.type_code), column.type_code) for column in cursor.description]
    return [column.name for column in cursor.description], types, cursor


def forms(connection):
    """The types of which we know how they are written here, each with what makes of that a text as others write it.

    Nothing where a backslash means something in a text: a question could then be two, asked without a cursor.
    """
    told = connection.info.parameter_status
    known = FORMS if told("standard_conforming_strings") == "on" else {}
    return {type: form for type, form in known.items()
            if type not in OF_DAYS or told("DateStyle").startswith("ISO")}


def type_name(info, oid):
    """A type of PostgreSQL's own by its name, several of it as `text[]`, somebody's own as "other"."""
    if not info:
        return "other"
    return f"{info.name}[]" if oid == info.array_oid else info.name


def execute(connection, statement, values):
    """Write something; answers with the rows it touched.

    The parameters are bound on this side, as one that stands in two places may be of two types over there.
    """
    return psycopg.ClientCursor(connection).execute(statement, values).rowcount


def look_up(connection, statement, values):
    """The first row of a question with parameters as {column: value}, or None."""
    cursor = psycopg.ClientCursor(connection).execute(statement, values)
    row = cursor.fetchone()
    return row and dict(zip([column.name for column in cursor.description], row, strict=True))


def rights(connection):
    """What this account may do, as PostgreSQL's catalogue says."""
    version = f"PostgreSQL {connection.info.parameter_status('server_version').split()[0]}"
    writes = connection.execute("""
        SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname)
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p', 'v', 'f') AND n.nspname NOT IN ('pg_catalog', 'information_schema')
          AND n.nspname NOT LIKE 'pg_toast%' AND has_schema_privilege(n.oid, 'USAGE')
          AND has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE') ORDER BY 1 LIMIT 20""").fetchall()
    return Rights(version, [name for name, in writes], dangers(connection))


def dangers(connection):
    found = []
    if connection.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone()[0]:
        return ["The account is a superuser."]
    for role in ROLES:
        if connection.execute("SELECT pg_has_role(current_user, %s, 'USAGE')", [role]).fetchone()[0]:
            found.append(f"The account has the role {role}.")
    usable = connection.execute("""SELECT 1 FROM pg_proc p WHERE p.proname IN ('dblink', 'dblink_exec')
        AND has_function_privilege(p.oid, 'EXECUTE') LIMIT 1""").fetchone()
    return [*found, "The account may use dblink."] if usable else found


def stop(place, connection):
    """End the statement that another thread waits for."""
    connection.cancel_safe(timeout=PATIENCE)


def is_ours(place, connection):
    """Whether this is a database of Maestro's."""
    names = sql.SQL("SELECT count(*) FROM pg_class WHERE relname IN ('import_run', 'hosted_list', 'audit_entry')")
    return connection.execute(names).fetchone()[0] == 3


def refuse_unsafe(place, connection):
    if place.tls != "none" and not connection.pgconn.ssl_in_use:
        raise Refused("The connection is not encrypted.", "tls")
