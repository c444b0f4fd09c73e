"""Whatever is typed into a public form, or stands in an address: an answer in words, and nothing of ours in it."""

import html
import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maestro.mailing import authorise
from maestro.site import archive
from maestro.warehouse import sites
from tests.parts.corpora import naughty_strings
from tests.subscriber.ways import FORMS, Stage
from tests.writing import ready

PAGE = """<p>{{*SenderAddress}} <a href="{{*UnsubscribeURL}}">off</a> <a href="{{*ForwardURL}}">on</a>
<a href="{{*ViewInBrowserURL}}">view</a></p>"""
WORST = ["", "\0", "a\0b@example.org", "\ud800", "9" * 400, "-1", "1e400", "NaN", "{", '{"a":' * 3000, "[" * 100_000,
         '{"address": "\\ud800@example.org"}', '{"address": "eve@example.org", "first_name": "\\u0000"}', "HL#²",
         '{"address": "eve@example.org", "first_name": "\\ud800"}', "a" * 5000 + "@example.org", "[]", "{}",
         "x\r\nBcc: y@example.org", "=?utf-8?q?=0D=0ABcc:_a@b.c?=", "%(name)s %s {0}", "\u202e\u2028\x85\x1b",
         "../../etc/passwd", "<script>alert(1)</script>", "{{7*7}}{{address}}"]
BROKEN = ("Traceback", "Error:", "sqlalchemy", 'File "')
HALVES = {"sqlite": 0, "postgresql": 1}            # each database gets every second text; the long run has them all

json_values = st.recursive(st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
                           lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=10)


@pytest.fixture
def stage(app, world, site, work):
    job = ready(world, html=PAGE, text="")
    authorise.authorise(job, "now", world.alice, grace=0)
    world.offers.archive = world.offers.forwards = True
    sites.change(site, "test", passwords=True, languages=["en", "de"])
    work()
    archive.publish(job, True, by=world.alice)
    return Stage(app, world, site, job)


@pytest.fixture
def places(stage):
    """Every place in every way in: (way, part, name)."""
    return [(way, *place) for way in stage.ways() for place in way.places()]


@pytest.fixture
def spoil(client):
    """`spoil(place, text)`: ask with the text in that place, and judge the answer."""
    numbers = itertools.count()

    def ask(place, text):
        way, part, name = place
        asked = way.renew(way).spoilt(part, name, text)
        judge(asked.send(client, next(numbers)), asked, text)
    return ask


@pytest.fixture
def half(app):
    return HALVES[app.extensions["sqlalchemy"].engine.dialect.name]


def judge(answer, way, text=""):
    """An answer in words; never what broke, and never a text that runs."""
    told = way.endpoint, way.method, way.path, way.query, way.form, answer.status
    assert answer.status_code < 500, told
    if answer.mimetype.startswith("image/"):
        return
    body = answer.get_data(as_text=True)
    assert not any(word in body for word in BROKEN), told
    if answer.mimetype == "text/html" or answer.status_code >= 400:
        shown = html.unescape(re.sub(r"<style.*?</style>|<[^>]*>", " ", body, flags=re.S))
        assert re.search(r"[^\W\d_]{2}", shown), told
    if answer.mimetype == "text/html" and "<" in text and len(text) > 3:
        assert text not in body, told


def test_every_way_in_is_known_and_answers_good_values(stage, client):
    assert {rule.endpoint.partition(".")[2] for rule in stage.rules if "POST" in rule.methods} == set(FORMS)
    answers = [(way.endpoint, way.renew(way).send(client, number)) for number, way in enumerate(stage.ways())]
    wrong = {(endpoint, answer.status_code) for endpoint, answer in answers if answer.status_code >= 400}
    assert wrong == {("subscriber.profile_send", 400), ("subscriber.area_send", 422), ("external.external_action", 404)}


def test_naughty_strings_in_one_place_after_the_other(places, spoil, half):
    for number, text in enumerate(naughty_strings()[half::2]):
        spoil(places[number % len(places)], text)


def test_the_worst_texts_in_one_place_after_the_other(places, spoil, half):
    for number, place in enumerate(places):
        spoil(place, WORST[(number + half) % len(WORST)])


def test_whatever_is_made_up_in_any_place(places, spoil):
    @given(st.sampled_from(places), st.text() | st.sampled_from(WORST + naughty_strings()))
    def anything(place, text):
        spoil(place, text)
    anything()


def test_whatever_a_json_body_holds(client, stage):
    url, numbers = f"/api/v1/lists/{stage.world.offers.key}/subscribers", itertools.count()

    @given(json_values | st.fixed_dictionaries({"address": st.just("eve@example.org")}, optional={
        "fields": json_values | st.dictionaries(st.sampled_from(["first_name", "city", "birthday"]), json_values),
        "language": json_values}))
    def anything(told):
        number = next(numbers)
        network = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
        answer = client.post(url, json=told, environ_overrides={"REMOTE_ADDR": network})
        assert answer.status_code in (202, 400, 404, 422), (told, answer.text)
        assert answer.json.get("state") or answer.json["error"]
    anything()
    for text in WORST:
        answer = client.post(url, data=text.encode(errors="surrogatepass"), content_type="application/json")
        assert answer.status_code in (202, 400, 422, 429) and answer.json, text
