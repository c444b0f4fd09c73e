"""Whether the installation can work: a list of checks, each ok, warn or fail with a sentence."""

import shutil
from datetime import timedelta

from flask import current_app
from redis.exceptions import RedisError
from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import SQLAlchemyError

from maestro import leases, migrations, seals
from maestro.accounts import settings
from maestro.extensions import db
from maestro.lib import clock
from maestro.models import Chunk, Lease, MailJob

HEARTBEAT = "health"                               # the lease row that a check writes
SLOW = 2                                           # seconds in which the database must have written
SKEW = 5                                           # seconds by which the clocks of machine and database may differ
QUIET_SCHEDULER = 30                               # seconds without a scheduler before it counts as gone
QUIET_SENDER = 60
LEAST_DISK = 1_000_000_000                         # bytes
SENDING = ("launching", "sending")
STATES = ("ok", "warn", "fail")


def check(name, state, sentence):
    return {"name": name, "state": state, "sentence": sentence}


def checks():
    """The checks of /readyz. They commit."""
    found = database()
    if found["state"] == "fail":
        return [found, disk(), redis()]
    return [found, schema(), time_of_database(), scheduler(), sender(), disk(), redis()]


def every_check():
    """The checks of /readyz and more, for `flask doctor`; without a database of this version, those that need none."""
    found = checks()
    states = {one["name"]: one["state"] for one in found}
    if states["database"] == states.get("schema") == "ok":
        found += [mail(), sealed()]
    return [*found, secret_file()]


def worst(checks):
    """The state of the whole: that of its worst part."""
    return max((one["state"] for one in checks), key=STATES.index)


def database():
    """Write and read within two seconds."""
    begun = clock.monotonic()
    try:
        beat = update(Lease).where(Lease.name == HEARTBEAT).values(fence=Lease.fence + 1)
        if not db.session.execute(beat.execution_options(synchronize_session=False)).rowcount:
            db.session.execute(insert(Lease).values(created_at=clock.now(), name=HEARTBEAT))
        db.session.commit()
    except SQLAlchemyError as problem:
        db.session.rollback()
        return check("database", "fail", f"The database does not take what is written ({type(problem).__name__}).")
    took = clock.monotonic() - begun
    if took > SLOW:
        return check("database", "fail", f"The database took {took:.1f} s to write one row.")
    return check("database", "ok", f"The database writes and reads ({db.engine.dialect.name}).")


def schema():
    current, wanted = migrations.current(), migrations.wanted()
    if current != wanted:
        return check("schema", "fail",
                     f"The database has schema {current}, this version needs {wanted}. Run: flask migrate")
    return check("schema", "ok", f"The database has the schema of this version ({wanted}).")


def time_of_database():
    skew = abs(float(db.session.scalar(select(leases.database_now()))) - clock.now().timestamp())
    db.session.rollback()
    if skew > SKEW:
        return check("clock", "warn", f"The clocks of this machine and of the database differ by {skew:.0f} s.")
    return check("clock", "ok", "The clocks of this machine and of the database agree.")


def scheduler():
    age = leases.age("scheduler")
    db.session.rollback()
    if age is None or age > QUIET_SCHEDULER:
        return check("scheduler", "fail", "No scheduler is running: nothing starts by itself.")
    return check("scheduler", "ok", "A scheduler is running.")


def sender():
    """While a job is being sent, somebody must hold a part of it."""
    waits = clock.now() - timedelta(seconds=QUIET_SENDER)
    jobs = db.session.scalar(select(func.count()).select_from(MailJob).where(
        MailJob.phase.in_(SENDING), MailJob.started_at < waits))
    held = db.session.scalar(select(func.count()).select_from(Chunk).where(
        Chunk.state == "claimed", Chunk.lease_until > leases.database_now() - QUIET_SENDER))
    db.session.rollback()
    if jobs and not held:
        return check("sender", "fail", "Jobs are to be sent, and nobody sends them.")
    return check("sender", "ok", "Jobs are being sent." if jobs else "No job has to be sent now.")


def disk():
    usage = shutil.disk_usage(current_app.extensions["maestro"].DATA)
    text = f"{usage.free / 1e9:.1f} GB are free in the data folder."
    return check("disk", "ok" if usage.free > max(LEAST_DISK, usage.total / 20) else "fail", text)


def redis():
    """Redis only wakes workers: without it work starts some seconds later."""
    try:
        current_app.extensions["redis"].ping()
    except RedisError:
        return check("redis", "warn", "Redis does not answer. Work goes on and starts up to 10 s later.")
    return check("redis", "ok", "Redis answers.")


def mail():
    if settings.smtp_url(current_app.extensions["maestro"]):
        return check("mail", "ok", "Mail is sent to a server.")
    return check("mail", "ok", "Safe mode: mail stays in the Outbox.")


def sealed():
    problems = seals.verify()
    db.session.rollback()
    return check("audit", "fail" if problems else "ok", " ".join(problems[:3]) or "The audit log is whole.")


def secret_file():
    path = current_app.extensions["maestro"].DATA / "secret.key"
    if path.exists() and path.stat().st_mode & 0o077:
        return check("secret", "fail", f"{path} can be read by others. Give it mode 0600.")
    return check("secret", "ok", "The master key is readable by its owner only.")
