import pytest

from maestro.delivery import outbox
from maestro.extensions import db
from maestro.lib.errors import NotFound
from maestro.mailing import audience, authorise, preview
from maestro.models import OutboxMessage
from maestro.warehouse import members
from tests.writing import draft, ready


def token(url):
    return url.rpartition("/")[2]


def test_a_frame_shows_the_message_as_a_person_gets_it(world):
    job = draft(world)
    assert "Hello Dave" in preview.by_token(token(preview.link("job", job.id))).html
    assert "Hello friend" in preview.by_token(token(preview.link("job", job.id, audience.NOBODY))).html


def test_an_error_stands_where_the_message_would(world):
    shown = preview.as_person(draft(world, html="<p>{{shop}}"))
    assert shown.html == ""
    assert "cannot be shown yet" in shown.text and "shop" in shown.text


def test_a_frames_link_is_over_after_ten_minutes(world, turn):
    link = token(preview.link("job", draft(world).id))
    assert preview.by_token(link)
    with pytest.raises(NotFound, match="over"):
        preview.by_token(link + "x")
    turn(601)
    with pytest.raises(NotFound, match="over"):
        preview.by_token(link)


def test_a_kept_mail_is_shown_by_its_parts(world):
    raw = b"Subject: x\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>Gr\xc3\xbc\xc3\x9fe\r\n"
    kept = outbox.keep(world.group.id, "a@example.org", "x", raw)
    assert "Grüße" in preview.by_token(token(preview.link("kept", kept.id))).html
    db.session.delete(kept)
    db.session.flush()
    with pytest.raises(NotFound):
        preview.of_kept(kept.id, None)


def test_a_recipient_sees_the_message_again_until_he_is_erased(world, work):
    job = ready(world)
    authorise.authorise(job, "now", world.alice, grace=0)
    db.session.commit()
    work()
    assert "Hello Dave" in preview.of_recipient(job.id, 1).html
    assert db.session.query(OutboxMessage).count() == 1
    members.remove(world.dataset, world.dave, "test")
    with pytest.raises(NotFound, match="not kept"):
        preview.of_recipient(job.id, 1)
