"""An import from rows of text to its end, on both databases."""

import io

import pytest
from sqlalchemy import select

from maestro.exchange import findings, imports, sources
from maestro.extensions import db
from maestro.lib.tabular.write import csv_bytes
from maestro.models import Change, Subscription
from maestro.warehouse import members, tables


@pytest.fixture
def draft(app, world):
    """A draft from a list of rows, the first of which is the header."""
    def make(rows, mode="add-update", list=None, dataset=None, **options):
        content = rows if isinstance(rows, bytes) else b"".join(csv_bytes(rows[0], rows[1:]))
        key = sources.store(io.BytesIO(content))
        run = imports.create(dataset or world.dataset, list, key, "people.csv", by=world.alice)
        imports.set_rules(run, run.mapping, mode, options, by=world.alice)
        db.session.commit()
        return run
    return make


@pytest.fixture
def bring_in(draft, world):
    """Import rows to the end (or to the check, `dry`); returns the run."""
    def go(rows, mode="add-update", list=None, dataset=None, dry=False, **options):
        run = draft(rows, mode, list, dataset, **options)
        imports.start(run, dry, by=world.alice)
        db.session.commit()
        return imports.wait(run.id)
    return go


@pytest.fixture
def log(app):
    """The change log's lines of a run as "ADD D ann@example.org", in order."""
    def read(run):
        rows = db.session.query(Change).filter_by(run_id=run.id).order_by(Change.id)
        return [f"{row.code} {row.level} {row.address}" for row in rows]
    return read


@pytest.fixture
def found(app):
    """The lists of a run: {kind: [rows]}."""
    def read(run):
        return {kind: list(findings.lines(run, kind)) for kind in findings.LISTS}
    return read


@pytest.fixture
def states(app):
    """{address: state} of a dataset's people, or of a list's."""
    def read(target):
        db.session.expire_all()
        dataset = getattr(target, "dataset", target)
        people = tables.table(dataset)
        chosen = select(people.c.address, people.c.state)
        if target is not dataset:
            chosen = select(people.c.address, Subscription.state).where(
                Subscription.member_id == people.c.id, Subscription.list_id == target.id)
        return dict(db.session.execute(chosen).all())
    return read


@pytest.fixture
def row(app, world):
    """The row of a person of Alice's dataset."""
    def read(address):
        db.session.expire_all()
        return members.find(world.dataset, address)
    return read
