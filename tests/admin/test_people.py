"""People on the pages: found, put in, changed, taken off and out."""

import html
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from maestro.delivery import partitions
from maestro.extensions import db
from maestro.lib.errors import Refused
from maestro.models import FIELD_TYPES, Change, MailJob, Recipient, Subscription
from maestro.warehouse import fields, lists, members, subscriptions
from tests.parts.corpora import naughty_strings

NAUGHTY = naughty_strings()


def add(world, count=3):
    for number in range(count):
        members.add(
            world.dataset, f"p{number}@example.org", {"first_name": f"Name {number}", "city": "York"}, by="test"
        )
    db.session.commit()


def listed(page):
    return re.findall(r"data-open>([^<]+@[^<]+)<", page)


@pytest.fixture
def here(world):
    """Where the dataset's people are."""
    return f"/admin/datasets/{world.dataset.id}"


def test_the_table_is_searched_sorted_and_paged(client, world, here):
    add(world, 60)
    client.as_(world.bob)
    page = client.get(here).text
    assert len(listed(page)) == 50
    assert "1–50 of 61" in page
    assert listed(client.get(f"{here}?page=2&size=25").text) == listed(
        client.get(f"{here}?size=25&page=2&sort=address").text
    )
    assert "51–61 of 61" in client.get(f"{here}?page=99").text
    assert listed(client.get(f"{here}?q=NAME+42").text) == ["p42@example.org"]
    assert listed(client.get(f"{here}?sort=first_name&down=1").text)[0] == "p9@example.org"
    assert 'aria-sort="descending"' in client.get(f"{here}?sort=first_name&down=1").text
    assert "Nobody matches" in client.get(f"{here}?q=nobody").text
    assert "Nobody is in this state" in client.get(f"{here}?state=left").text


def test_links_keep_what_was_asked(client, world, here):
    add(world, 60)
    page = html.unescape(client.as_(world.bob).get(f"{here}?q=york&sort=city&down=1&size=25").text)
    following = re.search(r'href="([^"]+)" rel="next"', page)[1]
    assert set(following.partition("?")[2].split("&")) == {"q=york", "sort=city", "down=1", "size=25", "page=2"}
    assert "26–50 of 60" in client.get(following).text


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    asked=st.dictionaries(
        st.sampled_from(["q", "state", "sort", "down", "size", "page", "other"]),
        st.one_of(st.text(max_size=20), st.sampled_from(["-1", "999999999999999999999", "0", "1'", "pg_sleep(3)"])),
    )
)
def test_no_question_breaks_the_table(client, world, here, asked):
    for path in (here, f"/admin/lists/{world.offers.id}"):
        assert client.as_(world.bob).get(path, query_string=asked).status_code == 200


def test_a_person_is_added_with_fields_of_every_kind(client, world, here):
    for type in FIELD_TYPES:
        fields.create(world.dataset, f"A {type}", type, by="test", choices=["Red", "Blue"])
    db.session.commit()
    sent = {
        "address": "Eve@Example.org",
        "f_a_text": "two words",
        "f_a_number": "12.5",
        "f_a_date": "2026-02-28",
        "f_a_yesno": "F",
        "f_a_choice": "Blue",
        "f_a_choices": ["Blue", "Red"],
    }
    answer = client.as_(world.alice).post(f"{here}/people/new", data=sent)
    row = members.find(world.dataset, "eve@example.org")
    assert answer.location == f"{here}/people/{row['id']}"
    assert [fields.show(field, row[field.name]) for field in world.dataset.fields] == [
        "",
        "",
        "",
        "two words",
        "12.5",
        "2026-02-28",
        "F",
        "Blue",
        "Red,Blue",
    ]
    page = client.get(answer.location).text
    for text in ("two words", "12.5", "2026-02-28", "Red, Blue", "Eve@Example.org"):
        assert text in page
    form = client.get(f"{answer.location}/edit").text
    for part in ('type="date"', 'inputmode="decimal"', 'type="radio"', 'type="checkbox"', "<select"):
        assert part in form
    assert form.count("checked") == 3


