"""Jobs to target groups: who gets the mail, and what is asked for each job."""

import pytest

from maestro.extensions import db
from maestro.mailing import audience, compose, funnel, jobs
from maestro.models import MailJob
from maestro.warehouse import datasets, members, targets


@pytest.fixture
def york(world):
    for name, city in (("ann", "York"), ("bea", "Bristol")):
        members.add(world.dataset, f"{name}@example.org", {"first_name": name.capitalize(), "city": city}, by="test")
        members.put_on(world.offers, f"{name}@example.org", {}, by="test")
    asked = {"field": "city", "word": "=", "given": "York", "ask": "Which city?"}
    found = targets.create(world.dataset, world.offers, "In a city", asked, by="test", description="By city")
    db.session.commit()
    return found


def addresses(job):
    return [row.address for row in db.session.execute(audience.query(job))]


def test_a_job_goes_to_whom_its_target_group_means(client, world, york):
    job = jobs.create(world.group, "Hello", by=world.alice)
    db.session.commit()
    url = f"/admin/jobs/{job.id}/recipients"
    page = client.as_(world.alice).get(url).text
    assert "In a city (of Offers)" in page
    data = {"place": f"target-{york.id}", "tracking": "unique", "version": job.version}
    assert client.post(url, data=data).status_code == 303
    job = db.session.get(MailJob, job.id, populate_existing=True)
    assert (job.list_id, addresses(job)) == (world.offers.id, ["ann@example.org"])
    assert funnel.count(job)[:5] == (1, 0, 0, 0, 1)
    assert "Which city?" in client.get(url).text
    client.post(url, data=data | {"version": job.version, "p0.given": "Bristol"})
    db.session.refresh(job)
    assert addresses(job) == ["bea@example.org"]
    copied = jobs.copy(job, world.alice)
    db.session.refresh(copied)
    assert addresses(copied) == ["bea@example.org"]


def test_a_target_group_out_of_use_is_not_offered(client, world, york):
    targets.change(york, "In a city", york.condition, by="test", description="By city", enabled=False)
    job = jobs.create(world.group, "Hello", by=world.alice)
    db.session.commit()
    assert "In a city" not in client.as_(world.alice).get(f"/admin/jobs/{job.id}/recipients").text


def test_people_are_called_as_the_dataset_says(world, york):
    datasets.call(world.dataset, "{{first_name|friend}} of {{city}}", by="test")
    job = jobs.create(world.group, "Hello", by=world.alice)
    audience.choose(job, world.dataset, None, world.alice)
    rows = {row["address"]: row for row in audience.sample(job)}
    assert compose.called(job, rows["ann@example.org"]) == "Ann of York"
    assert compose.called(job, rows["dave@example.org"]) == "Dave of"
