"""Reading the mail server's URL."""

import ssl

import pytest

from maestro.delivery.servers import route
from maestro.lib.errors import Refused


@pytest.mark.parametrize("url, expected", [
    ("smtp://127.0.0.1:25", ("127.0.0.1", 25, "none", "", "")),
    ("smtp://localhost", ("localhost", 25, "none", "", "")),
    ("smtp://mail.example.org", ("mail.example.org", 587, "starttls", "", "")),
    ("smtp://mail.example.org:2525?tls=none", ("mail.example.org", 2525, "none", "", "")),
    ("smtps://ann:p%40ss@mail.example.org", ("mail.example.org", 465, "smtps", "ann", "p@ss")),
    ("smtp://[::1]:2525?tls=starttls", ("::1", 2525, "starttls", "", ""))])
def test_a_url_names_a_route(url, expected):
    assert route(url)[:5] == expected


def test_how_many_connections_can_be_said():
    assert route("smtp://localhost?connections=50&messages=1000")[5:7] == (50, 1000)
    assert route("smtp://localhost")[5:7] == (10, 100)


def test_without_a_url_there_is_safe_mode():
    assert route("") is None


@pytest.mark.parametrize("url", [
    "http://localhost", "smtp://", "localhost:25", "smtp://localhost:port", "smtp://localhost?tls=maybe",
    "smtp://localhost?connections=0", "smtp://localhost?connections=many", "smtp://localhost?connections=2000"])
def test_what_is_no_url_of_a_mail_server_is_refused(url):
    with pytest.raises(Refused):
        route(url)


def test_certificates_are_verified_except_on_this_machine():
    assert route("smtp://localhost").context is None
    assert route("smtps://mail.example.org").context.verify_mode == ssl.CERT_REQUIRED
    assert route("smtps://127.0.0.1").context.verify_mode == ssl.CERT_NONE


def test_a_route_does_not_print_its_password():
    assert "p@ss" not in repr(route("smtps://ann:p%40ss@mail.example.org"))
