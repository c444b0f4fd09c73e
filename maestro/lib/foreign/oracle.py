"""Oracle, by oracledb in its thin mode. Written from its documentation and not tried live."""

from contextlib import contextmanager

from maestro.lib.foreign.extras import driver, execute, look_up, undone  # noqa: F401 - as every kind has them
from maestro.lib.foreign.place import BATCH, PATIENCE, Rights, check_name

PORT, MARK = 1521, ":{}"
Error = Exception                # the driver is an extra and cannot be named here
PRIVILEGES = ("DBA", "SYSDBA", "CREATE ANY PROCEDURE", "EXECUTE ANY PROCEDURE", "CREATE ANY DIRECTORY")


@contextmanager
def opened(place, seconds, writing=False):
    check_name(place.database, "database")
    place.addresses()
    connection = driver("oracledb", "Oracle", "oracledb").connect(
        user=place.username, password=place.password, host=place.host, port=place.port, service_name=place.database,
        protocol="tcp" if place.tls == "none" else "tcps", ssl_context=place.context(),
        ssl_server_dn_match=place.tls == "verify", tcp_connect_timeout=PATIENCE, retry_count=0)
    connection.call_timeout = seconds * 1000
    with undone(connection):
        if not writing:
            connection.cursor().execute("SET TRANSACTION READ ONLY")
        yield connection


def ask(connection, query):
    cursor = connection.cursor()
    cursor.arraysize = BATCH
    cursor.execute(query)
    types = [column[1].name.removeprefix("DB_TYPE_").lower() for column in cursor.description]
    return [column[0].lower() for column in cursor.description], types, cursor


def rights(connection):
    """What this account may do, as its session's privileges and the tables' say."""
    cursor = connection.cursor()
    cursor.execute("SELECT privilege FROM session_privs UNION SELECT role FROM session_roles")
    held = {name for name, in cursor}
    writes = cursor.execute("SELECT DISTINCT table_name FROM user_tab_privs_recd WHERE privilege IN "
                            "('INSERT', 'UPDATE', 'DELETE')").fetchmany(20)
    dangers = [f"The account has {name}." for name in PRIVILEGES if name in held]
    return Rights(f"Oracle {connection.version}", [name for name, in writes], dangers)


def stop(place, connection):
    """End the statement that another thread waits for."""
    connection.cancel()


def is_ours(place, connection):
    """Maestro keeps nothing of its own in Oracle."""
    return False


def refuse_unsafe(place, connection):
    """The driver refuses by itself where TLS was asked for and is not spoken."""
