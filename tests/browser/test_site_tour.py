"""A subscriber's life on the public pages, taken twice in unlike ways; every state that is met is looked at."""

import json

import pytest

from tests.browser.eyes import Eyes
from tests.browser.hands import Keyboard, Mouse
from tests.browser.site_tour import Look, Tour, take
from tests.browser.stage import Stage


@pytest.fixture(scope="module")
def stage(tmp_path_factory, redis_url):
    with Stage(tmp_path_factory.mktemp("stage"), redis_url) as stage:
        yield stage


@pytest.mark.parametrize("look", [Look(390, "dark", "de", False, Mouse), Look(1440, "light", "en", True, Keyboard)],
                         ids=str)
def test_from_the_front_page_to_leaving_for_good(chromium, stage, look):
    stage.wait(11 * 60)
    eyes = Eyes(look, chromium)
    take(Tour(eyes.page, look, stage, eyes.look))
    eyes.context.close()
    assert not eyes.problems, json.dumps(eyes.problems, indent=1)
