"""A directory read by LDAP: one search, page by page, its attributes as columns."""

import ssl
from contextlib import contextmanager

import polars as pl
from ldap3 import NONE, SUBTREE, Connection, Server, Tls
from ldap3.core.exceptions import LDAPException

from maestro.lib.errors import Refused
from maestro.lib.foreign.place import PATIENCE, check_name
from maestro.lib.foreign.texts import text
from maestro.lib.tabular.batch import names

PORT, TLS_PORT = 389, 636
PAGE = 500
ROWS = 5_000_000


@contextmanager
def opened(place, seconds):
    """A bound connection that can only ask. TLS from the first byte on port 636, StartTLS elsewhere."""
    check_name(place.host, "host")
    address = place.addresses("ldap")[0]
    try:
        server = Server(address, place.port, use_ssl=is_tls(place), tls=tls(place), get_info=NONE,
                        connect_timeout=PATIENCE)
        connection = Connection(server, place.username or None, place.password or None, read_only=True,
                                receive_timeout=seconds, raise_exceptions=True, auto_referrals=False)
        connection.open()
        if place.tls != "none" and not is_tls(place):
            connection.start_tls()
        connection.bind()
    except LDAPException as problem:
        raise Refused(f"The directory says: {place.scrubbed(problem)}", "host") from None
    try:
        yield connection
    finally:
        connection.unbind()


def is_tls(place):
    return place.tls != "none" and place.port == TLS_PORT


def tls(place):
    if place.tls == "none":
        return None
    return Tls(validate=ssl.CERT_REQUIRED if place.tls == "verify" else ssl.CERT_NONE,
               ca_certs_data=place.authority or None, valid_names=[place.host])


@contextmanager
def asked(place, search, attributes, seconds):
    """(columns, types, iterator over frames of texts) of a search below the base in `place.database`."""
    columns = [name.strip() for name in attributes.split(",") if name.strip()]
    if not columns:
        raise Refused("Name the attributes that are read, separated by commas.", "attributes")
    with opened(place, seconds) as connection:
        yield columns, [""] * len(columns), pages(connection, place, search or "(objectClass=*)", columns)


def pages(connection, place, search, columns):
    found = []
    try:
        for count, entry in enumerate(connection.extend.standard.paged_search(
                place.database, search, SUBTREE, attributes=columns, paged_size=PAGE, generator=True)):
            if entry["type"] != "searchResEntry":
                continue
            if count >= ROWS:
                raise Refused(f"The directory answers with more than {ROWS:,} entries.", "query")
            found.append(row(entry["attributes"], columns))
            if len(found) == PAGE:
                yield frame(found)
                found = []
    except LDAPException as problem:
        raise Refused(f"The directory says: {place.scrubbed(problem)}", "query") from None
    if found:
        yield frame(found)


def frame(rows):
    return pl.DataFrame(rows, schema=dict.fromkeys(names(len(rows[0])), pl.String), orient="row")


def row(attributes, columns):
    """The values of an entry in the order of the columns; of several the first one is no more than the others."""
    known = {name.lower(): value for name, value in attributes.items()}
    return [text(known.get(column.lower()) or None) for column in columns]


def test(place, seconds):
    """The sentence that says who we are there."""
    with opened(place, seconds) as connection:
        return connection.extend.standard.who_am_i() or "anonymous"
