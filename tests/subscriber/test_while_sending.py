"""Leaving while the mail is on its way: the short form of tests/faults/test_unsubscribing.py."""

import pytest

from tests.faults.conftest import senders, settings  # noqa: F401
from tests.parts.leavers import judge, leave_while_sending
from tests.parts.senders import Mailserver


@pytest.fixture
def mailserver(tmp_path):
    server = Mailserver(tmp_path, "--delay", "0.1")
    server.start()
    yield server
    server.stop()


def test_nobody_gets_a_mail_that_was_handed_over_after_he_left(app, client, world, senders, mailserver):  # noqa: F811
    job = senders(200)
    left = leave_while_sending(app, client, world, job, mailserver, processes=1, most=100)
    counted, late = judge(job.job_id, left, mailserver)
    assert counted["not_sent"] and late == []
