"""When the database is gone, pages say so calmly, and nothing of the inside shows."""

import pytest

from maestro.extensions import db


@pytest.mark.parametrize("path", ["/login", "/admin/jobs", "/u/" + "A" * 32])
def test_a_page_without_its_database_is_an_error_in_plain_words(sqlite_app, tmp_path, path):
    db.session.remove()
    db.engine.dispose()
    (tmp_path / "maestro.db").write_bytes(b"this is no database at all" * 100)
    for rest in tmp_path.glob("maestro.db-*"):
        rest.unlink()
    sqlite_app.testing = False
    client = sqlite_app.test_client()
    client.set_cookie("sid", "x" * 43, domain="127.0.0.1")
    answer = client.get(path, base_url="http://127.0.0.1:20080")
    assert answer.status_code in (404, 500, 503)
    for word in ("Traceback", "sqlite", "SELECT", "maestro.db"):
        assert word not in answer.text
