"""A database that was put back from a backup has forgotten who was erased since; the file beside it has not."""

import shutil

import pytest

from maestro.extensions import db
from maestro.mailing import authorise
from maestro.models import Change, Recipient
from maestro.site import blanking
from maestro.warehouse import barred, erasure, members, replay
from tests.conftest import make_config, open_app
from tests.writing import ready


@pytest.fixture
def back_up(app, config, request, tmp_path):
    """`back_up()`: keep the database as it is; gives a function that opens it in place of the present one."""
    def keep():
        db.session.remove()
        db.engine.dispose()
        if config.sqlite:
            shutil.copy(config.DATA / "maestro.db", tmp_path / "backup.db")
            url = f"sqlite:///{tmp_path / 'backup.db'}"
        else:
            url = request.getfixturevalue("postgres").create(template=config.DATABASE_URL)
        return lambda: open_app(make_config(config.DATA, url, config.REDIS_URL))
    return keep


def add(world, name):
    row = members.add(world.dataset, f"{name}@example.org", {}, by="test")
    db.session.commit()
    return row


def erase(world, name):
    erasure.erase(world.dataset, members.find(world.dataset, f"{name}@example.org"), "subscriber", cause="self")
    db.session.commit()


def told(name):
    """How many lines of the change log and of ledgers tell of somebody."""
    address = f"{name}@example.org"
    return (db.session.query(Change).filter_by(address=address).count(),
            db.session.query(Recipient).filter_by(address=address).count())


def test_erasures_since_the_backup_are_repeated(app, world, work, turn, back_up):
    job = ready(world)
    authorise.authorise(job, "now", world.alice, grace=0)
    work()
    for name in ("back", "stays"):
        add(world, name)
    erase(world, "back")
    blanking.blank_all()
    turn(60)
    members.add(world.dataset, "back@example.org", {}, by="subscriber", cause="self")
    db.session.commit()
    restore = back_up()
    add(world, "later")
    for name in ("dave", "later"):
        erase(world, name)
    blanking.blank_all()
    db.session.remove()
    db.engine.dispose()
    with open(replay.path(), "a") as file:
        file.write("2026-11-")

    with restore().app_context():
        dataset = db.session.get(type(world.dataset), world.dataset.id)
        assert members.find(dataset, "dave@example.org") and told("dave")[1] == 1
        assert replay.replay("test") == (1, 1)
        db.session.commit()
        assert not members.find(dataset, "dave@example.org") and told("dave")[1] == 0
        assert all(barred.is_barred(dataset, f"{name}@example.org") for name in ("dave", "later"))
        assert members.find(dataset, "back@example.org") and members.find(dataset, "stays@example.org")
        assert replay.replay("test") == (0, 0)
        db.session.remove()
        db.engine.dispose()


def test_traces_of_who_was_no_member_any_more_go_too(app, world, back_up):
    turned = add(world, "eve")
    members.change(world.dataset, turned, {}, "subscriber", "self", address="eva@example.org")
    db.session.commit()
    restore = back_up()
    erasure.erase_address(world.dataset, "eve@example.org", world.alice)
    db.session.commit()
    blanking.blank_all()
    db.session.remove()
    db.engine.dispose()
    with restore().app_context():
        assert replay.replay("test") == (1, 0)
        db.session.commit()
        dataset = db.session.get(type(world.dataset), world.dataset.id)
        assert barred.is_barred(dataset, "eve@example.org") and members.find(dataset, "eva@example.org")
        db.session.remove()
        db.engine.dispose()


def test_the_file_names_nobody_and_has_each_erasure_once(app, world, config):
    erase(world, "dave")
    blanking.blank_all()
    blanking.blank_all()
    [line] = replay.path().read_text().splitlines()
    assert "dave" not in line and line.split()[1:] == [str(world.dataset.id), barred.hashed("dave@example.org")]
    assert replay.path().stat().st_mode & 0o777 == 0o600
    assert replay.replay("test") == (0, 0)
