"""The first start: no default account, one administrator, whatever happens at once (T42)."""

import threading

import pytest

from app import create_app
from maestro import migrations
from maestro.accounts import settings, setup
from maestro.extensions import db
from maestro.lib import clock
from maestro.lib.errors import MaestroError, Refused
from maestro.models import Setting, User
from tests.conftest import make_config

ANSWERS = {"email": "ann@example.org", "password": "correct horse battery 7", "organisation": "Fern Ltd",
           "address": "12 Mill Lane", "zone": "Europe/Berlin", "language": "en"}


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request, tmp_path, redis_url):
    """An installation that nobody has set up."""
    url = request.getfixturevalue("postgres").create() if request.param == "postgresql" else ""
    app = create_app(make_config(tmp_path, url, redis_url))
    with app.app_context():
        migrations.upgrade()
        yield app
        db.session.remove()
        db.engine.dispose()
    clock.clock.offset = 0.0


def test_it_makes_the_administrator_the_group_and_the_settings(empty):
    made = setup.setup(**ANSWERS)
    user = db.session.get(User, made["user"])
    assert (user.email, user.role, user.group_id) == ("ann@example.org", "site", made["group"])
    assert [settings.get(name) for name in ("organisation", "zone")] == ["Fern Ltd", "Europe/Berlin"]


def test_a_code_works_until_half_an_hour_is_over(empty):
    code = setup.setup_code()
    assert setup.is_open(code)
    assert not setup.is_open(code + "x")
    clock.clock.offset = 1801
    assert not setup.is_open(code)


def test_a_new_code_replaces_the_old_one(empty):
    old, new = setup.setup_code(), setup.setup_code()
    assert (setup.is_open(old), setup.is_open(new)) == (False, True)


def test_there_is_no_code_in_clear_and_none_once_there_is_an_administrator(empty):
    code = setup.setup_code()
    assert code not in str(db.session.scalars(db.select(Setting.value)).all())
    setup.setup(**ANSWERS)
    assert not setup.is_open(code)
    assert setup.setup_code() is None


@pytest.mark.parametrize("name, value", [
    ("email", "no address"), ("password", "short"), ("organisation", " "), ("address", " "), ("zone", "Mars/Base"),
    ("language", "xx")])
def test_a_wrong_answer_is_refused_at_its_field(empty, name, value):
    with pytest.raises(Refused) as refusal:
        setup.setup(**{**ANSWERS, name: value})
    assert refusal.value.field == name


def test_of_two_at_once_one_becomes_administrator(empty):
    outcomes, together = [], threading.Barrier(2)

    def browser(number):
        with empty.app_context():
            together.wait()
            try:
                setup.setup(**{**ANSWERS, "email": f"user{number}@example.org", "organisation": f"Firm {number}"})
                db.session.commit()
                outcomes.append("made")
            except MaestroError:
                db.session.rollback()
                outcomes.append("refused")

    threads = [threading.Thread(target=browser, args=[number]) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["made", "refused"]
    assert db.session.query(User).count() == 1
