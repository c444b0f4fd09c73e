"""The list of jobs, the details of one, and its live parts."""

import pytest
from sqlalchemy import event

from maestro.admin import jobs
from maestro.delivery import ledger
from maestro.extensions import db
from maestro.mailing import audience, authorise, states
from maestro.models import MailJob
from tests.writing import draft, people, ready


def launched(world, phase="sending", count=2):
    """A job whose ledger is written, in some phase."""
    people(world, count)
    job = ready(world)
    authorise.authorise(job, "triggered", world.alice)
    states.move(job, "launch")
    db.session.commit()
    ledger.snapshot(job, audience.query(job))
    job.phase = phase
    db.session.commit()
    return job


def test_a_stage_lists_its_jobs_and_shows_the_first(client, world):
    draft(world, "Spring <i>")
    page = client.as_(world.bob).get("/admin/jobs?stage=open").text
    assert "Spring &lt;i&gt;" in page and "Ready to send" in page
    assert "No ongoing jobs" in client.get("/admin/jobs?stage=ongoing").text
    assert "No job matches" in client.get("/admin/jobs?q=autumn").text


def test_a_long_stage_is_paged_and_a_job_of_another_page_is_not_called_hidden(client, world, monkeypatch):
    monkeypatch.setattr(jobs, "SIZE", 2)
    numbers = [draft(world, title).id for title in ("First", "Second", "Third")]
    page = client.as_(world.bob).get("/admin/jobs?stage=open").text
    assert "1–2 of 3" in page and "First</a>" not in page
    page = client.get("/admin/jobs?stage=open&page=2").text
    assert "First</a>" in page and "Second</a>" not in page and f"job={numbers[0]}&amp;page=2" in page
    assert "is not among these" not in client.get(f"/admin/jobs?stage=open&job={numbers[0]}").text


def test_the_pane_alone_is_asked_for_by_its_name(client, world):
    job = draft(world)
    page = client.as_(world.bob).get(f"/admin/jobs?job={job.id}", headers={"HX-Target": "pane"}).text
    assert "Spring" in page and "<html" not in page


def test_a_chosen_job_that_the_filter_hides_is_announced(client, world):
    job = draft(world)
    assert "1 job is hidden by the filter" in client.as_(world.bob).get(f"/admin/jobs?job={job.id}&q=autumn").text


def test_a_new_job_begins_with_its_title(client, world):
    answer = client.as_(world.bob).post("/admin/jobs/new", data={"title": "Spring"})
    job = db.session.query(MailJob).one()
    assert answer.location == f"/admin/jobs/{job.id}/content"
    assert (job.title, job.group_id, job.user_id) == ("Spring", world.group.id, world.bob.id)
    answer = client.post("/admin/jobs/new", data={"title": ""})
    assert answer.status_code == 422 and "Give the job a title." in answer.text


@pytest.mark.parametrize("part", [
    "", "/content", "/recipients", "/test", "/delivery", "/send", "/ledger", "/ledger.csv", "/live/line",
    "/live/progress", "/title", "/recipients/all"])
def test_a_foreign_job_is_not_there(client, world, part):
    job = draft(world)
    assert client.as_(world.carol).get(f"/admin/jobs/{job.id}{part}").status_code == 404


@pytest.mark.parametrize("part", ["copy", "remove", "archive", "accept", "go", "pause", "stop", "unconfirmed/leave"])
def test_a_foreign_job_is_not_moved(client, world, part):
    job = draft(world)
    assert client.as_(world.carol).post(f"/admin/jobs/{job.id}/{part}").status_code == 404


@pytest.mark.parametrize("part", ["content", "recipients", "test", "delivery", "send", "ledger", "ledger.csv",
                                  "recipients/all"])
def test_who_only_looks_cannot_write(client, world, part):
    job = draft(world)
    assert client.as_(world.victor).get(f"/admin/jobs/{job.id}/{part}").status_code == 403
    assert client.get(f"/admin/jobs/{job.id}").status_code == 200


