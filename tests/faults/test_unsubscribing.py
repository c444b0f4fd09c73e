"""Unsubscribes during a running job: nobody to whom 200 was answered is handed over afterwards."""

import pytest

from tests.parts.leavers import judge, leave_while_sending
from tests.parts.senders import Mailserver

PEOPLE, ROUNDS = 2000, 3


@pytest.fixture
def mailserver(tmp_path):
    server = Mailserver(tmp_path, "--delay", "0.25")
    server.start()
    yield server
    server.stop()


@pytest.mark.parametrize("round", range(ROUNDS))
def test_nobody_gets_a_mail_that_was_handed_over_after_he_left(app, client, world, senders, mailserver, report, request,
                                                              round):
    job = senders(PEOPLE)
    left = leave_while_sending(app, client, world, job, mailserver)
    counted, late = judge(job.job_id, left, mailserver)
    report(f"{request.node.name}: {dict(counted)}, handed over later: {len(late)}")
    assert counted["not_sent"] and late == []
