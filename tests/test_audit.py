"""The book of deeds: complete, and sealed so that a change shows (T40, I14)."""

import ast
from pathlib import Path

import pytest

from maestro import audit, seals
from maestro.extensions import db
from maestro.lib import web
from maestro.mailing import states
from maestro.models import AuditEntry

ROOT = Path(__file__).parent.parent
CALLS = [(path, node)
         for path in sorted((ROOT / "maestro").rglob("*.py")) for node in ast.walk(ast.parse(path.read_text()))
         if isinstance(node, ast.Call) and ast.unparse(node.func) == "audit.record"]


def place(call):
    return f"{call[0].relative_to(ROOT)}:{call[1].lineno}"


@pytest.mark.parametrize("call", CALLS, ids=place)
def test_what_is_recorded_is_in_the_catalogue_with_its_facts(call):
    action = call[1].args[0]
    if isinstance(action, ast.Constant):
        facts = {keyword.arg for keyword in call[1].keywords} - {"by"}
        assert facts <= audit.CATALOGUE[action.value][1], f"{action.value} does not tell {facts}"


@pytest.mark.parametrize("verb", states.MOVES)
def test_every_move_of_a_job_is_in_the_catalogue(verb):
    assert "phase" in audit.CATALOGUE[f"job.{verb}"][1]


def test_an_unknown_deed_or_fact_is_a_bug(world):
    with pytest.raises(KeyError):
        audit.record("job.explode", None, world.alice)
    with pytest.raises(ValueError, match="address"):
        audit.record("person.add", world.dataset, world.alice, address="x@example.org")


def test_an_entry_says_who_to_what_from_where_and_whose_book_it_is(world):
    web.client.set("192.0.2.7")
    audit.record("list.change", world.offers, world.alice, name="Offers")
    entry = db.session.query(AuditEntry).order_by(AuditEntry.id.desc()).first()
    assert (entry.actor, entry.user_id, entry.subject, entry.group_id, entry.ip) == (
        "alice@example.org", world.alice.id, f"list {world.offers.id}", world.group.id, "192.0.2.7")


def test_machines_are_named_by_their_word(world):
    audit.record("job.create", None, "command line", code="A")
    audit.record("job.create", None, None, code="A")
    entries = db.session.query(AuditEntry).order_by(AuditEntry.id.desc()).limit(2)
    assert [entry.actor for entry in entries] == ["Maestro", "command line"]


@pytest.fixture
def sealed(world):
    """The entries of a sealed book."""
    for number in range(5):
        audit.record("dataset.change", world.dataset, world.alice, name=f"Name {number}")
    db.session.commit()
    seals.seal()
    db.session.commit()
    return db.session.query(AuditEntry).order_by(AuditEntry.place).all()


def tamper(statement):
    db.session.execute(statement.execution_options(synchronize_session=False))
    db.session.commit()
    db.session.expire_all()


def test_a_whole_book_is_found_whole_and_goes_on(world, sealed):
    assert [entry.place for entry in sealed] == list(range(1, len(sealed) + 1))
    audit.record("dataset.change", world.dataset, world.alice, name="Later")
    seals.seal()
    assert seals.verify() == []
    assert db.session.query(AuditEntry).filter(AuditEntry.place.is_(None)).count() == 0


@pytest.mark.parametrize("change", [
    {"action": "list.remove"}, {"subject": "job 99"}, {"actor": "carol@example.org"}, {"ip": "198.51.100.1"},
    {"details": {"name": "Other"}}, {"user_id": 99}, {"group_id": None}])
def test_a_changed_entry_is_named(sealed, change):
    tamper(db.update(AuditEntry).where(AuditEntry.id == sealed[2].id).values(**change))
    action = change.get("action", sealed[2].action)
    assert seals.verify() == [f"Entry {sealed[2].id} ({action}) was changed after it was sealed."]


def test_a_missing_entry_is_named(sealed):
    tamper(db.delete(AuditEntry).where(AuditEntry.id == sealed[2].id))
    assert "Entries 3 to 3 of the chain are missing." in seals.verify()


def test_a_seal_made_anew_does_not_fit_the_next_one(sealed):
    entry = sealed[2]
    entry.action = "list.remove"
    tamper(db.update(AuditEntry).where(AuditEntry.id == entry.id).values(
        action="list.remove", seal=seals.chained(sealed[1].seal, entry)))
    assert seals.verify() == [f"Entry {sealed[3].id} ({sealed[3].action}) was changed after it was sealed."]


def test_erasing_a_person_breaks_nothing(sealed):
    tamper(db.update(AuditEntry).where(AuditEntry.id == sealed[2].id).values(actor="", ip="", details={}))
    assert seals.verify() == []
