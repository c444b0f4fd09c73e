from datetime import timedelta

import pytest

from maestro.extensions import db
from maestro.lib import clock
from maestro.mailing import caution
from tests.writing import draft


def sent(world, audience, **content):
    job = draft(world, "Last one", **content)
    job.audience, job.started_at = audience, clock.now() - timedelta(days=1)
    db.session.commit()


@pytest.mark.parametrize(("people", "asked"), [(1, False), (10_000, False), (10_001, True)])
def test_more_than_ten_thousand_people_must_be_typed(world, people, asked):
    assert bool(caution.reason(draft(world), people)) is asked


@pytest.mark.parametrize(("people", "asked"), [(100, False), (120, False), (121, True)])
def test_a_fifth_more_than_the_last_mailing_must_be_typed(world, people, asked):
    sent(world, 100)
    assert bool(caution.reason(draft(world), people)) is asked


def test_mailings_to_other_lists_do_not_count(world):
    sent(world, 1, list_id=None)
    assert caution.reason(draft(world), 5000) is None
