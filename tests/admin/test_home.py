"""Home: the first steps, what runs, and what needs somebody."""

import io

from maestro.exchange import importers, launching, sources
from maestro.extensions import db
from tests.admin.test_jobs import launched
from tests.writing import draft, ready


def test_an_empty_home_is_four_steps_that_tick_themselves(client, world):
    page = client.as_(world.carol).get("/admin/").text
    assert "Four steps to your first mailing" in page and "ticked" not in page
    assert client.as_(world.alice).get("/admin/").text.count('class="ticked"') == 1
    ready(world)
    assert client.get("/admin/").text.count('class="ticked"') >= 2


def test_what_runs_is_shown_and_asked_for_by_itself(client, world):
    job = launched(world)
    assert "Spring" in client.as_(world.bob).get("/admin/?part=running").text
    job.phase = "done"
    db.session.commit()
    assert "Nothing is being sent or imported." in client.get("/admin/?part=running").text
    assert "Last results" in client.get("/admin/").text


def test_what_failed_needs_somebody_of_the_same_group(client, world):
    job = draft(world)
    job.phase, job.problem = "failed", "The server mail.example.org is away."
    db.session.commit()
    assert "mail.example.org is away" in client.as_(world.bob).get("/admin/").text
    assert "mail.example.org" not in client.as_(world.carol).get("/admin/").text


def test_an_importer_whose_last_run_failed_needs_somebody_until_one_succeeds_or_it_is_off(client, world):
    nightly = importers.create(world.dataset, world.offers, "Nightly", "upload", by=world.alice)
    importers.set_file(nightly, sources.store(io.BytesIO(b"email\nann@example.org\n")), "people.csv", by=world.alice)
    importers.enable(nightly, by=world.alice)

    def ended(state, problem=""):
        run, _ = launching.launch(nightly, by=world.alice)
        run.state, run.problem = state, problem
        db.session.commit()
        return client.as_(world.alice).get("/admin/").text
    assert "The shop is away." in ended("failed", "The shop is away.")
    assert "The shop is away." not in client.as_(world.bob).get("/admin/").text
    assert "The shop is away." not in ended("done")
    assert "Away again." in ended("failed", "Away again.")
    importers.disable(nightly, by=world.alice)
    db.session.commit()
    assert "Away again." not in client.as_(world.alice).get("/admin/").text
