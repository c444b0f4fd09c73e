"""Oracle, by oracledb in its thin mode. Written from its documentation and not tried live."""

import importlib
from contextlib import contextmanager, suppress

from maestro.lib.errors import Refused
from maestro.lib.foreign.place import BATCH, PATIENCE, Rights, check_name

PORT, MARK = 1521, ":{}"
Error = Exception                # the driver is an extra and cannot be named here
PRIVILEGES = ("DBA", "SYSDBA", "CREATE ANY PROCEDURE", "EXECUTE ANY PROCEDURE", "CREATE ANY DIRECTORY")


def driver():
    try:
        return importlib.import_module("oracledb")
    except ImportError:
        raise Refused("The driver for Oracle is not installed: pip install oracledb.", "kind") from None


@contextmanager
def opened(place, seconds, writing=False):
    check_name(place.database, "database")
    place.addresses()
    connection = driver().connect(
        user=place.username, password=place.password, host=place.host, port=place.port, service_name=place.database,
        protocol="tcp" if place.tls == "none" else "tcps", ssl_context=place.context(),
        ssl_server_dn_match=place.tls == "verify", tcp_connect_timeout=PATIENCE, retry_count=0)
    connection.call_timeout = seconds * 1000
    try:
        if not writing:
            connection.cursor().execute("SET TRANSACTION READ ONLY")
        yield connection
    finally:
        with suppress(Exception):
            connection.rollback()
        connection.close()


def ask(connection, query):
    cursor = connection.cursor()
    cursor.arraysize = BATCH
    cursor.execute(query)
    types = [column[1].name.removeprefix("DB_TYPE_").lower() for column in cursor.description]
    return [column[0].lower() for column in cursor.description], types, cursor


def execute(connection, statement, values):
    cursor = connection.cursor()
    cursor.execute(statement, values)
    return cursor.rowcount


def look_up(connection, statement, values):
    cursor = connection.cursor()
    cursor.execute(statement, values)
    row = cursor.fetchone()
    return row and dict(zip([column[0].lower() for column in cursor.description], row, strict=True))


def rights(connection):
    """What this account may do, as its session's privileges and the tables' say."""
    cursor = connection.cursor()
    cursor.execute("SELECT privilege FROM session_privs UNION SELECT role FROM session_roles")
    held = {name for name, in cursor}
    writes = cursor.execute("SELECT DISTINCT table_name FROM user_tab_privs_recd WHERE privilege IN "
                            "('INSERT', 'UPDATE', 'DELETE')").fetchmany(20)
    dangers = [f"The account has {name}." for name in PRIVILEGES if name in held]
    return Rights(f"Oracle {connection.version}", [name for name, in writes], dangers)


def is_ours(place, connection):
    """Maestro keeps nothing of its own in Oracle."""
    return False


def refuse_unsafe(place, connection):
    """The driver refuses by itself where TLS was asked for and is not spoken."""