@pytest.mark.parametrize(
    "sent, said",
    [
        ({"address": ""}, "Give the address."),
        ({"address": "nobody"}, "such as ann@example.org"),
        ({"address": "dave@example.org"}, "in this dataset already"),
        ({"address": "eve@example.org", "f_city": "Atlantis"}, "none of its choices"),
        ({"address": "eve@example.org", "f_birthday": "31.12.1999"}, "must be a date"),
    ],
)
def test_what_is_wrong_is_shown_at_its_field_and_the_rest_kept(client, world, here, sent, said):
    answer = client.as_(world.alice).post(f"{here}/people/new", data={"f_first_name": "Kept text", **sent})
    assert answer.status_code == 422
    assert said in html.unescape(answer.text)
    assert "Kept text" in answer.text
    assert "is-invalid" in answer.text
    assert not members.find(world.dataset, "eve@example.org")


def test_a_required_field_is_asked_for_at_its_place(client, world, here):
    fields.create(world.dataset, "Town", "text", by="test", required=True)
    db.session.commit()
    answer = client.as_(world.alice).post(f"{here}/people/new", data={"address": "eve@example.org"})
    assert "Town must be filled in." in answer.text


def test_somebody_is_put_on_a_list_taken_off_and_put_back_by_undo(client, world, here):
    client.as_(world.alice)
    answer = client.post(
        f"/admin/lists/{world.offers.id}/people/new", data={"address": "eve@example.org", "f_first_name": "Eve"}
    )
    person, row = answer.location, members.find(world.dataset, "eve@example.org")
    assert "eve@example.org is on “Offers” now." in client.get(person).text
    client.post(f"/admin/lists/{world.offers.id}/people/{row['id']}/leave")
    assert subscriptions.get(world.offers, row["id"]).state == "left"
    undo = re.search(r'action="([^"]+/join)"', client.get(person).text)[1]
    client.post(undo)
    assert subscriptions.get(world.offers, row["id"]).state == "confirmed"
    assert client.post(undo).status_code == 422


def test_the_page_of_a_person_tells_what_is_known(client, world, here):
    job = MailJob(
        code="261122A",
        group_id=world.group.id,
        title="Spring",
        dataset_id=world.dataset.id,
        started_at=world.dave["joined_at"],
    )
    db.session.add(job)
    db.session.flush()
    partitions.make(job.id)
    db.session.add(
        Recipient(
            job_id=job.id,
            number=1,
            member_id=world.dave["id"],
            address="dave@example.org",
            address_key="dave@example.org",
            state="accepted",
            done_at=1_800_000_000.0,
        )
    )
    members.change(world.dataset, world.dave, {"first_name": "Dan"}, by=world.alice, address="dan@example.org")
    subscriptions.leave(world.offers, world.dave, None, cause="self", ip="192.0.2.7")
    db.session.commit()
    page = client.as_(world.bob).get(f"{here}/people/{world.dave['id']}").text
    for text in (
        "dan@example.org",
        "dave@example.org → dan@example.org",
        "first_name: Dave → Dan",
        "left by themselves",
        "192.0.2.7",
        "alice@example.org",
        "Spring",
        "Sent",
        "Offers",
    ):
        assert text in page, text
    assert "Put back" not in page, "a writer sees but does not change"


def test_a_person_is_changed(client, world, here):
    path = f"{here}/people/{world.dave['id']}/edit"
    client.as_(world.alice)
    assert 'value="Dave"' in client.get(path).text
    client.post(
        path, data={"address": "david@example.org", "f_first_name": "", "f_city": "York", "f_birthday": "1990-01-01"}
    )
    row = members.find(world.dataset, "david@example.org")
    assert (row["first_name"], row["city"], str(row["birthday"])) == (None, "York", "1990-01-01")
    add(world, 1)
    answer = client.post(path, data={"address": "p0@example.org", "f_first_name": "Kept text"})
    assert (answer.status_code, "belongs to somebody else" in answer.text, "Kept text" in answer.text) == (
        422,
        True,
        True,
    )


