"""The subscriber area: what a mail's link opens, what a log-in opens, and what each button writes into the log."""

import json

import pytest

from maestro.extensions import db
from maestro.lib.errors import Refused
from maestro.models import Account, Change, Consent, MemberSession, Subscription
from maestro.site import letters, visiting
from maestro.warehouse import fields, lists, members, sites, subscriptions
from tests.subscriber.conftest import hidden, link_of

IP = "192.0.2.8"


@pytest.fixture
def news(world):
    found = lists.create(world.dataset, "News", by="test")
    db.session.commit()
    return found


@pytest.fixture
def link(site, world):
    """The link {{*ProfileURL}} of a mail to Dave."""
    return letters.profile(site, world.dave).removeprefix("http://127.0.0.1:20080")


def dave(world):
    db.session.rollback()
    return members.find_by_id(world.dataset, world.dave["id"])


def told():
    return json.loads(db.session.query(Change).order_by(Change.id.desc()).first().changes)


def test_a_mails_link_shows_lists_and_no_data(client, world, link, visitor, news, log):
    page = client.get(link)
    assert page.status_code == 200 and "d••••@example.org" in page.text
    assert "dave@example.org" not in page.text and "Dave" not in page.text and "Set-Cookie" not in page.headers
    visitor.act("lists", link, list=[news.key])
    assert subscriptions.is_on(news, world.dave) and not subscriptions.is_on(world.offers, world.dave)
    assert sorted(log()) == sorted([("ADD", "L", news.id, "self", IP), ("CON", "L", news.id, "self", IP),
                                    ("DEL", "L", world.offers.id, "self", IP)])
    assert {(proof.list_id, proof.given, proof.how) for proof in db.session.query(Consent)} == {
        (news.id, True, "profile page"), (world.offers.id, False, "profile page")}
    for act in ("profile", "address", "download", "leave", "erase", "nonsense"):
        assert visitor.act(act, link).status_code == 400
    assert "Saved" in client.get(link + "?done=pause").text


def test_frequency_pause_and_language_are_kept_and_told(client, world, link, visitor, log):
    visitor.act("lists", link, list=[world.offers.key], **{f"frequency_{world.offers.key}": "weekly"})
    assert told() == {"*frequency": ["all", "weekly"]}
    visitor.act("pause", link, days=30)
    place = db.session.query(Subscription).one()
    assert place.frequency == "weekly" and place.paused_until and "Paused until" in client.get(link).text
    assert visitor.act("pause", link, days=31).status_code == 422
    visitor.act("pause", link, days=0)
    assert db.session.query(Subscription).one().paused_until is None
    visitor.act("language", link, language="de")
    assert db.session.query(Account).one().language == "de" and told() == {"*language": ["", "de"]}
    assert visitor.act("language", link, language="xx").status_code == 422
    assert log() == [("UPD", "L", world.offers.id, "self", IP)] + [("UPD", "D", None, "self", IP)] * 3


def test_a_mailed_link_logs_in_once_and_for_an_hour(client, world, site, visitor, inbox, link, turn):
    assert visitor.act("link", link).status_code == 303
    [mail] = inbox("dave@example.org")
    assert "Log in" in client.get(link_of(mail)).text and db.session.query(MemberSession).count() == 0
    answer = client.post(link_of(mail))
    assert (answer.status_code, answer.location) == (303, f"/s/{site.key}/me")
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and f"Path=/s/{site.key}" in cookie
    assert "dave@example.org" in client.get(answer.location).text
    assert "works once" in client.post(link_of(mail)).text
    turn(3700)
    assert client.get(answer.location).location.endswith("/login")
    visitor.log_in(inbox)
    turn(20)
    guard = hidden(client.get(answer.location).text, "guard")
    assert client.post(f"/s/{site.key}/logout").status_code == 403
    assert client.post(answer.location, data={"act": "leave"}).status_code == 403
    client.post(f"/s/{site.key}/logout", data={"guard": guard})
    assert client.get(answer.location).status_code == 302 and db.session.query(MemberSession).count() == 1


def test_log_in_answers_the_same_for_unknown_addresses(client, site, inbox, world, turn):
    url = f"/s/{site.key}/login"
    seal = hidden(client.get(url).text, "seal")
    answers = {client.post(url, data={"seal": seal, "address": address}).text
               for address in ("dave@example.org", "nobody@example.org")}
    assert len(answers) == 1 and "If this address is known" in answers.pop()
    assert inbox("nobody@example.org") == [] and len(inbox("dave@example.org")) == 1
    turn(16 * 60)
    late = client.post(link_of(inbox("dave@example.org")[0])).text
    assert "Too much time" in late and 'action="/c/' not in late


def test_the_profile_is_changed_by_its_owner_only_where_the_field_allows(client, world, site, visitor, inbox, log):
    fields.create(world.dataset, "Grade", "text", by="test", shown="view")
    fields.create(world.dataset, "Secret", "text", by="test", shown="no")
    stored = members.get(world.dataset, world.dave["id"])
    members.change(world.dataset, stored, {"grade": "gold", "secret": "hush"}, "test")
    db.session.commit()
    page = visitor.log_in(inbox).text
    assert "gold" in page and "hush" not in page and 'name="f_grade"' not in page
    since = len(log())
    visitor.act("profile", f_first_name="David", f_first_name_is="1", f_grade="platinum", f_grade_is="1",
                f_city="", f_city_is="1")
    row = dave(world)
    assert (row["first_name"], row["grade"], row["city"]) == ("David", "gold", None) and row["self_changed_at"]
    assert log()[since:] == [("UPD", "D", None, "self", IP)]
    assert visitor.act("profile", f_birthday="31.12.2020", f_birthday_is="1").status_code == 422
    data = visitor.act("download")
    found = json.loads(data.text)
    assert data.headers["Content-Disposition"].startswith("attachment") and found["profile"]["First name"] == "David"
    assert "hush" not in json.dumps(found["profile"]) and found["lists"][0]["list"] == "Offers"


