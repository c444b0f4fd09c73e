"""Jobs to target groups: who gets the mail, and what is asked for each job."""

import pytest

from maestro.exchange import importers, imports, launching, sources
from maestro.extensions import db
from maestro.mailing import audience, compose, funnel, jobs, preflight
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


@pytest.fixture
def bring(world, tmp_path, work):
    """Run an importer of a file with these lines into Dave's list; the run."""
    importer = importers.create(world.dataset, world.offers, "Nightly", "upload", by=world.alice)

    def run(*lines):
        tmp_path.joinpath("a.csv").write_text("\n".join(["email,first_name,city", *lines]))
        importers.set_file(importer, sources.take(tmp_path / "a.csv"), "a.csv", by=world.alice)
        importers.enable(importer, by=world.alice)
        found, _ = launching.launch(importer, world.alice)
        work()
        return found
    run.importer = importer
    return run


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


def test_a_job_goes_to_whom_the_last_run_of_an_importer_brought_or_changed(client, world, bring, work):
    bring("ann@example.org,Ann,York", "dave@example.org,Dave,York")
    importer = bring.importer
    job = jobs.create(world.group, "Hello", by=world.alice)
    db.session.commit()
    url = f"/admin/jobs/{job.id}/recipients"
    assert "last run of Nightly (of Offers)" in client.as_(world.alice).get(url).text
    data = {"place": f"importer-{importer.id}", "tracking": "unique", "version": job.version}
    assert client.post(url, data=data).status_code == 303
    assert "Offers, by the importer Nightly" in client.get(url).text
    job = db.session.get(MailJob, job.id, populate_existing=True)
    assert sorted(addresses(job)) == ["ann@example.org", "dave@example.org"]
    run = bring("ann@example.org,Ann,York", "bea@example.org,Bea,York", "dave@example.org,Dave,York")
    assert addresses(job) == ["bea@example.org"] and funnel.count(job).audience == 1
    imports.undo(imports.load(run.id), by=world.alice)
    work()
    assert addresses(job) == []
    importers.disable(importer, by=world.alice)
    assert preflight.recipients(job)[0].sentence == "The importer “Nightly” is not enabled: nobody comes by it."
    importers.remove(importer, by=world.alice)
    db.session.commit()
    assert "is gone" in preflight.recipients(job)[0].sentence and "that is gone" in client.get(url).text


def test_people_are_called_as_the_dataset_says(world, york):
    datasets.call(world.dataset, "{{first_name|friend}} of {{city}}", by="test")
    job = jobs.create(world.group, "Hello", by=world.alice)
    audience.choose(job, world.dataset, None, world.alice)
    rows = {row["address"]: row for row in audience.sample(job)}
    assert compose.called(job, rows["ann@example.org"]) == "Ann of York"
    assert compose.called(job, rows["dave@example.org"]) == "Dave of"
