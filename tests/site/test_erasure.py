"""Erasure: an address that was planted everywhere is found nowhere afterwards, and no import brings it back."""

import io
import zlib

import pytest
from sqlalchemy import MetaData, func, select

from maestro.delivery import post
from maestro.exchange import connections, imports, sources, writebacks
from maestro.extensions import db, reading
from maestro.lib.errors import Refused
from maestro.lib.letters import letter
from maestro.mailing import authorise, trial
from maestro.models import Account, Change, Consent, Erasure, OutboxMessage, Recipient, Suppression
from maestro.site import blanking, joining
from maestro.warehouse import barred, erasure, members, publishing, sites, subscriptions
from tests.writing import draft, ready

ADDRESS, OLD = "planted.person@example.org", "planted.before@example.org"
MARK = b"planted"


def import_file(world, text, mode="add-update"):
    key = sources.store(io.BytesIO(text.encode()))
    run = imports.create(world.dataset, world.offers, key, "people.csv", by=world.alice)
    imports.set_rules(run, run.mapping, mode, {}, by=world.alice)
    imports.start(run, False, by=world.alice)
    db.session.commit()
    run = imports.wait(run.id)
    assert run.state == "done", (run.state, run.problem)
    return run


@pytest.fixture
def planted(world, work, app):
    """A person who did everything that leaves a trace."""
    others = "".join(f"p{number}@example.org,P\n" for number in range(9))
    import_file(world, f"address,first_name\n{OLD},Planted\nbroken planted@,X\n{OLD},Planted twice\n{others}")
    row = members.find(world.dataset, OLD)
    members.change(world.dataset, row, {"first_name": "Planted P"}, "subscriber", "self", "192.0.2.77", ADDRESS)
    subscriptions.leave(world.offers, members.find(world.dataset, ADDRESS), "subscriber", cause="self", ip="192.0.2.77")
    subscriptions.rejoin(world.offers, members.find(world.dataset, ADDRESS), ip="192.0.2.77")
    db.session.add(Account(dataset_id=world.dataset.id, member_id=row["id"], language="en"))
    world.offers.tracking = "personal"
    job = ready(world, tracking="personal")
    authorise.authorise(job, "now", world.alice, grace=0)
    work()
    other = draft(world, "Other", text="For {{address}} {{*UnsubscribeURL}} {{*SenderAddress}}", html="")
    trial.send(other, ["colleague@example.org"], world.alice, member_id=row["id"])
    raw = letter(ADDRESS, "us@example.org", "Us", f"For {ADDRESS}", "Hello")
    post.queue(world.group.id, "test", ADDRESS, "us@example.org", raw)
    db.session.query(Recipient).filter_by(address=ADDRESS).update({"reply": f"250 <{ADDRESS}> ok"})
    db.session.add(Suppression(address_key=ADDRESS, group_id=world.group.id, reason="complaint", by=ADDRESS))
    work()
    joining.ask(sites.of(world.dataset), [world.offers], ADDRESS, {}, "192.0.2.77", "en", "/x")
    db.session.commit()
    publishing.publish("Europe/Berlin")
    return members.find(world.dataset, ADDRESS)


def in_tables():
    """(table, column) of every cell of every table that holds the mark."""
    db.session.rollback()
    with reading():
        return set(marked_cells())


def marked_cells():
    for schema in (None, "warehouse") if db.engine.dialect.name == "postgresql" else (None,):
        known = MetaData(schema=schema)
        known.reflect(db.engine)
        with db.engine.connect() as connection:
            for table in known.tables.values():
                for row in connection.execute(select(table)).mappings():
                    yield from ((table.name, name) for name, value in row.items() if MARK in as_bytes(value).lower())


def as_bytes(value):
    return bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()


def in_files(folder):
    """The files whose bytes, or compressed messages, hold the mark."""
    return {path.name for path in folder.rglob("*") if path.is_file() and MARK in unpacked(path).lower()}


def unpacked(path):
    raw = path.read_bytes()
    if path.suffix != ".z":
        return raw
    found, left = b"", raw.lstrip(b"\0")
    while left:
        piece = zlib.decompressobj()
        found, left = found + piece.decompress(left), piece.unused_data.lstrip(b"\0")
    return found


