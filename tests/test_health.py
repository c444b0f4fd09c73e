"""The checks of /readyz, each in its good and its bad case."""

import pytest
from redis.exceptions import ConnectionError as RedisGone

from maestro import health, leases, seals
from maestro.extensions import db
from maestro.lib import clock
from maestro.models import AuditEntry, MailJob


def states(checks):
    return {one["name"]: one["state"] for one in checks}


def test_all_is_well_while_a_scheduler_runs(app):
    leases.take("scheduler", 15)
    assert set(states(health.every_check()).values()) == {"ok"}


def test_without_a_scheduler_nothing_starts(app):
    assert states(health.checks())["scheduler"] == "fail"
    assert health.worst(health.checks()) == "fail"


def test_a_foreign_schema_is_named(app):
    db.session.execute(db.text("UPDATE alembic_version SET version_num = 'other'"))
    db.session.commit()
    assert states(health.checks())["schema"] == "fail"


def test_clocks_that_differ_are_named(app, turn):
    turn(60)
    assert states(health.checks())["clock"] == "warn"


def test_a_job_that_nobody_sends_is_named(world):
    job = MailJob(code="261122A", group_id=world.group.id, title="Spring", phase="sending", started_at=clock.now())
    db.session.add(job)
    db.session.commit()
    assert states(health.checks())["sender"] == "ok"
    clock.clock.offset = 61
    assert states(health.checks())["sender"] == "fail"


class Away:
    def ping(self):
        raise RedisGone("away")


def test_without_redis_it_is_only_slower(app):
    app.extensions["redis"] = Away()
    assert states(health.checks())["redis"] == "warn"


def test_a_changed_audit_is_named(world):
    seals.seal()
    db.session.execute(db.update(AuditEntry).where(AuditEntry.place == 1).values(subject="job 99"))
    db.session.commit()
    assert states(health.every_check())["audit"] == "fail"


@pytest.mark.parametrize("found, worst", [
    (["ok", "ok"], "ok"), (["ok", "warn"], "warn"), (["warn", "fail", "ok"], "fail")])
def test_the_whole_is_as_good_as_its_worst_part(found, worst):
    assert health.worst([health.check("x", state, "") for state in found]) == worst


def test_readyz_answers_this_machine_only(client):
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert {one["name"] for one in answer.json["checks"]} >= {"database", "schema", "scheduler", "disk"}
    assert client.get("/readyz", environ_overrides={"REMOTE_ADDR": "192.0.2.7"}).status_code == 403
