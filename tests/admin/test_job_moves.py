import pytest

from maestro.delivery import ledger
from maestro.extensions import db
from tests.admin.test_jobs import launched
from tests.writing import draft

MOVES = ["revoke", "deliver", "pause", "continue", "stop", "retry", "reopen", "close"]


@pytest.mark.parametrize("verb", MOVES)
def test_moves_are_posted_by_those_who_may_send(client, world, verb):
    job = draft(world)
    assert client.as_(world.alice).get(f"/admin/jobs/{job.id}/{verb}").status_code == 405
    assert client.as_(world.bob).post(f"/admin/jobs/{job.id}/{verb}").status_code == 403


def test_sending_is_paused_continued_and_stopped_with_the_title_typed(client, world, work):
    job = launched(world)
    client.as_(world.alice)
    assert client.post(f"/admin/jobs/{job.id}/pause").location == f"/admin/jobs?stage=ongoing&job={job.id}"
    db.session.refresh(job)
    assert job.phase == "paused"
    client.post(f"/admin/jobs/{job.id}/stop", data={"typed": "something"})
    db.session.refresh(job)
    assert job.phase == "paused"
    client.post(f"/admin/jobs/{job.id}/stop", data={"typed": "Spring"})
    work()
    db.session.refresh(job)
    assert (job.phase, ledger.counts(job.id)["cancelled"]) == ("failed", 3)
    assert "Retry the failed 3" in client.get(f"/admin/jobs/{job.id}").text
    client.post(f"/admin/jobs/{job.id}/retry")
    work()
    db.session.refresh(job)
    assert (job.phase, ledger.counts(job.id)["accepted"]) == ("done", 3)


def test_a_move_that_does_not_fit_says_why(client, world):
    job = draft(world)
    page = f"/admin/jobs/{job.id}"
    answer = client.as_(world.alice).post(f"{page}/pause", headers={"Referer": f"http://127.0.0.1:20080{page}"})
    assert answer.location == page
    assert "This job is a draft; there is no sending to pause." in client.get(page).text


def test_from_the_jobs_own_page_one_comes_back_to_it(client, world):
    job = launched(world)
    page = f"/admin/jobs/{job.id}"
    answer = client.as_(world.alice).post(f"{page}/pause", headers={"Referer": f"http://127.0.0.1:20080{page}"})
    assert answer.location == page


def test_two_who_pause_at_once_do_it_once(client, world):
    job = launched(world)
    client.as_(world.alice).post(f"/admin/jobs/{job.id}/pause")
    assert client.post(f"/admin/jobs/{job.id}/pause").status_code == 409
