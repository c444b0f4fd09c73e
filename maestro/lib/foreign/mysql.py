"""MySQL and MariaDB, read in a transaction that cannot write."""

import re
from contextlib import closing, contextmanager, suppress

import pymysql
from pymysql.constants import FIELD_TYPE

from maestro.lib.errors import Refused
from maestro.lib.foreign.place import PATIENCE, Rights, check_name

PORT, MARK = 3306, "%({})s"
Error = pymysql.Error
TYPES = {value: name.lower() for name, value in vars(FIELD_TYPE).items() if name.isupper()}
DANGEROUS = ("FILE", "SUPER", "SHUTDOWN", "CREATE USER", "RELOAD", "GRANT OPTION", "ALL PRIVILEGES")
WRITING = re.compile(r"\b(ALL PRIVILEGES|INSERT|UPDATE|DELETE|DROP|CREATE|ALTER)\b")
GRANT = re.compile(r"GRANT (?P<rights>.*) ON (?P<place>\S+) TO .*", re.DOTALL)


@contextmanager
def opened(place, seconds, writing=False):
    """A connection whose statements take at most `seconds`; it is rolled back at the end unless it was committed."""
    check_name(place.database, "database")
    connection = connect(place, seconds)
    try:
        with connection.cursor() as cursor:
            limit(connection, cursor, seconds)
            if writing:
                cursor.execute("SET SESSION time_zone = '+00:00'")      # our times come and go without a zone
            else:
                cursor.execute("SET SESSION TRANSACTION READ ONLY")
                cursor.execute("START TRANSACTION READ ONLY")
        yield connection
    finally:
        with suppress(Error, OSError):
            connection.close()


def connect(place, seconds):
    """On a socket to the checked address. A rogue server gets no file of ours: LOAD DATA LOCAL stays off."""
    connection = pymysql.Connection(
        host=place.host, user=place.username, password=place.password, database=place.database, charset="utf8mb4",
        ssl=place.context(), ssl_disabled=place.tls == "none", connect_timeout=PATIENCE, read_timeout=seconds + 10,
        local_infile=False, autocommit=False, defer_connect=True)
    connection.connect(place.socket())
    return connection


def limit(connection, cursor, seconds):
    """Both servers know a limit for questions, under different names and in other units."""
    if is_mariadb(connection):
        cursor.execute(f"SET SESSION max_statement_time = {int(seconds)}")
    else:
        cursor.execute(f"SET SESSION max_execution_time = {int(seconds) * 1000}")
    cursor.execute("SET SESSION lock_wait_timeout = 10")


def is_mariadb(connection):
    return "mariadb" in connection.get_server_info().lower()


class Streamed(pymysql.cursors.SSCursor):
    """Leaves the rows on the server. What nobody asked for any more is not fetched either: its connection ends."""

    def close(self):
        if self._result:
            self._result.unbuffered_active = False
        self.connection = None

    __del__ = close


def ask(connection, query):
    """(columns, types, cursor) of a query."""
    cursor = connection.cursor(Streamed)
    cursor.execute(query)
    return ([column[0] for column in cursor.description],
            [TYPES.get(column[1], "other") for column in cursor.description], cursor)


def execute(connection, statement, values):
    with connection.cursor() as cursor:
        return cursor.execute(statement, values)


def look_up(connection, statement, values):
    with connection.cursor(pymysql.cursors.DictCursor) as cursor:
        cursor.execute(statement, values)
        return cursor.fetchone()


def rights(connection):
    """What this account may do, as SHOW GRANTS says."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW GRANTS")
        grants = [GRANT.fullmatch(grant) for grant, in cursor.fetchall()]
    found = [(grant["rights"].upper(), grant["place"]) for grant in grants if grant]
    name = "MariaDB" if is_mariadb(connection) else "MySQL"
    version = re.search(r"\d+\.\d+\.\d+", connection.get_server_info().replace("5.5.5-", ""))
    writes = [place.replace("`", "") for rights, place in found if WRITING.search(rights)]
    return Rights(f"{name} {version[0] if version else ''}", writes, dangers(found))


def dangers(found):
    everywhere = [rights for rights, place in found if place == "*.*"]
    return [f"The account has the right {right} on the whole server." for right in DANGEROUS
            if any(re.search(rf"(^|, ){right}", rights) for rights in everywhere)]


def stop(place, connection):
    """End the statement that another thread waits for."""
    other = connect(place, PATIENCE)
    with closing(other), other.cursor() as cursor:
        cursor.execute(f"KILL QUERY {int(connection.thread_id())}")


def is_ours(place, connection):
    """Maestro keeps nothing of its own in MySQL."""
    return False


def refuse_unsafe(place, connection):
    if place.tls != "none" and not getattr(connection, "_secure", False):
        raise Refused("The server does not offer TLS.", "tls")
