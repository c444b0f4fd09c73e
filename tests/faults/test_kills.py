"""Senders that are killed with no warning: at random moments, at each named point, with everything else at once."""

import os
import random
import signal
from dataclasses import replace

import pytest

from maestro.delivery import outbox
from tests.parts.senders import accepted, addresses, counts, reap, verify
from tests.parts.waiting import until

CONNECTIONS, WINDOW = 10, 4
BOUND = CONNECTIONS * WINDOW                       # recipients that one killed sender may leave in doubt
KILLS, PEOPLE = 60, 12_000


def said(senders, doubtful, received):
    there = len(doubtful & set(received))
    return f"{senders.kills} kills, {len(doubtful)} recipients unconfirmed, of whom {there} got their mail"


def test_random_kills_send_nobody_twice_and_lose_nobody(senders, mailserver, report, request):
    dice = random.Random(20261122)
    herd, known = senders(PEOPLE), set()
    while herd.kills < KILLS and len(addresses(herd.job_id, "accepted", "handed", "unknown")) < PEOPLE - 600:
        done, pid = accepted(herd.job_id), herd.start()
        until(lambda done=done: accepted(herd.job_id) > done + 5, 60, lambda: str(counts(herd.job_id)))
        until(lambda: dice.random() < 0.3)
        herd.kill(pid)
        handed = addresses(herd.job_id, "handed", "unknown")
        assert len(handed - known) <= BOUND
        known |= handed
    herd.finish()
    doubtful = verify(herd.job_id, PEOPLE, mailserver.received())
    report(f"{request.node.name}: {said(herd, doubtful, mailserver.received())}")


BEFORE = ("snapshot_slice", "snapshot_done", "after_claim", "after_render", "before_intent")
DOUBTFUL = ("after_intent", "before_terminator", "after_terminator", "after_reply", "before_outcome")
AFTER = ("after_outcome", "chunk_closed", "job_finishing")


@pytest.mark.parametrize("point", [*BEFORE, *DOUBTFUL, *AFTER])
def test_death_at_a_named_point(senders, mailserver, report, request, point):
    herd, passes = senders(120), 7 if point in (*DOUBTFUL, "after_outcome") else 1
    assert herd.wait(herd.start(f"{point}:{passes}")) == -signal.SIGKILL
    herd.kills += 1
    herd.finish()
    doubtful = verify(herd.job_id, 120, mailserver.received())
    assert len(doubtful) <= BOUND
    if point in BEFORE:
        assert not doubtful
    report(f"{request.node.name}: {said(herd, doubtful, mailserver.received())}")


@pytest.mark.parametrize("point", ["outbox_appended", "outbox_indexed", "after_render"])
def test_in_safe_mode_no_death_leaves_a_doubt(senders, app, point, world):
    app.extensions["maestro"] = replace(app.extensions["maestro"], SMTP_URL="")
    herd = senders(350)
    assert herd.wait(herd.start(f"{point}:2")) == -signal.SIGKILL
    herd.finish()
    assert counts(herd.job_id) == {"accepted": 350}
    kept = outbox.page(world.group.id, herd.job_id, size=1000)
    assert len({message.address for message in kept.rows}) == kept.total == 350
    assert all(b"Message-ID:" in outbox.read(message) for message in kept.rows)


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)            # on SQLite the sleeper may hold the lock
@pytest.mark.parametrize("frozen", range(5))
def test_a_sender_that_was_frozen_wakes_up_without_harm(senders, mailserver, report, request, frozen):
    """SIGSTOP past the lease; others go on; the sleeper's late words are heard, but it sends nothing more."""
    herd = senders(400)
    sleeper = herd.start()
    until(lambda: accepted(herd.job_id) >= 20 + frozen * 40, 60)
    os.kill(sleeper, signal.SIGSTOP)
    until(lambda: reap() or not counts(herd.job_id).get("handed"), 30)
    other = herd.start()
    until(lambda: accepted(herd.job_id) > 300, 60, lambda: str(counts(herd.job_id)))
    os.kill(sleeper, signal.SIGCONT)
    assert (herd.wait(sleeper), herd.wait(other)) == (0, 0)
    doubtful = verify(herd.job_id, 400, mailserver.received())
    report(f"{request.node.name}: {len(doubtful)} recipients unconfirmed after a sender slept")


def test_being_told_to_stop_leaves_no_doubt(senders, mailserver, report, request):
    herd, stops = senders(3000), 0
    while stops < 20:
        done, pid = accepted(herd.job_id), herd.start()
        until(lambda done=done: accepted(herd.job_id) >= min(done + 20, 3000), 60, lambda: str(counts(herd.job_id)))
        os.kill(pid, signal.SIGTERM)
        assert herd.wait(pid, 30) == 0
        assert set(counts(herd.job_id)) <= {"accepted", "queued"}, counts(herd.job_id)
        stops += 1
    herd.finish()
    assert verify(herd.job_id, 3000, mailserver.received()) == set()
    report(f"{request.node.name}: {stops} stops, nobody unconfirmed")


def test_two_senders_share_a_job(senders, mailserver):
    herd = senders(2500)
    both = herd.start(), herd.start()
    assert [herd.wait(pid) for pid in both] == [0, 0]
    assert verify(herd.job_id, 2500, mailserver.received()) == set()
