"""The pages of a dataset's site: settings, addresses, its look from draft to release, its words, and the preview."""

import io
import re

import pytest

from maestro.admin.site_look import mark
from maestro.extensions import db
from maestro.models import Site
from maestro.site import samples
from maestro.warehouse import looks, sites
from tests.subscriber.ways import PICTURE

CONTENT = "http://localhost:20080"


@pytest.fixture
def url(client, world):
    client.as_(world.alice)
    return f"/admin/datasets/{world.dataset.id}/site"


def settings(**changed):
    return {"state": "open", "title": "Fern news", "languages": ["de", "fr"], "first": "de", "confirm_days": "7",
            **changed}


def test_settings_are_stored_and_checked(client, world, url):
    assert client.post(url, data=settings(domain="News.Example.org", sender="news@example.org")).status_code == 303
    db.session.expire_all()
    site = sites.of(world.dataset)
    assert (site.state, site.title, site.languages) == ("open", "Fern news", ["de", "fr"])
    assert site.domain == "news.example.org"
    assert site.confirmed_opt_in
    for wrong in ({"sender": "nobody"}, {"domain": "no host"}, {"confirm_days": "31"}, {"state": "ajar"}):
        answer = client.post(url, data=settings(**wrong))
        assert answer.status_code == 422 and 'aria-invalid="true"' in answer.text or "fieldset" in answer.text
    assert client.get(url).status_code == 200


def test_only_a_site_administrator_lets_people_in_without_confirmation(client, world, url):
    client.post(url, data=settings())
    assert db.session.query(Site).filter_by(dataset_id=world.dataset.id).one().confirmed_opt_in
    assert client.as_(world.bob).get(url).status_code == 403


def test_the_addresses_follow_the_state(client, world, url):
    page = client.get(f"{url}/urls").text
    assert "Answers “not found”" in page and "Mini form" not in page
    client.post(url, data=settings())
    world.offers.archive = True
    db.session.commit()
    page = client.get(f"{url}/urls").text
    assert "HL%23" in page and "Mini form" in page and "/atom" in page and "addSubscriberExternally.do" in page


def test_a_look_is_a_draft_until_it_is_released(client, world, url):
    site = sites.of(world.dataset)
    sites.change(site, world.alice, state="open", languages=["en"])
    db.session.commit()
    shown = f"/s/{site.key}/subscribe"
    sent = {"brand": "#ff0000", "ground": "#ffffff", "page": "<header>Top</header><div>{{maestro:body}}</div>",
            "font": "serif", "sheet": "h1 { margin: 0 }", "mail": "<p style='color:#333'>{{maestro:body}}</p>",
            "order": "city, first_name", "logo": (io.BytesIO(PICTURE), "logo.png")}
    assert client.post(f"{url}/look", data=sent, content_type="multipart/form-data").status_code == 303
    assert "Top" not in client.get(shown).text
    assert client.post(f"{url}/look/release").status_code == 303
    page = client.get(shown).text
    assert "<header>Top</header>" in page and "style=" not in page
    sheet = client.get(re.search(r'href="(/s/[^"]+look\.css[^"]*)"', page)[1].replace("&amp;", "&"))
    assert sheet.content_type.startswith("text/css")
    assert "--brand: #e" in sheet.text and "h1 { margin: 0 }" in sheet.text
    logo = client.get(re.search(r'src="(/s/[^"]+/logo/[^"]+)"', page)[1])
    assert logo.content_type == "image/png" and logo.headers["Content-Security-Policy"].startswith("sandbox")
    assert client.get(f"{url}/look").status_code == 200


@pytest.mark.parametrize("wrong", [
    {"ground": "#808080"}, {"brand": "red"}, {"page": "<p>no body</p>"}, {"sheet": "@import 'x'"}, {"order": "nothing"},
    {"logo": b"<svg>"}])
def test_what_cannot_be_read_or_could_act_is_refused_at_its_field(client, world, url, wrong):
    files = {"logo": (io.BytesIO(wrong["logo"]), "x.png")} if "logo" in wrong else {}
    answer = client.post(f"{url}/look", data={"font": "", **wrong, **files}, content_type="multipart/form-data")
    assert answer.status_code == 422 and "field-error" in answer.text


def test_own_words_replace_ours_on_pages_and_in_mails(client, world, url):
    site = sites.of(world.dataset)
    sites.change(site, world.alice, state="open", languages=["en"])
    db.session.commit()
    page = client.get(f"{url}/words?language=en").text
    assert "Your e-mail address" in page
    own = "Where to <b>write</b><script>x</script>"
    sent = {mark("Your e-mail address"): own, mark("Subscribe to %(title)s"): ""}
    assert client.post(f"{url}/words?language=en", data=sent).status_code == 303
    client.post(f"{url}/look/release")
    shown = client.get(f"/s/{site.key}/subscribe").text
    assert "Where to <b>write</b>" in shown and "<script>x" not in shown and "Subscribe to Fern Ltd" in shown
    wrong = {mark("Subscribe to %(title)s"): "Subscribe now"}
    assert client.post(f"{url}/words?language=en", data=wrong).status_code in (303, 422)
    db.session.expire_all()
    assert looks.of(world.dataset).draft["texts"]["en"] == {"Your e-mail address": own}


@pytest.mark.parametrize("state", ["open", "subscribers"])
def test_every_page_and_mail_can_be_looked_at_in_every_language(client, world, url, state):
    site = sites.of(world.dataset)
    sites.change(site, world.alice, state=state)
    looks.change(looks.of(world.dataset), world.dataset, world.alice, mail="<p>Frame {{maestro:body}}</p>")
    db.session.commit()
    for name in samples.SAMPLES:
        frame = samples.link(site, world.offers, name, "de", True).removeprefix(CONTENT)
        answer = client.get(frame, base_url=CONTENT)
        assert answer.status_code == 200, name
        assert answer.headers["Content-Security-Policy"].startswith("sandbox;")
        assert ("Frame" in answer.text) == name.startswith("mail_"), name
        assert 'lang="de"' in answer.text
    assert client.get(f"{url}/preview?page=mail_welcome&language=fr").status_code == 200
