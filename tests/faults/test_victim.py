"""Ten thousand forms for one address, from a thousand networks at once: at most three mails come of it."""

import itertools
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.parts.public import Public
from tests.parts.sink import Sink
from tests.parts.waiting import until

POSTS, NETWORKS, LISTS, AT_ONCE = 10_000, 1000, 8, 4
VICTIM = "victim@example.org"


@pytest.fixture(params=["sqlite", "postgresql"])
def public(request, tmp_path):
    url = request.getfixturevalue("postgres").create() if request.param == "postgresql" else ""
    with Sink() as sink, Public(tmp_path / "data", url, sink.port, LISTS) as found:
        found.sink = sink
        yield found


def ways(public):
    """Everything that asks for a mail to an address, for every list: (path, form)."""
    numbers = [number for number, in public.rows("SELECT id FROM hosted_list ORDER BY id")]
    _, form = public.sign_up(VICTIM)
    for key, number in zip(public.keys, numbers, strict=True):
        yield f"{public.site}/subscribe", {**form, "list": key}
        yield "/list/action/addSubscriberExternally.do", {"mListId": f"HL#{number}", "mSubscriber": VICTIM}
        yield f"/api/v1/lists/{key}/subscribers", f'{{"address": "{VICTIM}"}}'
    yield f"{public.site}/subscribe", {**form, "list": public.keys}
    yield f"{public.site}/login", {"seal": form["seal"], "address": VICTIM}


def test_one_address_gets_at_most_three_mails(public, report, request):
    asked = list(ways(public))
    public.callers = itertools.cycle(range(NETWORKS))
    until(lambda: "very quick" not in public.post(*asked[0]).text, 10)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(lambda number: public.post(*asked[number % len(asked)]).status, range(POSTS)))
    taken = sum(status in (200, 202) for status in answers)
    report(f"{request.node.name}: {POSTS} posts, {taken} taken, {len(answers) - taken} refused")
    assert set(answers) <= {200, 202, 429} and taken > 1000
    until(lambda: not public.number("SELECT count(*) FROM mailed_link WHERE mailed_at IS NULL"), 120)
    until(lambda: not public.number("SELECT count(*) FROM post WHERE state IN ('queued', 'handed')"), 60)
    mails = [to for _, to, _ in public.sink.messages if to == VICTIM]
    report(f"{request.node.name}: {len(mails)} mails")
    assert 1 <= len(mails) <= 3
