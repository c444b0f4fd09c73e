import json
import zlib

import pytest
from redis import Redis

from maestro import background
from maestro.background import task
from maestro.extensions import db
from maestro.models import Setting


@task("other")
def note(number):
    """Writes down that it ran."""
    db.session.add(Setting(name=f"note {number}", value=number))


def rung(app):
    return background.queue("other", app.extensions["redis"]).get_jobs()


def test_a_ring_comes_after_the_commit_and_not_before(app):
    db.session.add(Setting(name="first", value=1))
    note.later(7)
    assert not rung(app)
    db.session.commit()
    [job] = rung(app)
    assert list(job.args) == [note.path, 7]


def test_what_is_rolled_back_rings_nobody(app):
    db.session.add(Setting(name="first", value=1))
    note.later(7)
    db.session.rollback()
    db.session.commit()
    assert not rung(app)


def test_rings_for_the_same_work_collapse_while_one_waits(app):
    for _ in range(3):
        background.ring(note, 7)
    background.ring(note, 8)
    assert len(rung(app)) == 2


class Gone(Redis):
    """A Redis in which work ends right after somebody has looked at it."""

    def execute_command(self, *words, **options):
        answer = super().execute_command(*words, **options)
        if words[0] == "HGETALL":
            super().execute_command("DEL", words[1])
        return answer


def test_work_that_ends_while_somebody_rings_for_it_breaks_nothing(app):
    pool = app.extensions["redis"].connection_pool
    background.ring(note, 7)
    app.extensions["redis"] = Gone(connection_pool=pool)
    background.ring(note, 7)
    assert not Redis(connection_pool=pool).keys("rq:job:*")


def test_without_redis_a_ring_is_lost_and_nothing_else(app):
    app.extensions["redis"] = Redis.from_url("unix:///nowhere/redis.sock")
    background.ring(note, 7)
    db.session.add(Setting(name="kept", value=1))
    note.later(1)
    db.session.commit()
    assert db.session.query(Setting).filter_by(name="kept").count() == 1


def test_a_task_runs_in_a_session_of_its_own_and_is_committed(app):
    background.perform(note.path, 9)
    assert db.session.query(Setting).filter_by(name="note 9").one().value == 9


@pytest.mark.parametrize("path", ["os:system", "maestro.background:perform", "builtins:eval"])
def test_only_tasks_are_run(app, path):
    with pytest.raises(ValueError, match="no background work"):
        background.perform(path, "echo")


def test_what_waits_in_redis_is_json_and_no_pickle(app):
    background.ring(note, 7)
    connection = app.extensions["redis"]
    [key] = connection.keys("rq:job:*")
    assert json.loads(zlib.decompress(connection.hget(key, "data")))
