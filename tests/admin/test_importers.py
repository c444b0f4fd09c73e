"""Connections and importers through the door: made step by step, tested, launched, triggered and deleted."""

import io
import re

import pytest

from maestro import actions
from maestro.exchange import importers, imports, sources
from maestro.extensions import db
from maestro.models import AuditEntry, Connection, Importer, ImportRun
from maestro.warehouse import members
from tests.parts.shop import HERE

RULES = {"mode": "add-update", "overwrite": "y", "guard": "20", "unusable": "20", "decimal": ".", "dates": "ymd",
         "several": ",", "map_address": "email", "map_first_name": "first_name", "map_city": "city", "map_birthday": "",
         "case_first_name": "upper", "words_city": "York = Bristol"}


@pytest.fixture
def settings():
    return {"EGRESS_ALLOW": (HERE,)}


def number(answer, name):
    return int(re.search(rf"/{name}/(\d+)", answer.location)[1])


def test_a_site_administrator_makes_a_connection_and_tests_it(client, world, customers):
    form = {"group": world.group.id, "name": "Shop", "kind": "postgresql", "host": "127.0.0.1", "port": customers.port,
            "database": customers.name, "username": "shop", "password": "reads only", "tls": "none"}
    assert client.as_(world.alice).post("/admin/connections/new", data=form).status_code == 403
    client.as_(world.root)
    made = number(client.post("/admin/connections/new", data=form), "connections")
    stored = db.session.get(Connection, made)
    assert "reads only" not in stored.password and stored.group_id == world.group.id
    client.as_(world.alice).post(f"/admin/connections/{made}/test")
    page = client.get(f"/admin/connections/{made}").text
    assert "PostgreSQL 15" in page and "may only read" in page and "reads only" not in page
    assert client.as_(world.carol).get(f"/admin/connections/{made}").status_code == 404
    client.as_(world.root).post(f"/admin/connections/{made}/settings", data=form | {"password": "", "port": "9"})
    db.session.expire_all()
    assert db.session.get(Connection, made).password == ""          # the secret does not go to another place
    assert client.post("/admin/connections/new", data=form | {"database": "x host=/tmp"}).status_code == 422


def test_an_importer_from_the_first_page_to_its_first_run(client, world, shop, work):
    client.as_(world.alice)
    form = {"name": "Nightly", "target": f"l{world.offers.id}", "source": "database"}
    made = number(client.post("/admin/importers/new", data=form), "importers")
    page = f"/admin/importers/{made}"
    assert "Incomplete" in client.get(page).text
    query = {"connection": shop.id, "query": "SELECT email, first_name, city FROM customers"}
    tried = client.post(f"{page}/source", data=query | {"run": "1"}).text
    assert "c1@example.org" in tried and "email (text)" in tried and "First 20 rows" in tried
    wrong = client.post(f"{page}/source", data=query | {"query": "DELETE FROM customers", "next": "1"})
    assert wrong.status_code == 422 and "Only a SELECT" in wrong.text
    for broken in ("\nSELECT email\nFROM customers FOR UPDATE", "\n\nSELECT nothing\nFROM customers"):
        assert 'data-goto="query:3:1"' in client.post(f"{page}/source", data=query | {"query": broken}).text
    assert client.post(f"{page}/source", data=query | {"next": "1"}).location == f"{page}/rules"
    rules = client.get(f"{page}/rules").text
    assert rules.count("guessed") == 3 and f'/datasets/{world.dataset.id}/settings">settings of the dataset' in rules
    assert client.post(f"{page}/rules", data=RULES).location == page
    assert client.post(f"{page}/launch").status_code in (303, 409)  # not enabled: back with a sentence
    assert not db.session.query(ImportRun).count()
    client.post(f"{page}/enable")
    client.post(f"{page}/launch")
    work()
    assert "60 added" in client.get(page).text and "Enabled" in client.get("/admin/imports").text
    assert members.find(world.dataset, "c1@example.org")["first_name"] == "C1"
    assert members.find(world.dataset, "c1@example.org")["city"] == "Bristol"


def test_schedule_and_settings(client, world, shop):
    client.as_(world.alice)
    made = importers.create(world.dataset, None, "Nightly", "upload", by=world.alice)
    db.session.commit()
    page, form = f"/admin/importers/{made.id}", {"name": "Weekly", "zone": "Europe/Berlin", "notify": "bob@example.org"}
    answer = client.post(f"{page}/settings", data=form | {"every": "weekly", "days": ["0", "4"], "at": "02:00"})
    assert answer.location == page
    assert "Monday, Friday at 02:00, Europe/Berlin time" in client.get(page).text
    for wrong in (
            {"every": "daily", "at": "25:00"}, {"every": "cron", "cron": "x"}, {"every": "weekly", "at": "02:00"}):
        assert client.post(f"{page}/settings", data=form | wrong).status_code == 422
    client.post(f"{page}/remove")
    assert not db.session.query(Importer).count()


