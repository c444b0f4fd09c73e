"""Single messages: sent as soon as they are committed, tried again, kept in safe mode."""

from dataclasses import replace

import pytest

from maestro import background
from maestro.delivery import outbox, post
from maestro.extensions import db
from maestro.models import Post

RAW = b"Message-ID: <1@example.org>\r\nSubject: Your password\r\n\r\n.Hello\r\n"


@pytest.fixture
def write(app, world):
    def queue(address="ann@example.org"):
        made = post.queue(world.group.id, "reset", address, "news@example.org", RAW)
        db.session.commit()
        return made.id
    return queue


@pytest.fixture
def server(app, smtp_sink):
    """The installation's mail server is the sink."""
    app.extensions["maestro"] = replace(app.extensions["maestro"], SMTP_URL=f"smtp://127.0.0.1:{smtp_sink.port}")
    return smtp_sink


def deliver():
    background.perform(post.deliver_due.path)


def found(id):
    db.session.rollback()
    return db.session.get(Post, id, populate_existing=True)


def test_a_message_is_sent_once(write, server):
    id = write()
    deliver()
    deliver()
    assert [message[:2] for message in server.messages] == [("news@example.org", "ann@example.org")]
    assert server.messages[0][2].endswith(b"\r\n\r\n..Hello")
    sent = found(id)
    assert (sent.state, sent.reply, sent.raw) == ("sent", "250 2.0.0 Ok: queued as 4F0A", b"")
    assert post.due() == []


def test_several_go_by_one_connection(write, server):
    for number in range(25):
        write(f"user{number}@example.org")
    deliver()
    assert len(set(server.recipients)) == 25
    assert server.connections == 2


@pytest.mark.parametrize("phase, action", [
    ("rcpt", "450 4.2.0 later"), ("greeting", "554 busy"), ("data", "drop"), ("end", "451 later")])
def test_what_did_not_succeed_is_tried_again(write, server, phase, action, turn):
    server.faults = {phase: [action]}
    id = write()
    deliver()
    waiting = found(id)
    assert (waiting.state, waiting.attempts) == ("queued", 1)
    assert waiting.reply
    assert post.due() == []
    turn(400)
    assert post.due() == [(post.deliver_due,)]
    deliver()
    assert found(id).state == "sent"


def test_without_an_answer_a_message_stays_in_doubt_and_is_not_sent_again(write, server, turn):
    server.faults = {"end": ["drop"]}
    lost, next = write(), write("fay@example.org")
    deliver()
    turn(700)
    deliver()
    assert [found(id).state for id in (lost, next)] == ["doubtful", "sent"]
    assert server.recipients.count("ann@example.org") <= 1


def test_who_died_while_handing_over_leaves_a_doubt(write, server, turn):
    id = write()
    [taken] = post.take()
    next(post.handing([taken]))
    deliver()
    assert found(id).state == "handed" and post.due() == []
    turn(700)
    assert post.due() == [(post.deliver_due,)]
    deliver()
    assert found(id).state == "doubtful" and server.messages == [] and post.due() == []


def test_a_refusal_is_final(write, server):
    server.faults = {"rcpt": ["550 5.1.1 unknown"]}
    id = write()
    deliver()
    refused = found(id)
    assert (refused.state, refused.reply, refused.raw) == ("failed", "550 5.1.1 unknown", RAW)


def test_nobody_tries_for_ever(write, server, turn):
    server.faults = {"mail": ("450 later", 1.0)}
    id = write()
    for _ in range(30):
        deliver()
        turn(50_000)
    assert found(id).state == "failed"


def test_who_died_with_a_message_in_hand_does_not_lose_it(write, server, turn):
    id = write()
    assert [taken.id for taken in post.take()] == [id]
    db.session.rollback()
    deliver()
    assert server.messages == []
    turn(700)
    deliver()
    assert len(server.messages) == 1


def test_in_safe_mode_messages_are_kept(write, world):
    id = write()
    deliver()
    assert found(id).state == "sent"
    [kept] = outbox.page(world.group.id).rows
    assert (kept.address, kept.subject, outbox.read(kept)) == ("ann@example.org", "Your password", RAW)
