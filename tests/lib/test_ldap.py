"""A directory as a source, against the server in memory that comes with the library."""

from functools import partial

import ldap3
import pytest

from maestro.lib import ldap
from maestro.lib.errors import Forbidden, Refused
from maestro.lib.foreign.place import Place

PLACE = Place("ldap", "127.0.0.1", 389, "ou=people,dc=example,dc=org", "cn=reader,dc=example,dc=org", "secret", "none",
              allow=("ldap=127.0.0.0/8",))


@pytest.fixture
def directory(monkeypatch):
    """People in a directory of two pages."""
    server = ldap3.Server("127.0.0.1", get_info=ldap3.OFFLINE_SLAPD_2_4)
    seed = ldap3.Connection(server, client_strategy=ldap3.MOCK_SYNC)
    entries = {"cn=reader,dc=example,dc=org": {"userPassword": "secret", "sn": "reader", "objectClass": "person"}}
    for number in range(700):
        entries[f"cn=p{number},{PLACE.database}"] = {
            "mail": f"p{number}@example.org", "sn": f"P{number}", "objectClass": "inetOrgPerson",
            "telephoneNumber": ["1", "2"]}

    def connect(_server, *arguments, **options):
        made = ldap3.Connection(server, *arguments, client_strategy=ldap3.MOCK_SYNC, **options)
        for name, attributes in entries.items():
            made.strategy.add_entry(name, attributes)
        return made
    monkeypatch.setattr(ldap, "Connection", partial(connect))
    return seed


def test_people_of_a_directory_come_page_by_page(directory):
    with ldap.asked(PLACE, "(mail=*)", "mail, sn, telephoneNumber, l", 10) as (columns, _, pages):
        found = [row for page in pages for row in page.rows()]
    assert columns == ["mail", "sn", "telephoneNumber", "l"] and len(found) == 700
    assert ("p7@example.org", "P7", "1,2", None) in found


def test_what_is_wrong_is_said(directory):
    with pytest.raises(Refused, match="Name the attributes"):
        with ldap.asked(PLACE, "(mail=*)", "", 10):
            pass
    with pytest.raises(Refused, match="The directory says"):
        with ldap.asked(PLACE, "(mail=*", "mail", 10) as (_, _, pages):
            list(pages)
    with pytest.raises(Forbidden):
        with ldap.asked(Place("ldap", "127.0.0.1", 389, "dc=x", tls="none"), "(mail=*)", "mail", 10):
            pass
