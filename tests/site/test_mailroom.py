"""Requests of forms, answered by a worker: exactly one mail for each, whatever goes wrong in between."""

import email
from email import policy

from maestro import background
from maestro.extensions import db
from maestro.lib import addresses
from maestro.models import HostedList, MailedLink, Post
from maestro.site import joining, links, mailroom, visiting
from maestro.warehouse import lists, sites


def ask(world, address="eve@example.org", **more):
    joining.ask(sites.of(world.dataset), [world.offers], address, {}, more.pop("ip", "192.0.2.7"), "en", "form", **more)
    db.session.commit()


def answer():
    db.session.expire_all()
    background.perform(mailroom.answer_all.path)
    db.session.rollback()


def mails(address="eve@example.org"):
    return db.session.query(Post).filter_by(address=address).all()


def test_a_request_is_answered_once(world):
    ask(world)
    assert mailroom.due() == [(mailroom.answer_all,)]
    answer()
    answer()
    [post] = mails()
    mail = email.message_from_bytes(post.raw, policy=policy.default)
    assert (mail["Auto-Submitted"], mail["To"], post.kind) == ("auto-generated", "eve@example.org", "site_confirmation")
    assert "Fern Ltd" in mail["Subject"] and "Fern Ltd" in mail["From"] and not mail.is_multipart()
    assert mailroom.due() == []


def test_a_list_that_is_gone_meanwhile_leads_to_nothing(world):
    news = lists.create(world.dataset, "News", by="test")
    joining.ask(sites.of(world.dataset), [news], "eve@example.org", {}, "192.0.2.7", "en", "form")
    db.session.commit()
    lists.remove(db.session.get(HostedList, news.id), "test")
    db.session.commit()
    answer()
    assert not mails() and db.session.query(MailedLink).count() == 0


def test_unknown_addresses_are_forgotten_at_once(world):
    visiting.ask(sites.of(world.dataset), "log_in", "nobody@example.org", "192.0.2.7", "en")
    db.session.commit()
    answer()
    assert not mails("nobody@example.org") and db.session.query(MailedLink).count() == 0


def test_a_later_link_to_log_in_voids_the_earlier(world):
    site = sites.of(world.dataset)
    for _ in range(5):
        visiting.ask(site, "log_in", "dave@example.org", "192.0.2.7", "de")
        db.session.commit()
        answer()
    assert db.session.query(MailedLink).count() == 1 and len(mails("dave@example.org")) == 3


def test_without_confirmation_only_new_people_join_at_once(world):
    site = sites.of(world.dataset)
    site.confirmed_opt_in = False
    news = lists.create(world.dataset, "News", by="test")
    ask(world)
    joining.ask(site, [news], "dave@example.org", {"first_name": "Mallory"}, "192.0.2.8", "en", "form")
    db.session.commit()
    answer()
    assert lists.counts(world.offers)["confirmed"] == 2 and lists.counts(news)["unconfirmed"] == 1
    assert [post.kind for post in mails() + mails("dave@example.org")] == ["site_welcome", "site_confirmation"]


def test_of_two_presses_at_once_one_wins(world):
    links.ask(sites.of(world.dataset), "log_in", addresses.judge("dave@example.org"), None)
    link = db.session.query(MailedLink).one()
    links.arm(link)
    assert links.take(link) and not links.take(link)


def test_a_request_that_breaks_us_holds_up_nobody(world, monkeypatch, turn):
    ask(world)
    ask(world, "fay@example.org")
    monkeypatch.setitem(
        mailroom.ANSWERS, "join",
        lambda _site, link: 1 / (link.address_key != "eve@example.org") and joining.answer(link))
    answer()
    assert not mails() and len(mails("fay@example.org")) == 1
    monkeypatch.undo()
    turn(601)
    answer()
    assert len(mails()) == 1
