"""Microsoft SQL Server, by python-tds. Written from its documentation and not tried live.

SQL Server has no transaction that only reads: everything is rolled back, and the account must not be able to write.
"""

import tempfile
from contextlib import contextmanager

from maestro.lib.foreign.extras import driver, execute, look_up, undone  # noqa: F401 - as every kind has them
from maestro.lib.foreign.place import PATIENCE, Rights, check_name

PORT, MARK = 1433, "%({})s"
Error = Exception                # the driver is an extra and cannot be named here


@contextmanager
def opened(place, seconds, writing=False):
    check_name(place.database, "database")
    tds = driver("pytds", "SQL Server", "python-tds pyopenssl")
    with tempfile.NamedTemporaryFile("w", suffix=".pem") as file:
        file.write(place.authority)
        file.flush()
        connection = tds.connect(
            server=place.host, sock=place.socket(), database=place.database, user=place.username,
            password=place.password, timeout=seconds, login_timeout=PATIENCE, appname="Maestro", readonly=not writing,
            autocommit=False, cafile=None if place.tls == "none" else file.name, validate_host=place.tls == "verify")
    with undone(connection):
        yield connection


def ask(connection, query):
    cursor = connection.cursor()
    cursor.execute(query)
    return [column[0] for column in cursor.description], [""] * len(cursor.description), cursor


def rights(connection):
    """What this account may do, as the server's own functions say."""
    version = look_up(connection, "SELECT CAST(SERVERPROPERTY('ProductVersion') AS varchar(40)) AS version", {})
    found = look_up(connection, "SELECT IS_SRVROLEMEMBER('sysadmin') AS boss, IS_MEMBER('db_owner') AS owner, "
                                "IS_MEMBER('db_datawriter') AS writer", {})
    dangers = ["The account is a system administrator."] if found["boss"] else []
    writes = ["every table"] if found["owner"] or found["writer"] else []
    if writes:
        dangers.append("The account can write, and SQL Server has no transaction that prevents it.")
    return Rights(f"SQL Server {version['version']}", writes, dangers)


def stop(place, connection):
    """End what another thread waits for, with the connection."""
    connection.close()


def is_ours(place, connection):
    """Maestro keeps nothing of its own in SQL Server."""
    return False


def refuse_unsafe(place, connection):
    """The driver refuses by itself where TLS was asked for and is not spoken."""