def test_an_address_is_confirmed_at_the_new_one_and_told_to_the_old(client, world, site, visitor, inbox, link, log):
    visitor.log_in(inbox)
    visitor.act("address", address="david@example.org")
    assert dave(world)["address"] == "dave@example.org"
    [mail] = inbox("david@example.org")
    assert "Your address is changed" in client.post(link_of(mail), environ_overrides={"REMOTE_ADDR": IP}).text
    assert dave(world)["address"] == "david@example.org" and log() == [("CHG", "D", None, "self", IP)]
    assert "d••••@example.org" in inbox("dave@example.org")[-1]
    assert "This link is over" in client.get(link).text and client.get(f"/s/{site.key}/me").status_code == 302
    assert "done already" in client.post(link_of(mail)).text


def test_what_is_refused_is_marked_at_its_input_and_kept(client, site, visitor, inbox):
    sites.change(site, "test", passwords=True)
    db.session.commit()
    visitor.log_in(inbox)
    for act, given, kept in (("address", "david@", 'value="david@"'), ("password", "short", 'maxlength="256"')):
        page = visitor.act(act, **{act: given})
        assert page.status_code == 422 and page.text.count('aria-invalid="true"') == 1
        place = page.text.partition(f'id="{act}"')[2].partition("</div>")[0]
        assert kept in place and f'id="{act}-error"' in place and "short" not in page.text


def test_an_address_of_somebody_else_is_not_told(client, world, site, visitor, inbox):
    members.add(world.dataset, "fay@example.org", {}, by="test")
    db.session.commit()
    visitor.log_in(inbox)
    known, new = (visitor.act("address", address=address) for address in ("fay@example.org", "new@example.org"))
    assert (known.status_code, known.location) == (new.status_code, new.location)
    assert inbox("fay@example.org") == [] and len(inbox("new@example.org")) == 1


def test_leaving_everything_logs_the_lists_then_the_dataset(client, world, site, visitor, inbox, news, log, link):
    subscriptions.join(news, world.dave, by="test")
    db.session.commit()
    visitor.log_in(inbox)
    since = len(log())
    assert visitor.act("leave").status_code == 422 and dave(world)["state"] == "confirmed"
    assert "You have left" in visitor.act("leave", sure="1").text
    assert log()[since:] == [("DEL", "L", world.offers.id, "self", IP), ("DEL", "L", news.id, "self", IP),
                             ("DEL", "D", None, "self", IP)]
    assert dave(world)["state"] == "left" and dave(world)["first_name"] is None
    assert "Goodbye" in inbox("dave@example.org")[-1] or "You have left" in inbox("dave@example.org")[-1]
    assert "This link is over" in client.get(link).text and db.session.query(MemberSession).count() == 0


def test_passwords_where_the_site_has_them(client, world, site, visitor, inbox, log, turn):
    url = f"/s/{site.key}"
    assert client.get(f"{url}/password").status_code == 404
    sites.change(site, "test", passwords=True)
    db.session.commit()
    seal = hidden(client.get(f"{url}/password").text, "seal")
    client.post(f"{url}/password", data={"seal": seal, "address": "dave@example.org"})
    reset = link_of(inbox("dave@example.org")[0])
    assert client.post(reset, data={"password": "short"}).status_code == 422
    assert client.post(reset, data={"password": "violet harbour 12 lanes"}).location == f"{url}/me"
    assert told() == {"*password": [None, None]} and "violet" not in str(log())
    client.delete_cookie("member", domain="127.0.0.1", path=url)
    form = {"seal": hidden(client.get(f"{url}/login").text, "seal"), "address": "DAVE@example.org"}
    wrong = client.post(f"{url}/login", data=form | {"password": "violet harbour 13 lanes"})
    unknown = client.post(
        f"{url}/login", data=form | {"password": "violet harbour 13 lanes", "address": "x@example.org"})
    assert wrong.status_code == unknown.status_code == 422 and "do not match" in wrong.text
    assert client.post(f"{url}/login", data=form | {"password": "violet harbour 12 lanes"}).location == f"{url}/me"
    visitor.act("password", password="amber meadow 77 stones")
    assert client.get(f"{url}/me").status_code == 302
    for _ in range(10):
        visiting.count_try(site, "dave@example.org", "192.0.2.1")
    db.session.commit()
    assert client.post(f"{url}/login", data=form | {"password": "guess guess guess"}).status_code == 429


def test_who_is_erased_is_not_brought_back_but_may_come_back_himself(client, world, site, visitor, inbox, log, turn):
    visitor.log_in(inbox)
    since = len(log())
    assert "You are erased" in visitor.act("erase", sure="1").text
    assert [entry[:3] for entry in log()[since:]] == [("DEL", "L", world.offers.id), ("DEL", "D", None)]
    db.session.rollback()
    assert dave(world) is None and client.get(f"/s/{site.key}/me").status_code == 302
    with pytest.raises(Refused):
        members.put_on(world.offers, "dave@example.org", {}, "test")
    db.session.rollback()
    turn(3 * 86_400)
    visitor.sign_up("dave@example.org")
    client.post(link_of(inbox("dave@example.org")[-1]))
    db.session.rollback()
    assert members.find(world.dataset, "dave@example.org")["state"] == "confirmed"
