"""What names people is forgotten in time: nothing older is found, counts and proofs stay."""

import pytest

from maestro import seals
from maestro.accounts import settings
from maestro.extensions import db
from maestro.mailing import authorise
from maestro.models import AuditEntry, Change, Consent, Hit, Post, Recipient
from maestro.site import retention
from maestro.tracking import hits
from maestro.warehouse import members, publishing, subscriptions
from tests.writing import ready


def test_after_the_days_nothing_names_anybody(world, work, turn):
    subscriptions.leave(world.offers, world.dave, "subscriber", cause="self", ip="192.0.2.77")
    subscriptions.rejoin(world.offers, world.dave, ip="2001:db8:1:2::3")
    job = ready(world, tracking="personal")
    authorise.authorise(job, "now", world.alice, grace=0)
    work()
    hits.store([hits.noted("open", job.id << 32 | 1, None, "Firefox/140.0")])
    publishing.publish("UTC")
    seals.seal()
    db.session.commit()
    assert all(rows == 0 for _words, _days, rows in retention.report())
    db.session.rollback()
    turn(91 * 86400)
    retention.tidy()
    assert {line.address for line in db.session.query(Recipient)} == {"erased"}
    assert {given.ip for given in db.session.query(Consent)} == {"192.0.2.0/24", "2001:db8:1::/48"}
    assert {entry.ip for entry in db.session.query(Change)} <= {None, "192.0.2.0/24", "2001:db8:1::/48"}
    assert db.session.query(Hit).one().reader == 1 and db.session.query(Post).count() == 0
    db.session.rollback()
    turn(800 * 86400)
    retention.tidy()
    assert db.session.query(Hit).one().reader > 1 << 31
    last = db.session.query(Change).one()
    assert not db.session.query(AuditEntry).filter(AuditEntry.place.is_not(None), AuditEntry.actor != "").count()
    assert seals.verify() == []
    members.change(world.dataset, members.find(world.dataset, "dave@example.org"), {"first_name": "D"}, world.alice)
    db.session.commit()
    publishing.publish("UTC")
    assert db.session.query(Change).order_by(Change.id.desc()).first().seq == last.seq + 1


def test_nothing_goes_where_it_is_kept_for_ever(world, turn):
    db.session.rollback()
    publishing.publish("UTC")
    for rule in retention.RULES:
        settings.put(rule.setting, 0, "test")
    db.session.commit()
    before = db.session.query(Change).count()
    db.session.rollback()
    turn(4000 * 86400)
    retention.tidy()
    assert db.session.query(Change).count() == before


@pytest.mark.parametrize(("ip", "found"), [
    ("192.0.2.77", "192.0.2.0/24"), ("2001:db8:1:2::3", "2001:db8:1::/48"), ("nonsense", None)])
def test_a_network_is_what_stays_of_an_address(ip, found):
    assert retention.network(ip) == found