def test_many_are_removed_after_the_numbers_were_shown(client, world, here):
    add(world, 3)
    ids = [members.find(world.dataset, f"p{number}@example.org")["id"] for number in (0, 1)] + [world.dave["id"]]
    client.as_(world.alice)
    page = client.post(f"{here}/people/remove", data={"ids": ids}).text
    assert "Remove 3 people" in page
    assert "1 place on a list" in page
    assert members.find(world.dataset, "p0@example.org")
    client.post(f"{here}/people/remove", data={"ids": ids, "sure": "yes"})
    assert listed(client.get(here).text) == ["p2@example.org"]


def test_many_are_taken_off_a_list(client, world, here):
    client.as_(world.alice)
    data = {"ids": [world.dave["id"]], "list": world.offers.id}
    assert "Take 1 person off “Offers”" in client.post(f"{here}/people/remove", data=data).text
    client.post(f"{here}/people/remove", data=data | {"sure": "yes"})
    assert db.session.query(Subscription).one().state == "left"
    assert members.find(world.dataset, "dave@example.org")
    assert client.post(f"{here}/people/remove", data=data | {"list": world.foreign_list.id}).status_code == 404
    assert client.post(f"{here}/people/remove", data={"ids": ["9999", "x"]}).status_code == 422


def test_many_are_put_on_a_list_but_not_who_left_it(client, world, here):
    add(world, 3)
    subscriptions.leave(world.offers, world.dave, by=None, cause="self")
    ids = [members.find(world.dataset, f"p{number}@example.org")["id"] for number in range(2)] + [world.dave["id"]]
    db.session.commit()
    client.as_(world.alice)
    page = client.post(f"{here}/people/join", data={"ids": ids}).text
    assert "Put 3 people on a list" in page and "Offers</option>" in page
    assert client.post(f"{here}/people/join", data={"ids": ids, "to": world.offers.id}).status_code == 303
    assert "2 people are on “Offers” now. 1 was there before" in client.get(f"/admin/lists/{world.offers.id}").text
    places = db.session.query(Subscription).filter_by(list_id=world.offers.id)
    states = {place.member_id: place.state for place in places}
    assert states == {ids[0]: "confirmed", ids[1]: "confirmed", ids[2]: "left"}
    assert client.post(f"{here}/people/join", data={"ids": ids, "to": world.foreign_list.id}).status_code == 404
    assert client.as_(world.bob).post(f"{here}/people/join", data={"ids": ids}).status_code == 403


def test_many_get_one_value(client, world, here):
    add(world, 3)
    ids = [members.find(world.dataset, f"p{number}@example.org")["id"] for number in range(2)]
    db.session.commit()
    client.as_(world.alice)
    assert "City</option>" in client.post(f"{here}/people/set", data={"ids": ids}).text
    asked = {"ids": ids, "field": "city"}
    assert "Set it for 2 people" in client.post(f"{here}/people/set", data=asked).text
    assert client.post(f"{here}/people/set", data=asked | {"sure": "yes", "f_city": "Atlantis"}).status_code == 422
    assert client.post(f"{here}/people/set", data=asked | {"sure": "yes", "f_city": "Bristol"}).status_code == 303
    cities = [members.find(world.dataset, f"p{number}@example.org")["city"] for number in range(3)]
    assert cities == ["Bristol", "Bristol", "York"]
    last = db.session.query(Change).order_by(Change.id.desc()).first()
    assert (last.code, last.cause, last.changes) == ("UPD", "user", '{"city": ["York", "Bristol"]}')


