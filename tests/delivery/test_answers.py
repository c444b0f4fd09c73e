"""What becomes of recipients when the mail server refuses, breaks off or falls silent (one row a case)."""

import pytest

from maestro.delivery import ledger
from tests.delivery.conftest import rows, states

OFFERS = {"pipelining": ("PIPELINING",), "one by one": ()}


@pytest.mark.parametrize("offers", OFFERS.values(), ids=OFFERS)
@pytest.mark.parametrize("phase, action, expected", [
    ("mail", "450 4.3.2 later", ("queued", 1)), ("mail", "550 5.7.1 no", ("queued", 1)),
    ("rcpt", "452 4.2.2 full", ("queued", 1)), ("rcpt", "550 5.1.1 unknown", ("rejected", 1)),
    ("data", "451 4.3.0 later", ("queued", 1)), ("data", "554 5.6.0 no", ("rejected", 1)),
    ("end", "451 4.3.0 later", ("queued", 1)), ("end", "554 5.7.1 spam", ("rejected", 1)),
    ("end", "421 4.3.2 closing", ("queued", 1)), ("rcpt", "421 4.3.2 closing", ("queued", 1)),
    ("end", "drop", ("unknown", 1)), ("end", "raw:rubbish\r\n", ("unknown", 1)), ("end", "354 go on", ("unknown", 1)),
    ("end", "hang", ("unknown", 1)), ("body", "drop", ("unknown", 1)),
    ("mail", "drop", ("accepted", 1)), ("rcpt", "drop", ("accepted", 1)), ("data", "drop", ("accepted", 1)),
    ("rcpt", "raw:rubbish\r\n", ("accepted", 1)), ("data", "hang", ("accepted", 1)),
    ("greeting", "drop", ("accepted", 1)), ("greeting", "554 go away", ("accepted", 1)),
    ("ehlo", "hang", ("accepted", 1))])
def test_one_answer_decides_about_one_recipient(mailing, deliver, smtp_sink, phase, action, expected, offers):
    """The first of twelve meets the fault; whatever happens to it, the others are served and nothing is twice."""
    job = mailing(12)
    smtp_sink.offers, smtp_sink.faults = offers, {phase: [action]}
    deliver(job, connections=1, scale=0.003 if action == "hang" else 0.02)
    first, *others = rows(job)
    assert (first.state, first.attempt) == expected, first.reply
    assert [row.state for row in others] == ["accepted"] * 11
    assert len(set(smtp_sink.recipients)) == len(smtp_sink.recipients)
    assert not ledger.in_flight(job.id)
    if expected[0] in ("queued", "rejected") and phase != "body":
        assert (first.code, first.reply) == (int(action[:3]), action[4:])


def test_a_deferred_recipient_waits_and_gets_it_later(mailing, deliver, smtp_sink, seconds_pass):
    job = mailing(3)
    smtp_sink.faults = {"rcpt": ["450 4.2.0 greylisted"]}
    result = deliver(job, connections=1)
    assert (result.sent, result.deferred, result.left) == (2, 1, 1)
    assert 240 < result.next_at - rows(job)[1].done_at < 360
    assert not ledger.is_due(job.id)
    assert deliver(job).sent == 0
    seconds_pass(job, 400)
    assert deliver(job).sent == 1
    assert states(job) == {"accepted": 3}
    assert rows(job)[0].attempt == 2


def test_a_server_that_minds_the_mailing_pauses_it(mailing, deliver, smtp_sink):
    job = mailing(200)
    smtp_sink.faults = {"end": ("550 5.7.1 looks like spam", 1.0)}
    result = deliver(job, connections=2)
    assert result.problem == "The mail server refuses this mailing: 550 5.7.1 looks like spam"
    assert states(job)["rejected"] < 25
    assert states(job)["queued"] > 175


def test_unknown_addresses_do_not_pause_a_mailing(mailing, deliver, smtp_sink):
    job = mailing(60)
    smtp_sink.faults = {"rcpt": ("550 5.1.1 unknown", 1.0)}
    assert deliver(job).problem == ""
    assert states(job) == {"rejected": 60}


def test_a_server_that_does_not_take_the_sender_pauses_the_mailing(mailing, deliver, smtp_sink):
    job = mailing(30)
    smtp_sink.faults = {"mail": ("553 5.1.8 who are you", 1.0)}
    result = deliver(job, connections=1)
    assert result.problem == "The mail server does not take our sender: 553 5.1.8 who are you"
    assert set(states(job)) == {"queued"}
    assert smtp_sink.messages == []


def test_a_wrong_password_pauses_the_mailing(mailing, deliver, smtp_sink):
    job = mailing(5)
    smtp_sink.offers, smtp_sink.faults = ("AUTH PLAIN",), {"auth": ("535 5.7.8 wrong", 1.0)}
    result = deliver(job, user="ann", password="secret")
    assert result.problem == "The mail server refuses us: The mail server answered 535 5.7.8 wrong"
    assert states(job) == {"queued": 5}
    assert not ledger.in_flight(job.id)


def test_a_server_in_a_private_network_is_not_even_tried(mailing, deliver, smtp_sink):
    job = mailing(2)
    result = deliver(job, allow=())
    assert result.problem.startswith("The mail server refuses us: This address lies in a private network")
    assert (result.left, smtp_sink.connections) == (2, 0)


def test_a_server_that_is_away_costs_nobody_an_attempt(mailing, deliver):
    job = mailing(5)
    result = deliver(job, port=1, seconds=0.5)
    assert result.trouble.startswith("The mail server cannot be reached")
    assert (result.problem, result.left) == ("", 5)
    assert [row.attempt for row in rows(job)] == [0] * 5
    assert not ledger.in_flight(job.id)


def test_a_server_that_keeps_breaking_off_over_one_recipient_does_not_hold_the_others_up(mailing, deliver, smtp_sink):
    job = mailing(8)
    smtp_sink.faults = {"rcpt": ["drop"] * 3}
    deliver(job, connections=1)
    assert states(job) == {"accepted": 7, "queued": 1}
    assert rows(job)[0].attempt == 1


def test_chaos_at_the_server_leaves_every_recipient_in_a_state_that_is_true(mailing, deliver, smtp_sink):
    job = mailing(600)
    smtp_sink.faults = {"end": ("drop", 0.03), "rcpt": ("550 5.1.1 unknown", 0.05), "mail": ("450 later", 0.05),
                        "data": ("drop", 0.03)}
    deliver(job, connections=6)
    found, arrived = states(job), set(smtp_sink.recipients)
    assert sum(found.values()) == 600
    assert {row.address for row in rows(job, "accepted")} <= arrived
    assert {row.address for row in rows(job, "rejected")}.isdisjoint(arrived)
    assert {row.address for row in rows(job, "queued")}.isdisjoint(arrived)
    assert len(smtp_sink.recipients) == len(arrived)
    assert found["unknown"] == 600 - found["accepted"] - found["rejected"] - found.get("queued", 0)
