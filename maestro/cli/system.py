"""The installation itself: its database, its processes, its health."""

import json
import signal
import threading
import time

import click
from flask import current_app

from maestro import background, health, migrations, schedule, worker
from maestro.cli.door import command, find, group, job
from maestro.cli.sync import last_run
from maestro.extensions import db
from maestro.lib import clock, crash
from maestro.lib.errors import NotNow
from maestro.models import ImportRun


@command("migrate")
def migrate():
    migrations.upgrade()
    return {"ok": True}


@group.command("worker")
@click.argument("kind", type=click.Choice(background.QUEUES))
def run_worker(kind):
    """Do background work of one kind until told to stop."""
    worker.work(kind, current_app.extensions["redis"])


@group.command("scheduler")
def run_scheduler():
    """Start what is due, and look after everything, until told to stop."""
    stopping = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stopping.set())
    schedule.loop(stopping)


@command("doctor")
@click.option("--crash-points", is_flag=True, help="List the points of MAESTRO_CRASH_AT.")
def doctor(crash_points):
    if crash_points:
        return {"points": list(crash.POINTS)}
    checks = health.every_check()
    return {"state": health.worst(checks), "checks": checks}


@command("wait")
@click.argument("kind", type=click.Choice(["job", "run", "importer"]))
@click.argument("number", type=int)
@click.option("--until", required=True)
@click.option("--timeout", type=float, required=True)
def wait(kind, number, until, timeout):
    end = clock.monotonic() + timeout
    while True:
        state = STATES[kind](number)
        if until in state.values():
            return state
        if not clock.monotonic() < end:                # also of a time-out that is no number
            raise NotNow(f"After {timeout:g} s: {json.dumps(state)}.", "until")
        db.session.rollback()
        db.session.expire_all()
        time.sleep(0.2)


def job_state(number):
    found = job(number)
    return {"state": found.state, "phase": found.phase}


def run_state(number):
    return {"state": find(ImportRun, number, "import").state}


STATES = {"job": job_state, "run": run_state, "importer": last_run}
