"""Users: who may make and change whom."""

import pytest

from maestro.accounts import users
from maestro.extensions import db
from maestro.lib.errors import Forbidden, Refused
from maestro.models import AuditEntry

PASSWORD = "correct horse battery 7"


def test_an_address_is_taken_once_in_any_spelling(world):
    with pytest.raises(Refused) as refusal:
        users.create("BOB@Example.org", world.group, "viewer", by=world.alice)
    assert refusal.value.field == "email"


def test_a_user_without_a_password_exists_and_cannot_be_guessed(world):
    made = users.create("new@example.org", world.group, "viewer", by=world.alice)
    assert made.password_hash == "!"
    assert users.by_email("NEW@example.org").id == made.id


@pytest.mark.parametrize("role, group", [("site", "own"), ("viewer", "foreign")])
def test_a_group_administrator_stays_within_the_group_and_below_the_site(world, role, group):
    place = world.group if group == "own" else world.carol.group
    with pytest.raises(Forbidden):
        users.create("new@example.org", place, role, by=world.alice)


def test_nobody_raises_a_role_above_the_own(world):
    with pytest.raises(Forbidden):
        users.set_role(world.bob, "site", by=world.alice)
    with pytest.raises(Forbidden):
        users.set_role(world.root, "viewer", by=world.alice)
    with pytest.raises(Forbidden):
        users.set_role(world.bob, "viewer", by=world.carol)


def test_the_last_site_administrator_stays(world):
    with pytest.raises(Refused, match="last site administrator"):
        users.set_role(world.root, "viewer", by=world.root)
    users.set_role(world.bob, "site", by=world.root)
    users.set_role(world.root, "viewer", by=world.bob)
    assert world.root.role == "viewer"


def test_nobody_disables_himself(world):
    with pytest.raises(Refused):
        users.disable(world.alice, by=world.alice)


def test_everything_is_in_the_audit(world):
    users.set_password(world.bob, PASSWORD + "!", by=world.bob)
    users.change(world.bob, by=world.bob, theme="dark")
    users.disable(world.bob, by=world.alice)
    users.enable(world.bob, by=world.alice)
    mine = db.select(AuditEntry.action, AuditEntry.actor).where(AuditEntry.subject == f"user {world.bob.id}")
    assert db.session.execute(mine.order_by(AuditEntry.id)).all()[-4:] == [
        ("user.password", "bob@example.org"), ("user.change", "bob@example.org"), ("user.disable", "alice@example.org"),
        ("user.enable", "alice@example.org")]


def test_an_unknown_theme_is_refused(world):
    with pytest.raises(Refused):
        users.change(world.bob, by=world.bob, theme="pink")
