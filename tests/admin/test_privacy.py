"""Staff answer people about their data: report, files, restriction, erasure; and set how long things are kept."""

import json
from xml.etree import ElementTree

import pytest

from maestro.accounts import settings
from maestro.extensions import db
from maestro.models import AuditEntry, Suppression
from maestro.site import retention
from maestro.warehouse import barred, members

URL = "/admin/settings/address"
DAVE = {"address": "dave@example.org"}


@pytest.fixture
def alice(client, world):
    return client.as_(world.alice)


def test_the_report_tells_what_is_stored_and_no_more(alice, world):
    assert alice.get(URL).status_code == 200
    page = alice.post(URL, data=DAVE).text
    assert "Dave" in page and "Offers" in page and "Erase everything" in page
    assert "Nothing is stored" in alice.post(URL, data={"address": "eve@example.org"}).text
    assert alice.post(URL, data={"address": "x"}).status_code == 422


def test_the_files_are_json_and_xml_and_the_audit_notes_them(alice, world):
    found = json.loads(alice.post(f"{URL}/json", data=DAVE).data)
    assert found["datasets"][0]["person"]["profile"]["First name"] == "Dave"
    tree = ElementTree.fromstring(alice.post(f"{URL}/xml", data=DAVE).data)
    assert tree.find("address").text == "dave@example.org" and "Dave" in "".join(tree.itertext())
    assert db.session.query(AuditEntry).filter_by(action="person.report").count() == 2


def test_a_restricted_address_stays_and_gets_nothing(alice, world):
    alice.post(f"{URL}/restrict", data=DAVE)
    held = db.session.query(Suppression).one()
    assert (held.address_key, held.group_id, held.reason) == ("dave@example.org", world.group.id, "restricted")
    assert members.find(world.dataset, "dave@example.org")
    assert "Lift the restriction" in alice.post(URL, data=DAVE).text
    alice.post(f"{URL}/release", data=DAVE)
    assert db.session.query(Suppression).count() == 0


def test_erasing_needs_the_address_once_more_and_leaves_a_hash(alice, world):
    alice.post(f"{URL}/erase", data=DAVE)
    assert members.find(world.dataset, "dave@example.org")
    db.session.rollback()
    assert alice.post(f"{URL}/erase", data={**DAVE, "typed": "Dave@example.org"}).status_code == 303
    db.session.expire_all()
    assert not members.find(world.dataset, "dave@example.org") and barred.is_barred(world.dataset, "dave@example.org")


def test_other_groups_and_lesser_roles_learn_nothing(client, world):
    assert "Nothing is stored" in client.as_(world.carol).post(URL, data=DAVE).text
    assert client.as_(world.bob).post(URL, data=DAVE).status_code == 403


def test_days_are_set_on_the_retention_page(client, world):
    client.as_(world.root)
    page = client.get("/admin/settings/retention")
    assert page.status_code == 200 and "What the next night would forget" in page.text
    data = {rule.setting: "10" for rule in retention.RULES}
    assert client.post("/admin/settings/retention", data=data).status_code == 303
    assert settings.get("keep_addresses") == 10
    assert client.post("/admin/settings/retention", data={**data, "keep_posts": "-1"}).status_code == 422
