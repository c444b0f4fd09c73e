import pytest

from maestro.extensions import db
from maestro.mailing import jobs
from tests.writing import HTML, draft


def form(job, **parts):
    kept = {name: getattr(job, name) for name in ("subject", "from_name", "from_address", "reply_to", "html", "text")}
    return {"version": job.version, **kept, **parts}


def test_what_is_written_is_kept(client, world):
    job = draft(world)
    written = form(job, subject="New", html="<p>a</p>\r\n<p>b</p>")
    answer = client.as_(world.bob).post(f"/admin/jobs/{job.id}/content", data=written)
    assert answer.location == f"/admin/jobs/{job.id}/content"
    db.session.refresh(job)
    assert (job.subject, job.html) == ("New", "<p>a</p>\n<p>b</p>")
    answer = client.post(f"/admin/jobs/{job.id}/content", data=form(job, go="audience"))
    assert answer.location == f"/admin/jobs/{job.id}/recipients"


def test_errors_of_the_content_stand_in_words_with_their_place(client, world):
    job = draft(world, html="<p>a</p>\n<p>{{frst_name}}</p>")
    page = client.as_(world.bob).get(f"/admin/jobs/{job.id}/content").text
    assert "HTML, line 2, column 4" in page and "Did you mean first_name?" in page
    assert 'data-goto="html:2:4"' in page


def test_a_refusal_stands_at_its_field_and_the_input_is_kept(client, world):
    job = draft(world)
    written = form(job, from_address="nobody", subject="Kept <b>")
    answer = client.as_(world.bob).post(f"/admin/jobs/{job.id}/content", data=written)
    assert answer.status_code == 422
    assert 'id="from_address-error"' in answer.text and 'value="Kept &lt;b&gt;"' in answer.text
    db.session.refresh(job)
    assert job.subject != "Kept <b>"


def test_who_was_slower_keeps_his_text_and_chooses(client, world):
    job = draft(world)
    mine = form(job, subject="Mine")
    jobs.change(job, world.alice, subject="Hers")
    db.session.commit()
    answer = client.as_(world.bob).post(f"/admin/jobs/{job.id}/content", data=mine)
    assert answer.status_code == 409
    assert "alice@example.org changed this at" in answer.text and "Your text is kept below" in answer.text
    assert 'value="Mine"' in answer.text and "Hers" in answer.text
    assert f'name="version" type="hidden" value="{job.version}"' in answer.text
    client.post(f"/admin/jobs/{job.id}/content", data={**mine, "version": job.version})
    db.session.refresh(job)
    assert job.subject == "Mine"


def test_fields_links_and_birthdays_are_a_click_away(client, world):
    page = client.as_(world.bob).get(f"/admin/jobs/{draft(world).id}/content").text
    assert 'data-insert="{{first_name}}"' in page and 'data-with-fallback="{{first_name|?}}"' in page
    assert 'data-block="birthdaytoday &amp;BIRTHDAY"' in page
    assert "{{*UnsubscribeURL}}" in page


def test_the_block_that_a_click_makes_is_understood(world):
    job = draft(world, html=HTML + ".BB birthdaytoday &BIRTHDAY\n<p>Cake</p>\n.EB\n")
    assert "birthdaytoday &BIRTHDAY" in job.html


@pytest.mark.parametrize("view", ["html", "phone", "text"])
def test_the_preview_is_a_sandboxed_frame_of_the_content_origin(client, world, view):
    page = client.as_(world.bob).get(f"/admin/jobs/{draft(world).id}/content?view={view}").text
    if view == "text":
        assert "Hello Dave" in page and "<iframe" not in page
    else:
        assert 'src="http://localhost:20080/preview/' in page and " sandbox " in page
        assert ("mail-frame-phone" in page) is (view == "phone")


def test_a_job_that_is_no_draft_is_not_changed(client, world):
    job = draft(world)
    job.phase = "authorised"
    job.delivery = "triggered"
    db.session.commit()
    answer = client.as_(world.bob).post(f"/admin/jobs/{job.id}/content", data=form(job, subject="Too late"))
    assert answer.status_code == 422 and "Only a draft can be changed" in answer.text
    db.session.refresh(job)
    assert job.subject != "Too late"
