"""An import through the door: file, preview, fields and rules, check, result, and who may do that."""

import io
import re

import pytest

from maestro.exchange import imports, sources
from maestro.exchange.running import load
from maestro.extensions import db
from maestro.models import ImportRun
from maestro.warehouse import members

FILE = b"E-Mail;First name;City\r\nann@example.org;Ann;York\r\nbad;;\r\n" + b"".join(
    b"p%d@example.org;P%d;\r\n" % (number, number) for number in range(8))
RULES = {"mode": "add-update", "overwrite": "y", "guard": "20", "unusable": "20",
         "decimal": ".", "dates": "ymd", "several": ",",
         "map_address": "E-Mail", "map_first_name": "First name", "map_city": "City", "map_birthday": ""}


@pytest.fixture
def upload(client, world):
    """Upload a file as Alice into the list; the answer."""
    client.as_(world.alice)
    return lambda content=FILE, name="people.csv", target=None: client.post(
        "/admin/imports/new", data={"target": target or f"l{world.offers.id}", "file": (io.BytesIO(content), name)})


@pytest.fixture
def run(upload):
    """The number of an import that was just uploaded."""
    return int(re.fullmatch(r"/admin/imports/(\d+)/preview", upload().location)[1])


def test_the_way_from_the_file_to_the_list(client, world, run, work):
    preview = client.get(f"/admin/imports/{run}/preview").text
    assert '<option selected value=";">Semicolon' in preview and "ann@example.org" in preview
    rules = client.get(f"/admin/imports/{run}/rules").text
    assert "9 of the first 10 values in the column of the addresses look like addresses." in rules
    assert rules.count("guessed") == 3 and '<option selected value="E-Mail">' in rules
    assert client.post(f"/admin/imports/{run}/rules", data=RULES | {"check": "1"}).location == f"/admin/imports/{run}"
    assert "It starts in a moment." in client.get(f"/admin/imports/{run}").text
    work()
    page = client.get(f"/admin/imports/{run}").text
    assert "Nothing has been changed yet." in page and "Import 9 changes" in page
    assert "An address has a name, an @ and a domain" in page
    assert members.find(world.dataset, "ann@example.org") is None
    db.session.commit()
    client.post(f"/admin/imports/{run}/apply")
    work()
    assert "were brought into Offers in Customers" in client.get(f"/admin/imports/{run}").text
    assert members.find(world.dataset, "ann@example.org")["first_name"] == "Ann"
    assert "9 added, 1 rejected" in client.get("/admin/imports").text


def test_the_preview_is_read_anew_as_the_user_says(client, run):
    form = {"separator": ",", "quote": '"', "encoding": "utf-8"}
    assert client.post(f"/admin/imports/{run}/preview", data=form).status_code == 303
    page = client.get(f"/admin/imports/{run}/preview").text
    assert "Column 1" in page and "E-Mail;First name;City" in page
    assert client.post(f"/admin/imports/{run}/preview", data=form | {"separator": "x"}).status_code == 422


def test_a_file_that_cannot_be_read_like_this_says_so(client, upload):
    run = int(upload(b'a,b\n1,"2\n').location.split("/")[3])
    assert "opens a quote that is never closed" in client.get(f"/admin/imports/{run}/preview").text
    assert client.get(f"/admin/imports/{run}/rules").location == f"/admin/imports/{run}/preview"


@pytest.mark.parametrize("wrong, at", [
    ({"map_address": ""}, "map_address"), ({"map_address": "City2"}, "map_address"), ({"guard": "101"}, "guard"),
    ({"mode": "destroy"}, "mode"), ({"dates": "xyz"}, "dates")])
def test_wrong_rules_are_shown_at_their_input_and_start_nothing(client, run, wrong, at):
    answer = client.post(f"/admin/imports/{run}/rules", data=RULES | wrong | {"check": "1"})
    assert answer.status_code == 422 and "Nothing was started yet." in answer.text and f'href="#{at}"' in answer.text
    assert load(run).state == "draft"


@pytest.mark.parametrize("content, name", [(b"", "empty.csv"), (b"PK\x03\x04rubbish", "book.xlsx")])
def test_a_useless_file_is_refused_and_not_kept(upload, content, name):
    answer = upload(content, name)
    assert answer.status_code == 422
    assert not list(sources.folder().iterdir()) and not db.session.query(ImportRun).count()


def test_a_file_larger_than_other_requests_is_taken(upload):
    rows = b"".join(b"person%06d@example.org\r\n" % number for number in range(60_000))
    assert upload(b"address\r\n" + rows).status_code == 303


def test_every_list_can_be_downloaded_safe_for_spreadsheets(client, upload, work, world):
    run = int(upload(b"address,first_name\r\nann@example.org,=1+1\r\n").location.split("/")[3])
    rules = RULES | {"map_address": "address", "map_first_name": "first_name", "map_city": ""}
    client.post(f"/admin/imports/{run}/rules", data=rules | {"check": "1"})
    work()
    answer = client.get(f"/admin/imports/{run}/added.csv")
    assert answer.data == b"address,first_name\r\nann@example.org,'=1+1\r\n"
    assert "import-" in answer.headers["Content-Disposition"]
    for kind in ("changed", "removed", "protected", "rejected"):
        assert client.get(f"/admin/imports/{run}/{kind}.csv").status_code == 200
        assert client.get(f"/admin/imports/{run}?list={kind}").status_code == 200
    assert client.get(f"/admin/imports/{run}/secrets.csv").status_code == 404
    assert client.get(f"/admin/imports/{run}?list=secrets").status_code == 404


