"""Stored files: limits, names, and what is left behind."""

import io

import pytest

from maestro.exchange import sources
from maestro.lib.errors import Refused


@pytest.fixture
def app(sqlite_app):
    """Files do not depend on the database."""
    return sqlite_app


def test_an_upload_is_kept_as_it_is_under_a_name_of_ours(app):
    key = sources.store(io.BytesIO(b"address\r\n"))
    assert sources.path(key).read_bytes() == b"address\r\n"
    assert sources.path(key).parent == app.extensions["maestro"].files / "imports"


def test_an_upload_over_the_limit_is_refused_and_leaves_nothing(app):
    with pytest.raises(Refused, match="larger than 1 MB"):
        sources.store(io.BytesIO(b"x" * 1_500_001), limit=1_500_000)
    assert not list(sources.folder().iterdir())


def test_a_file_of_the_machine_is_copied(app, tmp_path):
    (tmp_path / "mine.csv").write_bytes(b"address\n")
    key = sources.take(tmp_path / "mine.csv")
    (tmp_path / "mine.csv").write_bytes(b"changed")
    assert sources.path(key).read_bytes() == b"address\n"


def test_what_belongs_to_a_file_goes_with_it(app):
    key, other = sources.store(io.BytesIO(b"a")), sources.store(io.BytesIO(b"b"))
    sources.path(key, "-rejected.csv").write_bytes(b"row\n")
    sources.forget(key)
    assert [path.name for path in sources.folder().iterdir()] == [other]
