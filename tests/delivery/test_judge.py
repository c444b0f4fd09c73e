"""What answers mean, and how long is waited."""

import pytest

from maestro.delivery import judge
from maestro.delivery.judge import ACCEPTED, EXPIRED, QUEUED, REJECTED, UNKNOWN, Breaker
from maestro.lib.smtp.failures import BODY, DATA, END, MAIL, RCPT, Failure
from maestro.lib.smtp.replies import Reply

HOUR = 3600


@pytest.mark.parametrize("code, state", [
    (250, ACCEPTED), (251, ACCEPTED), (421, QUEUED), (450, QUEUED), (452, QUEUED), (550, REJECTED), (554, REJECTED)])
def test_the_class_of_a_code_decides(code, state):
    assert judge.answered(Reply(code, b"words"), 0).state == state


@pytest.mark.parametrize("phase, state", [(MAIL, QUEUED), (RCPT, REJECTED), (DATA, REJECTED)])
def test_a_refused_sender_is_not_held_against_the_recipient(phase, state):
    assert judge.refused(phase, Reply(550, b"no"), 0).state == state


@pytest.mark.parametrize("failure, state, tried", [
    (Failure(BODY, "closed"), QUEUED, 0), (Failure(BODY, "spoke", Reply(451, b"later")), QUEUED, 1),
    (Failure(BODY, "spoke", Reply(552, b"too large")), REJECTED, 1), (Failure(DATA, "closed"), QUEUED, 0),
    (Failure(BODY, "spoke", Reply(250, b"what")), QUEUED, 0)])
def test_without_its_end_a_message_is_not_in_doubt(failure, state, tried):
    outcome = judge.lost_before_end(failure, 0)
    assert (outcome.state, outcome.tried) == (state, tried)


def test_after_its_end_it_is():
    outcome = judge.lost_after_end(Failure(END, "The connection broke"))
    assert (outcome.state, outcome.reply) == (UNKNOWN, "The connection broke")


def steady(low, high):
    return 1.0


def test_waits_grow_until_five_days_are_over():
    waits = [judge.next_wait(attempts, steady) for attempts in range(1, 16)]
    assert waits[:6] == [300, 900, HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR]
    given = [wait for wait in waits if wait is not None]
    assert 108 * HOUR < sum(given) <= 120 * HOUR
    assert waits[len(given):] == [None] * (15 - len(given))


def test_waits_differ_by_up_to_a_tenth():
    assert all(270 <= judge.next_wait(1) <= 330 for _ in range(100))
    assert len({judge.next_wait(1) for _ in range(20)}) > 1


def test_who_was_deferred_too_long_is_given_up():
    assert judge.answered(Reply(450, b"later"), 40).state == EXPIRED


@pytest.mark.parametrize("answers, trips", [
    (["5.7.1 spam"] * 9, False), (["5.7.1 spam"] * 10, True), (["5.6.0 bad"] * 10, True),
    (["5.1.1 unknown"] * 60, False),
    (["ok"] * 40 + ["5.7.1 spam"] * 10, False), (["ok"] * 39 + ["5.7.1 spam"] * 11, True),
    (["5.7.1 spam"] * 2 + ["ok"] * 48, False)])
def test_the_breaker_looks_at_the_last_fifty(answers, trips):
    breaker = Breaker()
    words = [breaker.see(judge.answered(Reply(250 if text == "ok" else 550, text.encode()), 0)) for text in answers]
    assert any(words) == trips


def test_three_refused_senders_in_a_row_are_enough():
    breaker, refused = Breaker(), judge.refused(MAIL, Reply(553, b"who"), 0)
    assert [bool(breaker.see(refused, MAIL)) for _ in range(3)] == [False, False, True]
    taken = judge.answered(Reply(250, b"Ok"), 0)
    breaker = Breaker()
    seen = [breaker.see(refused, MAIL), breaker.see(refused, MAIL), breaker.see(taken), breaker.see(refused, MAIL)]
    assert not any(seen)