def test_a_stopped_import_is_released_by_a_person(client, upload, work, world):
    run = int(upload(b"address\r\n").location.split("/")[3])
    client.post(f"/admin/imports/{run}/rules", data=RULES | {
        "map_address": "address", "map_first_name": "", "map_city": "", "import": "1"})
    work()
    page = client.get(f"/admin/imports/{run}").text
    assert "This import waits for you" in page and "The source has no rows." in page
    client.post(f"/admin/imports/{run}/release")
    work()
    assert load(run).state == "done"


def test_removals_that_the_guard_has_stopped_can_be_left_out(client, upload, work, world):
    rules = RULES | {"map_address": "address", "map_first_name": "", "map_city": "", "import": "1"}

    def run(names, mode):
        number = int(upload(b"address\r\n" + b"".join(b"%s@example.org\r\n" % name for name in names))
                     .location.split("/")[3])
        client.post(f"/admin/imports/{number}/rules", data=rules | {"mode": mode})
        work()
        return number
    many = [b"p%d" % number for number in range(60)]
    page = f"/admin/imports/{run(many, 'add')}"
    assert "without the removals" not in client.get(page).text
    page = f"/admin/imports/{run(many[:5], 'synchronise')}"
    assert "would remove 55 of 61" in client.get(page).text and "Import without the removals" in client.get(page).text
    client.post(f"{page}/spare")
    work()
    assert "Import is done" in client.get(page).text and "without the removals" not in client.get(page).text
    assert "61" in client.get(f"/admin/lists/{world.offers.id}").text


def test_people_are_deleted_only_after_a_look(client, upload, work, world):
    """Out of a dataset they go with all their values: nothing brings those back."""
    run = int(upload(b"address\r\ndave@example.org\r\n", target=f"d{world.dataset.id}").location.split("/")[3])
    away = RULES | {"mode": "remove", "map_address": "address", "map_first_name": "", "map_city": ""}
    client.post(f"/admin/imports/{run}/rules", data=away | {"import": "1"})
    work()
    page = client.get(f"/admin/imports/{run}").text
    assert "Look at the check first." in page and "deleted with all values" in page and load(run).state == "staged"
    assert members.find(world.dataset, "dave@example.org")
    db.session.commit()
    client.post(f"/admin/imports/{run}/apply")
    work()
    assert members.find(world.dataset, "dave@example.org") is None


def test_an_undo_is_followed_and_told(client, run, work):
    client.post(f"/admin/imports/{run}/rules", data=RULES | {"import": "1"})
    work()
    client.post(f"/admin/imports/{run}/undo")
    page = client.get(f"/admin/imports/{run}").text
    assert "is being taken back" in page and "Cancel the import" not in page
    assert "Undoing" in client.get("/admin/").text
    work()
    assert "Import was undone" in client.get(f"/admin/imports/{run}").text


def test_the_progress_is_asked_for_by_itself_until_it_is_over(client, run, work):
    client.post(f"/admin/imports/{run}/rules", data=RULES | {"import": "1"})
    answer = client.get(f"/admin/imports/{run}?part=live")
    assert answer.status_code == 200 and answer.text.lstrip().startswith('<div id="progress"')
    again = client.get(f"/admin/imports/{run}?part=live", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    work()
    assert client.get(f"/admin/imports/{run}?part=live").status_code == 205


def test_a_draft_is_cancelled_and_its_page_says_so(client, run):
    assert client.post(f"/admin/imports/{run}/cancel").status_code == 303
    assert "Nobody was added or changed." in client.get(f"/admin/imports/{run}").text
    assert client.post(f"/admin/imports/{run}/apply", follow_redirects=True).status_code in (200, 409)
    assert load(run).state == "cancelled"


def test_who_may(client, world, run):
    for user, status in ((world.bob, 403), (world.victor, 403), (world.carol, 404)):
        client.as_(user)
        for path in (f"/admin/imports/{run}", f"/admin/imports/{run}/rules", f"/admin/imports/{run}/added.csv"):
            assert client.get(path).status_code == status
        assert client.post(f"/admin/imports/{run}/cancel").status_code == status
    assert load(run).state == "draft"


def test_nobody_imports_into_what_is_not_theirs(client, upload, world):
    for target in (f"l{world.foreign_list.id}", f"d{world.foreign.id}", "x1", "d"):
        assert upload(target=target).status_code == 422
    assert not db.session.query(ImportRun).count()


def test_before_the_first_import_the_page_says_what_one_is(client, world):
    assert "No imports yet" in client.as_(world.alice).get("/admin/imports").text


def test_due_imports_are_work_for_a_worker(client, world, run):
    client.post(f"/admin/imports/{run}/rules", data=RULES | {"check": "1"})
    assert imports.due() == [(imports.run_import, run)]
