"""Mails that we write to users are whole, plain and cannot be added to."""

import email
import email.policy

import pytest

from maestro import notices
from maestro.extensions import db
from maestro.models import Post

HEADERS = ["Date", "From", "To", "Subject", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type",
           "Content-Transfer-Encoding"]


@pytest.mark.parametrize("name", ["Bob", "Bób", "B\r\nBcc: x@example.org", "=?utf-8?q?hi=0D=0ABcc=3A_a@b.c?=", "💥"])
def test_a_password_link_arrives_whole_whatever_the_user_is_called(world, name):
    world.bob.name = name
    notices.password_link(world.bob, "http://127.0.0.1:20080/reset/" + "a" * 43, 10, "maestro@example.org")
    post = db.session.query(Post).one()
    message = email.message_from_bytes(post.raw, policy=email.policy.default)
    assert message.keys() == HEADERS
    assert (message["To"], message["From"]) == ("bob@example.org", "Maestro <maestro@example.org>")
    assert "http://127.0.0.1:20080/reset/" + "a" * 43 in message.get_content()
    assert "for 10 min" in message.get_content()
    assert (post.kind, post.address, post.state) == ("password", "bob@example.org", "queued")
    assert post.group_id == world.group.id


def test_no_line_is_longer_than_mail_allows(world):
    world.bob.name = "x" * 120
    notices.password_changed(world.bob, "maestro@example.org")
    assert max(map(len, db.session.query(Post).one().raw.split(b"\r\n"))) <= 78
