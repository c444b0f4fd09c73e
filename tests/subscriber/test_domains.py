"""A site answers at a host of its own, with its own pages only."""

import pytest

from maestro.extensions import db
from maestro.warehouse import sites

OWN = "http://news.example.net"


@pytest.fixture
def site(world, turn):
    site = sites.of(world.dataset)
    sites.change(site, world.alice, state="open", domain="news.example.net")
    db.session.commit()
    turn(60)
    return site


def test_the_pages_of_the_site_are_there_and_stay_there(client, site):
    assert client.get("/", base_url=OWN).location == f"/s/{site.key}"
    page = client.get(f"/s/{site.key}/subscribe", base_url=OWN)
    assert page.status_code == 200 and "127.0.0.1" not in page.text
    sent = client.post(f"/s/{site.key}/login", base_url=OWN, data={"address": "x"})
    assert sent.status_code != 404 and not (sent.location or "").startswith("http")


@pytest.mark.parametrize("path", ["/admin/", "/login", "/s/another", "/setup/x", "/healthz", "/lui/externalAction.do"])
def test_nothing_else_is(client, site, path):
    assert client.get(path, base_url=OWN).status_code == 404


@pytest.mark.parametrize("host", ["http://other.example.net", "http://news.example.net.evil.example"])
def test_hosts_that_no_site_has_are_refused(client, site, host):
    assert client.get(f"/s/{site.key}", base_url=host).status_code == 400


def test_a_word_of_no_proxy_does_not_count(client, site):
    answer = client.get("/admin/", headers={"X-Forwarded-Host": "news.example.net"})
    assert answer.status_code == 302 and "/login" in answer.location