def test_who_only_looks_sees_no_subscriber(client, world):
    job = draft(world)
    for url in (f"/admin/jobs?job={job.id}", f"/admin/jobs/{job.id}"):
        page = client.as_(world.victor).get(url).text
        assert "dave@" not in page and "Dave" not in page and "friend" in page


def test_the_progress_is_small_and_answers_304_while_nothing_changes(client, world):
    job = launched(world)
    for part in ("line", "progress"):
        url = f"/admin/jobs/{job.id}/live/{part}?phase=sending"
        answer = client.as_(world.bob).get(url)
        assert answer.status_code == 200 and len(answer.data) <= 1000
        again = client.get(url, headers={"If-None-Match": answer.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")


def test_a_page_of_another_phase_is_told_to_load_anew(client, world):
    job = launched(world, phase="done")
    assert client.as_(world.bob).get(f"/admin/jobs/{job.id}/live/progress?phase=sending").status_code == 205


@pytest.mark.parametrize(("phase", "primary"), [
    ("sending", "Pause"), ("paused", "Continue"), ("failed", "Re-open for editing…")])
def test_a_running_job_offers_what_fits_its_phase(client, world, phase, primary):
    job = launched(world, phase)
    assert primary in client.as_(world.alice).get(f"/admin/jobs?job={job.id}").text
    assert primary not in client.as_(world.bob).get(f"/admin/jobs?job={job.id}").text


def test_a_scheduled_job_names_its_zone(client, world, turn):
    job = ready(world)
    due = job.created_at.replace(year=2030)
    states.move(job, "authorise", by=world.alice, delivery="at", due_at=due, zone="Asia/Tokyo")
    db.session.commit()
    page = client.as_(world.bob).get(f"/admin/jobs/{job.id}").text
    assert "Tokyo time (in " in page and "Scheduled" in page and "revoke its authorisation first" in page


def test_a_copy_is_a_new_draft(client, world):
    job = draft(world)
    answer = client.as_(world.bob).post(f"/admin/jobs/{job.id}/copy")
    copy = db.session.query(MailJob).filter(MailJob.id != job.id).one()
    assert answer.location == f"/admin/jobs/{copy.id}" and copy.title == "Copy of Spring"


def test_a_draft_is_renamed_and_deleted(client, world):
    page = f"/admin/jobs/{draft(world).id}"
    client.as_(world.bob).post(f"{page}/title", data={"title": "Autumn"})
    assert "Autumn" in client.get(page).text
    assert client.post(f"{page}/remove").location == "/admin/jobs?stage=open"
    assert client.get(page).status_code == 404


def test_a_delivered_job_goes_into_the_archive_and_comes_back(client, world):
    job = launched(world, phase="done")
    client.as_(world.alice).post(f"/admin/jobs/{job.id}/archive")
    assert "Nothing delivered yet" in client.get("/admin/jobs?stage=completed").text
    assert "Spring" in client.get("/admin/jobs?stage=archived").text
    client.post(f"/admin/jobs/{job.id}/bring_back")
    assert "Archive" in client.get("/admin/jobs?stage=completed").text


def test_the_journal_tells_who_did_what(client, world):
    job = launched(world, phase="done")
    page = client.as_(world.bob).get(f"/admin/jobs/{job.id}?tab=journal").text
    assert "alice@example.org made this job" in page and "alice@example.org authorised the delivery" in page
    assert "Maestro launched it" in page


def statements(client, url):
    """How many statements a page needs."""
    told = []

    def note(*args):
        told.append(args[2])

    event.listen(db.engine, "before_cursor_execute", note)
    client.get(url)
    event.remove(db.engine, "before_cursor_execute", note)
    return len(told)


def test_a_long_list_asks_the_database_no_more_than_a_short_one(client, world):
    launched(world, phase="done", count=0)
    client.as_(world.bob).get("/admin/jobs?stage=completed")
    few = statements(client, "/admin/jobs?stage=completed")
    for _ in range(10):
        draft(world).phase = "done"
    db.session.commit()
    assert statements(client, "/admin/jobs?stage=completed") <= few
