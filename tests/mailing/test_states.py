import pytest

from maestro.extensions import db
from maestro.lib.errors import WrongState
from maestro.mailing import journal, states
from maestro.models import PHASES
from tests.writing import draft

ALLOWED = [(verb, phase) for verb, (sources, _) in states.MOVES.items() for phase in sources]
FORBIDDEN = [(verb, phase) for verb in states.MOVES for phase in PHASES if (verb, phase) not in ALLOWED]


def test_every_move_leads_to_a_phase_that_there_is():
    assert {target for _, target in states.MOVES.values()} <= set(PHASES)
    assert set(states.WORDS) == set(PHASES) and set(states.REFUSALS) == set(states.MOVES)


def test_every_allowed_move_is_made_and_noted(world):
    job = draft(world)
    for verb, phase in ALLOWED:
        job.phase = phase
        db.session.flush()
        states.move(job, verb, by=world.alice)
        assert job.phase == states.MOVES[verb][1]
        assert journal.of(job)[0].verb == verb


def test_every_other_move_is_refused_in_words_and_changes_nothing(world):
    job = draft(world)
    for verb, phase in FORBIDDEN:
        job.phase = phase
        db.session.flush()
        with pytest.raises(WrongState, match=f"This job is {states.WORDS[phase]}"):
            states.move(job, verb, by=world.alice)
        assert job.phase == phase


def test_who_moves_an_old_copy_of_the_job_is_refused(world):
    job = draft(world)
    job.phase = "sending"
    db.session.commit()
    states.move(job, "pause", by=world.alice)
    job.phase = "sending"                                   # what a second user still has in memory
    with pytest.raises(WrongState), db.session.no_autoflush:
        states.move(job, "pause", by=world.bob)


def test_background_work_only_learns_that_it_lost(world):
    job = draft(world)
    assert states.try_to(job, "launch") is False
    assert job.phase == "open"


def test_the_end_of_a_delivery_is_stamped_and_a_retry_takes_it_away(world):
    job = draft(world)
    job.phase = "sending"
    db.session.flush()
    states.move(job, "finish")
    assert job.ended_at
    states.move(job, "retry", by=world.alice)
    assert job.ended_at is None
