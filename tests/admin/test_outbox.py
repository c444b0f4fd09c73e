import pytest

from maestro.delivery import outbox
from maestro.extensions import db
from maestro.mailing import authorise
from maestro.models import OutboxMessage
from tests.writing import people, ready


@pytest.fixture
def kept(world, work):
    """The mails of a job to three people."""
    people(world, 2)
    job = ready(world)
    authorise.authorise(job, "now", world.alice, grace=0)
    db.session.commit()
    work()
    return db.session.query(OutboxMessage).order_by(OutboxMessage.id).all()


def test_mails_are_listed_searched_and_named_by_their_job(client, world, kept):
    page = client.as_(world.bob).get("/admin/outbox").text
    assert "These mails stayed on this machine." in page
    assert page.count("data-row") >= 3 and "Spring, Dave" in page
    assert "person1@" in client.get("/admin/outbox?q=person1").text
    assert "No mail matches" in client.get("/admin/outbox?q=nobody").text


@pytest.mark.parametrize(("tab", "shown"), [
    ("html", 'src="http://localhost:20080/preview/'), ("text", "Hello Dave"), ("headers", "List-Unsubscribe-Post"),
    ("links", "Unsubscribe"), ("source", "Content-Transfer-Encoding: quoted-printable")])
def test_a_mail_is_looked_at_from_all_sides(client, world, kept, tab, shown):
    dave = next(row for row in kept if row.address == "dave@example.org")
    assert shown in client.as_(world.bob).get(f"/admin/outbox/{dave.id}?tab={tab}").text


def test_a_mail_is_downloaded_byte_for_byte(client, world, kept):
    answer = client.as_(world.bob).get(f"/admin/outbox/{kept[0].id}.eml")
    assert (answer.data, answer.mimetype) == (outbox.read(kept[0]), "message/rfc822")


def test_neighbours_are_one_click_away(client, world, kept):
    page = client.as_(world.bob).get(f"/admin/outbox/{kept[1].id}").text
    assert f"/admin/outbox/{kept[0].id}\"" in page and f"/admin/outbox/{kept[2].id}\"" in page


@pytest.mark.parametrize("user", ["carol", "victor"])
def test_others_see_nothing(client, world, kept, user):
    client.as_(getattr(world, user))
    for path in (f"/admin/outbox/{kept[0].id}", f"/admin/outbox/{kept[0].id}.eml"):
        assert client.get(path).status_code in (403, 404)
    assert "dave@" not in client.get("/admin/outbox").text


def test_a_group_administrator_clears_it(client, world, kept):
    assert client.as_(world.bob).post("/admin/outbox/clear").status_code == 403
    client.as_(world.alice).post("/admin/outbox/clear")
    assert "The Outbox is empty" in client.get("/admin/outbox").text


def test_an_empty_outbox_says_what_it_is_for(client, world):
    assert "every finished mail lands here" in client.as_(world.bob).get("/admin/outbox").text
