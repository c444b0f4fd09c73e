"""The first start in the browser."""

import pytest

from maestro.accounts import settings as stored
from maestro.accounts import setup
from maestro.extensions import db
from maestro.models import Setting, User

ANSWERS = {"email": "ann@example.org", "name": "Ann", "password": "correct horse battery 7", "organisation": "Moss Ltd",
           "address": "12 Mill Lane", "zone": "Europe/Berlin", "language": "en", "sample": "no"}


@pytest.fixture
def code(app):
    """A code of an installation whose administrator is gone."""
    db.session.execute(db.update(User).values(role="viewer", email_key=User.email_key + ".old"))
    db.session.execute(db.delete(Setting))
    found = setup.setup_code()
    db.session.commit()
    return found


def test_the_page_makes_the_administrator_and_signs_in(client, code):
    assert client.get(f"/setup/{code}").status_code == 200
    answer = client.post(f"/setup/{code}", data=ANSWERS)
    assert answer.location == "/admin/"
    assert client.get("/admin/account").status_code == 200
    assert stored.get("organisation") == "Moss Ltd"
    assert client.get(f"/setup/{code}").status_code == 404
    assert client.post(f"/setup/{code}", data=ANSWERS).status_code == 404


def test_a_form_without_a_name_is_enough(client, code):
    answers = {name: answer for name, answer in ANSWERS.items() if name != "name"}
    assert client.post(f"/setup/{code}", data=answers).location == "/admin/"


def test_a_wrong_answer_is_shown_at_its_field_and_nothing_is_made(client, code):
    answer = client.post(f"/setup/{code}", data={**ANSWERS, "password": "password1234"})
    assert answer.status_code == 422
    assert "among the first that are guessed" in answer.text
    assert not db.session.query(User).filter_by(email_key="ann@example.org").count()


@pytest.mark.parametrize("guess", ["x", "0" * 22, "../login"])
def test_without_the_code_there_is_no_page(client, code, guess):
    assert client.get(f"/setup/{guess}").status_code in (404, 308)


def test_sample_data_can_be_had_from_the_start(client, code):
    client.post(f"/setup/{code}", data={**ANSWERS, "sample": "yes"})
    assert db.session.query(User).filter_by(email_key="ann@example.org").one().group.name == "Moss Ltd"
    assert client.get("/admin/palette?q=Spring").json["items"]


