import pytest

from maestro.extensions import db
from maestro.lib.errors import WrongState
from maestro.mailing import filing
from maestro.models import PHASES, MailJob
from maestro.permissions import visible
from tests.writing import draft


def titles(world, stage, search=""):
    return [job.title for job in filing.listed(filing.staged(visible(MailJob, world.alice), stage, search))]


def test_every_phase_is_on_one_stage():
    assert sorted(phase for phases in filing.STAGES.values() for phase in phases) == sorted(PHASES)


@pytest.mark.parametrize(("search", "found"), [
    ("spring sale", True), ("SALE", True), ("bob@example", True), ("%", False), ("autumn", False)])
def test_jobs_are_found_by_title_code_and_owner(world, search, found):
    job = draft(world, "Spring sale", by=world.bob)
    assert (titles(world, "open", search) == ["Spring sale"]) is found
    assert titles(world, "open", job.code) == ["Spring sale"]


def test_stages_count_what_they_show(world):
    for phase in PHASES:
        draft(world, phase).phase = phase
    db.session.commit()
    counts = filing.by_stage(visible(MailJob, world.alice))
    assert counts == {"open": 1, "ongoing": 7, "completed": 2, "archived": 0}
    assert all(len(titles(world, stage)) == count for stage, count in counts.items())
    assert sum(filing.by_stage(visible(MailJob, world.carol)).values()) == 0


def test_only_a_draft_that_never_started_is_deleted(world):
    job = draft(world)
    filing.remove(job, by=world.alice)
    db.session.commit()
    assert titles(world, "open") == []
    job = draft(world)
    job.started_at = job.created_at
    db.session.commit()
    with pytest.raises(WrongState, match="started once"):
        filing.remove(job, by=world.alice)


def test_a_completed_job_goes_into_the_archive_and_comes_back(world):
    job = draft(world)
    with pytest.raises(WrongState, match="only a completed one"):
        filing.archive(job, by=world.alice)
    job.phase = "done"
    filing.archive(job, by=world.alice)
    db.session.commit()
    assert (titles(world, "completed"), titles(world, "archived"), job.state) == ([], ["Spring"], "archived")
    filing.bring_back(job, by=world.alice)
    db.session.commit()
    assert titles(world, "completed") == ["Spring"]