def test_a_planted_address_is_found_nowhere_and_does_not_come_back(app, world, planted, work, config):
    traces = {"recipient", "change", "mailed_link", "outbox_message", "suppression"}
    assert traces <= {table for table, _ in in_tables()}
    before = db.session.query(Change).count(), db.session.query(Recipient).count(), db.session.query(Consent).count()
    db.session.rollback()
    erasure.erase(world.dataset, planted, "subscriber", cause="self", ip="192.0.2.77")
    work()
    publishing.publish("Europe/Berlin")
    blanking.blank_all()
    assert in_tables() == set()
    assert in_files(config.DATA) == set()
    assert b"192.0.2.77" not in b"".join(path.read_bytes() for path in config.DATA.rglob("*.log"))
    after = db.session.query(Change).count(), db.session.query(Recipient).count(), db.session.query(Consent).count()
    assert after[0] == before[0] + 2 and after[1:] == (before[1], before[2] + 1)
    log = "".join(path.read_text() for path in (config.DATA / "changelog").glob("*.log"))
    assert " ERASED-" in log and len(log.splitlines()) == db.session.query(Change).count()
    assert barred.is_barred(world.dataset, ADDRESS) and barred.is_barred(world.dataset, OLD)
    assert db.session.query(Erasure).filter(Erasure.sealed.is_not(None)).count() == 0

    db.session.rollback()
    run = import_file(world, f"address,first_name\n{ADDRESS.upper()},Back\nnew@example.org,New\n{OLD},Back\n")
    assert run.counts["protected"] == 2 and run.counts["added"] == 1
    assert members.find(world.dataset, "new@example.org") and not members.find(world.dataset, ADDRESS)
    with pytest.raises(Refused, match="erased on request"):
        members.add(world.dataset, ADDRESS, {}, by=world.alice)


def test_who_was_erased_may_come_back_himself(world):
    row = members.find(world.dataset, "dave@example.org")
    erasure.erase(world.dataset, row, world.alice)
    db.session.query(Erasure).update({"sealed": None})
    members.add(world.dataset, "dave@example.org", {}, by="subscriber", cause="self")
    assert not barred.is_barred(world.dataset, "dave@example.org")


def test_a_mail_on_its_way_leaves_before_its_address_is_blanked(world, work):
    row = members.find(world.dataset, "dave@example.org")
    erasure.erase(world.dataset, row, "subscriber", cause="self")
    post.queue(world.group.id, "site_goodbye", "dave@example.org", "us@example.org",
               letter("dave@example.org", "us@example.org", "Us", "Goodbye", "You are erased."))
    db.session.commit()
    publishing.publish("UTC")
    blanking.blank_all()
    assert db.session.query(Erasure).one().sealed
    db.session.rollback()
    work()
    assert db.session.query(OutboxMessage).count() == 1
    db.session.rollback()
    blanking.blank_all()
    assert db.session.query(OutboxMessage).count() == 0 and not db.session.query(Erasure).one().sealed


def test_a_suppression_stays_in_clear_only_while_another_dataset_knows_the_address(world):
    members.add(world.foreign, "dave@example.org", {}, by="test")
    for group in (0, world.group.id):
        db.session.add(Suppression(address_key="dave@example.org", group_id=group, reason="complaint"))
    erasure.erase(world.dataset, members.find(world.dataset, "dave@example.org"), world.alice)
    kept = {held.group_id: held.address_key for held in db.session.query(Suppression)}
    assert kept[0] == "dave@example.org" and kept[world.group.id].startswith("#")


def test_a_write_back_carries_the_departure_over_before_its_address_is_blanked(world):
    shop = connections.create(world.group, world.root, name="Shop", kind="sqlite", database="shop.db", may_write=True)
    db.session.commit()
    publishing.publish("UTC")
    writeback = writebacks.create(shop, world.dataset, world.offers, by=world.alice)
    writeback.enabled = True
    erasure.erase(world.dataset, members.find(world.dataset, "dave@example.org"), "subscriber", cause="self")
    db.session.commit()
    publishing.publish("UTC")
    blanking.blank_all()
    assert db.session.query(Erasure).one().sealed
    assert db.session.query(Change).filter_by(code="DEL", level="L", address="dave@example.org").one()
    writeback.cursor = db.session.query(func.max(Change.seq)).scalar()
    db.session.commit()
    blanking.blank_all()
    assert not db.session.query(Erasure).one().sealed
    assert not db.session.query(Change).filter_by(address="dave@example.org").count()


def test_a_write_back_that_stands_still_holds_an_erasure_for_a_day_at_most(world, turn):
    shop = connections.create(world.group, world.root, name="Shop", kind="sqlite", database="shop.db", may_write=True)
    db.session.commit()
    publishing.publish("UTC")
    writebacks.create(shop, world.dataset, world.offers, by=world.alice).enabled = True
    erasure.erase(world.dataset, members.find(world.dataset, "dave@example.org"), "subscriber", cause="self")
    db.session.commit()
    publishing.publish("UTC")
    turn(25 * 3600)
    blanking.blank_all()
    assert not db.session.query(Erasure).one().sealed