def test_the_chosen_are_downloaded(client, world, here):
    add(world, 3)
    ids = [members.find(world.dataset, f"p{number}@example.org")["id"] for number in range(2)]
    db.session.commit()
    answer = client.as_(world.alice).post(f"{here}/people/download", data={"ids": ids})
    assert [line.split(",")[0] for line in answer.text.splitlines()] == ["address", "p0@example.org", "p1@example.org"]
    assert client.as_(world.bob).post(f"{here}/people/download", data={"ids": ids}).status_code == 403


def test_one_is_removed_from_the_dataset(client, world, here):
    client.as_(world.alice)
    assert client.post(f"{here}/people/{world.dave['id']}/remove").location == here
    assert members.find(world.dataset, "dave@example.org") is None
    assert client.get(f"{here}/people/{world.dave['id']}").status_code == 404


def test_naughty_strings_are_kept_exactly(client, world, here):
    names = [fields.create(world.dataset, f"Text {number}", "text", by="test").name for number in range(40)]
    db.session.commit()
    client.as_(world.alice)
    for place in range(0, len(NAUGHTY), len(names)):
        texts = dict(zip(names, NAUGHTY[place:], strict=False))
        data = {"address": "dave@example.org"} | {f"f_{name}": text for name, text in texts.items()}
        assert client.post(f"{here}/people/{world.dave['id']}/edit", data=data).status_code == 303
        row = members.get(world.dataset, world.dave["id"])
        for name, text in texts.items():
            assert row[name] == (text if text.strip() else None)
        assert client.get(f"{here}/people/{world.dave['id']}").status_code == 200
    assert client.get(here).status_code == 200


def test_naughty_strings_that_are_no_values_are_refused_at_their_fields(client, world, here):
    kinds = [
        fields.create(world.dataset, f"A {type}", type, by="test", choices=["Red", "Blue"]) for type in FIELD_TYPES
    ]
    db.session.commit()
    client.as_(world.alice)
    for text in NAUGHTY[::5]:
        data = {"address": "dave@example.org"} | {f"f_{field.name}": text for field in kinds}
        answer = client.post(f"{here}/people/{world.dave['id']}/edit", data=data)
        assert answer.status_code == 422 or is_good(kinds, text)
        assert answer.text.count("field-error") == sum(not is_good([field], text) for field in kinds)


def is_good(kinds, text):
    """Whether all these fields take the text."""
    try:
        for field in kinds:
            fields.parse(field, text)
    except Refused:
        return False
    return True


def test_a_list_that_asks_for_something_gets_it_before_anybody_is_put_on(client, world, here):
    news = lists.create(world.dataset, "News", by="test")
    fields.create(world.dataset, "Shoe size", "number", by="test", list=news, required=True)
    fields.refine(fields.create(world.dataset, "Colour", "text", by="test", list=news), "test", default="blue")
    db.session.commit()
    client.as_(world.alice)
    form = client.post(f"/admin/lists/{news.id}/people/{world.dave['id']}/join", follow_redirects=True)
    assert "Shoe size must be filled in." in form.text and 'value="dave@example.org"' in form.text
    client.post(f"{here}/people/join", data={"ids": [world.dave["id"]], "to": news.id})
    assert "0 people are on “News” now. 1 was there before, left" in client.get(f"/admin/lists/{news.id}").text
    url = f"/admin/lists/{news.id}/people/new"
    assert client.post(url, data={"address": "dave@example.org", "f_shoe_size": "42"}).status_code == 303
    db.session.rollback()
    row = members.get(world.dataset, world.dave["id"])
    assert subscriptions.is_on(news, row) and (row["shoe_size"], row["colour"]) == (42, "blue")


def test_who_is_put_on_a_list_by_a_press_has_the_defaults_of_its_fields(client, world):
    news = lists.create(world.dataset, "News", by="test")
    fields.refine(fields.create(world.dataset, "Colour", "text", by="test", list=news), "test", default="blue")
    db.session.commit()
    client.as_(world.alice).post(f"/admin/lists/{news.id}/people/{world.dave['id']}/join")
    db.session.rollback()
    assert members.get(world.dataset, world.dave["id"])["colour"] == "blue"
