"""Forward to a friend: a copy without anything personal, under limits, and friends who want none get none."""

from email import message_from_bytes, policy

import pytest

from maestro.delivery import outbox
from maestro.extensions import db
from maestro.lib.errors import Refused
from maestro.mailing import authorise
from maestro.models import Forward, ForwardRefusal, Hit, OutboxMessage, Post, Suppression
from maestro.site import forwarding
from tests.writing import ready

HTML = """<p>Hello {{first_name|friend}}, see <a href="https://www.example.org/spring">spring</a>.</p>
<p><a href="{{*UnsubscribeURL}}">off</a> <a href="{{*ProfileURL}}">you</a> <a href="{{*ForwardURL}}">on</a></p>
<p>{{*SenderAddress}}</p>"""


@pytest.fixture
def job(world, work):
    job = ready(world, html=HTML, text="")
    authorise.authorise(job, "now", world.alice, grace=0)
    work()
    return job


@pytest.fixture
def link(app, job):
    return "/f/" + app.extensions["tokens"].mint("f", job.id << 32 | 1)


def form(*friends, **more):
    return {"name": "Dave", "friends": "\n".join(friends), "note": "Read this", "send": "1", **more}


def mails_to(address):
    kept = db.session.query(OutboxMessage).filter_by(address=address).all()
    return [message_from_bytes(outbox.read(one), policy=policy.default) for one in kept]


def test_looking_sends_nothing_and_shows_the_mail_as_the_friend_gets_it(client, link):
    assert client.get(link).status_code == 200
    page = client.post(link, data={**form("eve@example.org"), "send": ""}).text
    assert db.session.query(Forward).count() == 0
    frame = page.partition('<iframe class="copy" src="')[2].partition('"')[0]
    copy = client.get(frame.removeprefix("http://localhost:20080"), base_url="http://localhost:20080")
    assert "Read this" in copy.text and "Hello friend" in copy.text
    assert copy.headers["Content-Security-Policy"].startswith("sandbox ")


def test_the_friend_gets_it_without_anything_of_the_sender(app, client, link, job, world, work):
    assert "1 friend" in client.post(link, data=form("eve@example.org")).text
    work()
    [mail] = mails_to("eve@example.org")
    html, text = (mail.get_body([kind]).get_content() for kind in ("html", "plain"))
    assert mail["Subject"] == "Dave recommends: Spring, friend"
    assert mail["From"].addresses[0].addr_spec == job.from_address
    mine = ("u", world.offers.id), ("p", world.dave["id"]), ("v", job.id << 32 | 1), ("f", job.id << 32 | 1)
    for body in (html, text):
        assert "Read this" in body and "Hello friend" in body and "/s/" in body
        for kind, id in mine:
            assert app.extensions["tokens"].mint(kind, id) not in body
        assert "dave@example.org" not in body and "/o/" not in body and "/l/" not in body
    assert "https://www.example.org/spring" in html
    assert db.session.query(Hit).filter_by(kind="forward").one().reader == 0
    assert forwarding.friends_of(job) == 1


def test_a_friend_gets_one_in_thirty_days_and_none_after_refusing(client, link, work, turn):
    client.post(link, data=form("eve@example.org"))
    client.post(link, data=form("EVE@example.org"))
    work()
    [mail] = mails_to("eve@example.org")
    refusal = mail["List-Unsubscribe"].strip("<>").partition("20080")[2]
    turn(31 * 86400)
    client.post(link, data=form("eve@example.org"))
    work()
    assert len(mails_to("eve@example.org")) == 2
    client.get(refusal)
    assert db.session.query(ForwardRefusal).count() == 0
    assert client.post(refusal, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    client.post(refusal)
    turn(31 * 86400)
    client.post(link, data=form("eve@example.org"))
    work()
    assert len(mails_to("eve@example.org")) == 2 and db.session.query(ForwardRefusal).count() == 1


def test_whoever_must_not_get_mail_is_passed_over_in_silence(client, link, work, world):
    db.session.add(Suppression(address_key="eve@example.org", group_id=world.group.id, reason="complaint"))
    db.session.commit()
    assert client.post(link, data=form("eve@example.org")).status_code == 200
    work()
    assert not mails_to("eve@example.org")


@pytest.mark.parametrize(("changed", "said"), [
    ({"friends": ""}, "at least one friend"), ({"friends": "x"}, "An address has a name"),
    ({"friends": "\n".join(f"e{n}@example.org" for n in range(6))}, "at most 5"),
    ({"name": ""}, "Give your name"), ({"name": "www.shop.example"}, "cannot stand here"),
    ({"note": "see http://shop.example"}, "cannot stand here"),
    ({"note": "buy at shop.example/now"}, "cannot stand here"),
    ({"note": "x" * 301}, "at most 300"),
])
def test_what_would_make_a_relay_of_it_is_refused_beside_its_field(client, link, changed, said):
    answer = client.post(link, data={**form("eve@example.org"), **changed})
    assert answer.status_code == 422 and said in answer.text
    assert db.session.query(Post).filter_by(kind="forward").count() == 0


def test_one_mail_goes_to_ten_friends_in_all(client, link):
    for start in (0, 5):
        assert client.post(link, data=form(*(f"e{start + n}@example.org" for n in range(5)))).status_code == 200
    assert client.post(link, data=form("f@example.org")).status_code == 422


def test_a_list_can_forbid_it_and_a_test_delivery_says_what_it_is(app, client, link, world):
    assert "test delivery" in client.get("/f/" + app.extensions["tokens"].mint("f", 0)).text
    world.offers.forwards = False
    db.session.commit()
    assert client.get(link).status_code == 404


def test_friends_addresses_are_forgotten_after_a_day(client, link, work, turn):
    client.post(link, data=form("eve@example.org"))
    work()
    turn(86401)
    forwarding.tidy()
    assert db.session.query(Post).filter_by(address="eve@example.org").count() == 0


@pytest.mark.parametrize("text", ["http://x.example", "//x.example/a", "www.x.example", "shop.com", "me@x.example"])
def test_web_addresses_are_recognised(text):
    with pytest.raises(Refused):
        forwarding.words(text, 100, "note")


@pytest.mark.parametrize("text", ["Look at this.", "3.5 of 4", "See you, Ann"])
def test_ordinary_words_may_stand(text):
    assert forwarding.words(text, 100, "note") == text
