import subprocess
import sys

import pytest
from sqlalchemy import text

from maestro.extensions import db
from maestro.models import Hit
from maestro.tracking import hits, rates
from tests.parts.maestro import ROOT, outside
from tests.parts.waiting import until
from tests.writing import draft

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0"


@pytest.mark.parametrize(("agent", "machine", "family"), [
    (FIREFOX, False, "firefox"), ("", False, "other"), ("Mozilla/5.0 (via ggpht.com GoogleImageProxy)", True, "other"),
    ("curl/8.0", True, "other"), ("Mozilla/5.0 Chrome/126 Safari/537 Edg/126", False, "edg"),
    ("Thunderbird/128", False, "thunderbird")])
def test_machines_and_families_are_told_by_what_they_call_themselves(agent, machine, family):
    assert (hits.is_machine(agent), hits.family(agent)) == (machine, family)


def stored():
    """How many hits there are; lets go of the database, which on SQLite has one writer at a time."""
    found = db.session.query(Hit).count()
    db.session.rollback()
    return found


def test_many_hits_are_written_together_and_none_twice(app, world):
    job, buffer = draft(world), hits.Buffer()
    for reader in range(500):
        buffer.take("open", job.id << 32 | reader, None, FIREFOX, app)
    until(lambda: stored() == 500)
    assert not buffer.waiting


def test_hits_of_jobs_that_are_gone_are_dropped(app, world):
    buffer = hits.Buffer()
    buffer.take("open", 999 << 32 | 1, None, "", app)
    buffer.take("open", draft(world).id << 32 | 1, None, "", app)
    until(lambda: stored() == 1)


ENDS = """
from app import create_app
app = create_app()
for reader in range(50):
    app.wsgi_app.hits.take("open", {job} << 32 | reader, None, "", app)
"""


def test_a_process_that_ends_calmly_writes_what_waits(config, app, world):
    job = draft(world)
    db.session.commit()
    settings = {f"MAESTRO_{name}": str(getattr(config, name)) for name in ("SECRET_KEY", "DATA", "DATABASE_URL")}
    subprocess.run([sys.executable, "-c", ENDS.format(job=job.id)], env=outside() | settings, cwd=ROOT, check=True)
    assert stored() == 50


def test_while_the_database_fails_hits_are_kept(app, world):
    job, buffer = draft(world), hits.Buffer()
    db.session.execute(text("ALTER TABLE hit RENAME TO hit_away"))
    db.session.commit()
    buffer.take("open", job.id << 32 | 1, None, "", app)
    until(lambda: buffer.writer is None and len(buffer.waiting) == 1)
    db.session.execute(text("ALTER TABLE hit_away RENAME TO hit"))
    db.session.commit()
    buffer.take("open", job.id << 32 | 2, None, "", app)
    until(lambda: stored() == 2)


def test_readers_are_counted_once_and_machines_apart(world):
    job = draft(world)
    job.started_at = job.created_at
    came = [("open", 1, False), ("open", 1, False), ("open", 2, False), ("open", 3, True), ("click", 2, False)]
    for kind, reader, machine in came:
        db.session.add(Hit(job_id=job.id, kind=kind, reader=reader, machine=machine))
    db.session.commit()
    assert rates.readers([job.id], "open") == {job.id: 2}
    assert rates.readers([job.id], "click") == {job.id: 1}
    assert rates.curve(job)[0] == 3 and sum(rates.curve(job)) == 3
