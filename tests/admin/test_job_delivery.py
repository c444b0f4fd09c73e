"""Testing, planning and sending a job through the pages."""

import pytest

from maestro.extensions import db
from maestro.lib import clock
from tests.writing import draft, people, ready


def test_a_test_is_sent_and_accepted(client, world, work):
    job = draft(world)
    client.as_(world.bob)
    assert "Accept the test" not in client.get(f"/admin/jobs/{job.id}/test").text
    client.post(f"/admin/jobs/{job.id}/test", data={"to": "a@example.org, b@example.org\nc@example.org", "person": ""})
    assert "Accept the test" in client.get(f"/admin/jobs/{job.id}/test").text
    work()
    client.post(f"/admin/jobs/{job.id}/accept")
    db.session.refresh(job)
    assert job.accepted_version == job.version
    assert client.get("/admin/outbox").text.count("[Test] Spring, Dave") == 3


@pytest.mark.parametrize("to", ["", "nobody", ",".join(f"a{n}@example.org" for n in range(11))])
def test_wrong_test_addresses_are_refused_at_their_field(client, world, to):
    answer = client.as_(world.bob).post(f"/admin/jobs/{draft(world).id}/test", data={"to": to})
    assert answer.status_code == 422 and 'id="to-error"' in answer.text


def test_a_time_is_planned_in_its_zone(client, world):
    job = draft(world)
    data = {"delivery": "at", "date": "2030-01-15", "time": "08:00", "zone": "America/New_York"}
    answer = client.as_(world.bob).post(f"/admin/jobs/{job.id}/delivery", data=data)
    assert answer.location == f"/admin/jobs/{job.id}/send"
    db.session.refresh(job)
    assert (f"{job.due_at:%H:%M}", job.zone, job.phase) == ("13:00", "America/New_York", "open")
    page = client.get(f"/admin/jobs/{job.id}/delivery").text
    assert 'value="2030-01-15"' in page and 'value="08:00"' in page
    assert "New York time" in client.get(f"/admin/jobs/{job.id}/send").text


@pytest.mark.parametrize(("data", "said"), [
    ({"date": "2020-01-01", "time": "08:00"}, "over already"), ({"date": "", "time": "08:00"}, "Give a day and a time"),
    ({"date": "2030-02-31", "time": "08:00"}, "Give a day and a time"),
    ({"date": "2030-01-01", "time": "x"}, "Give a day and a time")])
def test_a_wrong_time_is_refused(client, world, data, said):
    form = {"delivery": "at", "zone": "UTC", **data}
    answer = client.as_(world.bob).post(f"/admin/jobs/{draft(world).id}/delivery", data=form)
    assert answer.status_code == 422 and said in answer.text


def test_a_zone_that_there_is_not_is_refused(client, world):
    form = {"delivery": "now", "zone": "Europe/Atlantis"}
    assert client.as_(world.bob).post(f"/admin/jobs/{draft(world).id}/delivery", data=form).status_code == 422


def send(client, job, **data):
    return client.post(f"/admin/jobs/{job.id}/go", data={"version": job.version, "people": 1, **data})


def test_the_button_names_the_number_and_sends(client, world, work):
    job = ready(world)
    assert "Send to 1 person" in client.as_(world.alice).get(f"/admin/jobs/{job.id}/send").text
    assert send(client, job).location == f"/admin/jobs/{job.id}"
    work()
    db.session.refresh(job)
    assert job.phase == "done"
    assert "Delivered" in client.get(f"/admin/jobs/{job.id}").text


def test_who_may_not_send_is_told_who_may(client, world):
    job = ready(world)
    page = client.as_(world.bob).get(f"/admin/jobs/{job.id}/send").text
    assert "Send to 1 person" not in page and "group administrator" in page
    assert send(client, job).status_code == 403


def test_what_is_not_ready_has_no_button_and_is_not_sent(client, world):
    job = draft(world)
    page = client.as_(world.alice).get(f"/admin/jobs/{job.id}/send").text
    assert "Send to" not in page and "Put right what is marked first" in page
    assert "test delivery" in send(client, job).text
    db.session.refresh(job)
    assert job.phase == "open"


def test_a_change_after_the_look_is_not_sent(client, world):
    job = ready(world)
    answer = send(client.as_(world.alice), job, version=job.version - 1)
    assert answer.status_code == 422 and "Somebody else changed this job" in answer.text
    db.session.refresh(job)
    assert job.phase == "open"


def test_an_audience_that_grew_is_looked_at_again(client, world):
    job = ready(world)
    people(world, 3)
    answer = send(client.as_(world.alice), job)
    assert answer.status_code == 422 and "Meanwhile 4 people would get it, not 1." in answer.text
    assert 'name="people" value="4"' in answer.text


def test_many_more_than_last_time_must_be_typed(client, world):
    last = draft(world, "Last one")
    last.audience, last.started_at = 1, clock.now()
    people(world, 3)
    job = ready(world)
    assert "type how many people get it" in client.as_(world.alice).get(f"/admin/jobs/{job.id}/send").text
    answer = send(client, job, people=4, typed="5")
    assert answer.status_code == 422 and "Type the number of people, 4" in answer.text
    assert send(client, job, people=4, typed="4").status_code == 303
    db.session.refresh(job)
    assert job.phase == "authorised"


@pytest.fixture
def settings(request):
    return {"GRACE": 60} if "grace" in request.node.name else {}


def test_within_the_grace_every_page_of_the_job_counts_down_and_undoes(client, world):
    job = ready(world)
    send(client.as_(world.alice), job)
    for url in (f"/admin/jobs/{job.id}", f"/admin/jobs?stage=ongoing&job={job.id}", "/admin/jobs?stage=ongoing"):
        page = client.get(url).text
        assert "data-until=" in page and "Undo" in page
    client.post(f"/admin/jobs/{job.id}/revoke")
    db.session.refresh(job)
    assert job.phase == "open"
