"""Target groups and segments, clicked together without a script."""

import pytest

from maestro.extensions import db
from maestro.models import TargetGroup
from maestro.warehouse import members


@pytest.fixture
def people(world):
    for name, city in (("ann", "York"), ("bea", "Bristol")):
        members.add(world.dataset, f"{name}@example.org", {"first_name": name.capitalize(), "city": city}, by="test")
    db.session.commit()
    return world.dataset


def test_a_condition_grows_by_one_button_at_a_time_and_is_kept(client, world, people):
    url = f"/admin/datasets/{people.id}/targets/new"
    client.as_(world.bob)
    page = client.get(url).text
    assert "of 3, counted" in page
    data = {"n.join": "all", "n.size": "0", "name": "York", "description": "Everybody in York"}
    page = client.post(url, data=data | {"do": "add:n"}).text
    assert 'name="n.0.field" id="n.0-field" aria-label="What is asked about" data-focus' in page
    data |= {"n.size": "1", "n.0.field": "city", "n.0.word": "startswith", "n.0.given": "York"}
    page = client.post(url, data=data | {"do": "count"}).text
    assert "<strong>1 person</strong>" in page
    assert "ann@example.org" in page
    assert db.session.query(TargetGroup).count() == 0
    page = client.post(url, data=data | {"do": "group:n"}).text
    assert 'name="n.1.0.field"' in page
    data |= {"n.size": "2", "n.1.join": "none", "n.1.size": "1", "n.1.0.field": "first_name", "n.1.0.word": "in",
             "n.1.0.given": "Bea, Cy", "n.0.ask": "Which city?"}
    assert client.post(url, data=data | {"do": "save"}).status_code == 303
    kept = db.session.query(TargetGroup).one()
    assert kept.condition == {"join": "all", "parts": [
        {"field": "city", "word": "=", "given": "York", "ask": "Which city?"},
        {"join": "none", "parts": [{"field": "first_name", "word": "in", "given": ["Bea", "Cy"]}]}]}
    index = client.get(f"/admin/datasets/{people.id}/targets").text
    assert "City is York and not First name is one of Bea, Cy" in index
    page = client.post(f"/admin/targets/{kept.id}", data=data | {"do": "drop:n.1"}).text
    assert 'name="n.1.join"' not in page
    assert client.as_(world.carol).get(f"/admin/targets/{kept.id}").status_code == 404
    assert client.as_(world.victor).get(f"/admin/targets/{kept.id}").status_code == 403


def test_what_is_not_finished_is_said_and_not_kept(client, world, people):
    url = f"/admin/datasets/{people.id}/targets/new?segment=1"
    client.as_(world.alice)
    data = {"n.join": "all", "n.size": "1", "n.0.field": "city", "n.0.word": "=", "n.0.given": "", "name": "York"}
    assert "city: a value is missing" in client.post(url, data=data).text
    assert client.post(url, data=data | {"do": "save"}).status_code == 422
    page = client.post(url, data=data | {"n.0.given": "Leeds"}).text
    assert "The strictest condition is “City is Leeds” (0)" in page
    for broken in ({"n.size": "999999"}, {"n.join": "every"}, {"n.0.field": "segment:99"}, {"do": "drop:n.7.8"}):
        assert client.post(url, data=data | broken).status_code == 200
    assert client.post(url, data=data | {"n.0.given": "York", "do": "save"}).status_code == 303
    assert client.post(f"/admin/targets/{db.session.query(TargetGroup).one().id}/remove").status_code == 303
    assert db.session.query(TargetGroup).count() == 0


def test_a_target_group_of_a_list_that_asks_in_each_job_is_reached_by_links(client, world, people):
    client.as_(world.bob)
    own = f"/admin/datasets/{people.id}/targets/new?list={world.offers.id}"
    for start in (f"/admin/datasets/{people.id}/targets/new", f"/admin/lists/{world.offers.id}"):
        assert f'href="{own}"' in client.get(start).text
    page = client.get(own).text
    assert "everybody on the list “Offers”" in page
    assert "For a list:" not in page
    data = {"n.join": "all", "n.size": "1", "n.0.field": "city", "n.0.word": "=", "n.0.given": "York",
            "n.0.ask": "Which city?", "name": "By city", "description": "Subscribers of one city", "do": "save"}
    assert client.post(own, data=data).status_code == 303
    kept = db.session.query(TargetGroup).one()
    assert (kept.list_id, kept.segment, kept.condition["parts"][0]["ask"]) == (world.offers.id, False, "Which city?")