def test_a_file_that_is_kept_is_read_by_each_run(client, world, work):
    client.as_(world.alice)
    form = {"name": "File", "target": f"d{world.dataset.id}", "source": "upload"}
    made = number(client.post("/admin/importers/new", data=form), "importers")
    upload = {"file": (io.BytesIO(b"email,first_name,city\nann@example.org,Ann,York\n"), "people.csv")}
    assert client.post(f"/admin/importers/{made}/file", data=upload).location == f"/admin/importers/{made}/format"
    assert "ann@example.org" in client.get(f"/admin/importers/{made}/format").text
    client.post(f"/admin/importers/{made}/rules", data=RULES)
    client.post(f"/admin/importers/{made}/enable")
    for _ in range(2):
        client.post(f"/admin/importers/{made}/launch")
        work()
    assert [run.state for run in db.session.query(ImportRun)] == ["done", "done"]


def test_the_token_is_shown_for_one_page_and_that_is_audited(client, world):
    client.as_(world.alice)
    made = importers.create(world.dataset, None, "Nightly", "upload", by=world.alice)
    db.session.commit()
    page = f"/admin/importers/{made.id}"
    assert "Show token" in client.get(page).text
    client.post(f"/admin/actions/import/{made.id}")
    shown = client.get(page).text
    token = re.search(r"token=([a-z2-7]{26})", shown)[1]
    assert token not in client.get(page).text
    action = actions.find("import", made)
    client.post(f"/admin/actions/{action.id}/renew")
    assert token not in client.get(page).text
    form = {"gap": "60", "allow": "192.0.2.0/24", "post_only": "y"}
    client.post(f"/admin/actions/{action.id}/rules", data=form)
    assert client.post(f"/admin/actions/{action.id}/rules", data=form | {"allow": "nonsense"}).status_code == 422
    scripts = client.get("/admin/scripts").text
    assert "192.0.2.0/24" in scripts and f"Customers (dataset {world.dataset.id})" in scripts
    client.post(f"/admin/actions/{action.id}/show")
    posted = client.get(page).text
    assert "curl -fsS -X POST -H" in posted and "token=" not in posted
    told = [entry.action for entry in db.session.query(AuditEntry) if entry.action.startswith(("token", "action"))]
    assert told == ["token.show", "token.renew", "token.show", "action.change", "token.show"]


def test_a_query_can_be_imported_once_with_nothing_kept(client, world, shop, work):
    client.as_(world.alice)
    query = {"target": f"d{world.dataset.id}", "connection": shop.id, "query": "SELECT email FROM customers",
             "next": "1"}
    answer = client.post("/admin/imports/query", data=query)
    run = number(answer, "imports")
    assert answer.location.endswith("/rules")
    given = RULES | {"map_first_name": "", "map_city": "", "map_birthday": "", "check": "1"}
    client.post(f"/admin/imports/{run}/rules", data=given)
    work()
    assert "Import 60 changes" in client.get(f"/admin/imports/{run}").text
    assert not db.session.query(Importer).count()
    assert imports.progress(db.session.get(ImportRun, run))[0] == 60


@pytest.mark.parametrize(("name", "raw"), [
    ("people.json", b'[{"email": "ann@example.org", "first_name": "Ann"}]'),
    ("people", b'\n{"email": "ann@example.org"}\n{"email": "ben@example.org", "first_name": "Ben"}\n')])
def test_an_importer_of_calls_is_set_up_from_json(client, world, name, raw):
    client.as_(world.alice)
    form = {"name": "Calls", "target": f"l{world.offers.id}", "source": "post"}
    made = number(client.post("/admin/importers/new", data=form), "importers")
    page = f"/admin/importers/{made}"
    assert "JSON" in client.get(f"{page}/source").text
    upload = {"file": (io.BytesIO(raw), name)}
    answer = client.post(f"{page}/file", data=upload, content_type="multipart/form-data")
    assert answer.location == f"{page}/format"
    assert "ann@example.org" in client.get(answer.location).text
    assert client.get(f"{page}/rules").text.count("guessed") == 2
    db.session.expire_all()
    kept = db.session.get(Importer, made)
    assert kept.mapping == {"address": "email", "first_name": "first_name"} and kept.format["separator"] == ","
    before = kept.storage
    wrong = client.post(f"{page}/file", data={"file": (io.BytesIO(b"[1]"), name)}, content_type="multipart/form-data")
    assert wrong.status_code == 422 and "list of objects" in wrong.text
    assert [found.name for found in sources.folder().iterdir()] == [before]
