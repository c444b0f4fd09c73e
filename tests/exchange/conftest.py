"""An import from rows of text to its end, on both databases."""

import io

import pytest

from maestro.exchange import imports, sources
from maestro.extensions import db
from maestro.lib.tabular.write import csv_bytes


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
