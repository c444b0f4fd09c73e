"""Asking the mail server whether it takes us."""

import pytest

from maestro.config import Config
from maestro.delivery import contact
from maestro.delivery.servers import Route
from tests.parts.ports import free_port
from tests.parts.sink import Sink


@pytest.fixture
def ask():
    """Ask a sink that behaves as told; the outcome, what was said, and the sink."""
    def asked(route=None, **sink):
        with Sink(**sink) as server:
            to = Route("127.0.0.1", server.port, "none", scale=0.05)._replace(**route or {})
            found = contact.ask(to, Config(SECRET_KEY="0" * 64))
        return found.outcome, " ".join(found.sentences), server
    return asked


def test_a_server_that_takes_us_is_told_with_what_it_offers(ask):
    outcome, said, server = ask()
    assert outcome == "accepted"
    assert "The connection is not encrypted. It offers PIPELINING, SIZE" in said
    assert "No log-in was asked for" in said
    assert server.commands[-1] == b"QUIT"
    assert b"MAIL" not in b"".join(server.commands)


@pytest.mark.parametrize("tls", ["starttls", "smtps"])
def test_encryption_and_the_log_in_are_told(ask, certificate, tls):
    route = {"tls": tls, "user": "ann", "password": "p@ss"}
    outcome, said, server = ask(route, offers=("STARTTLS", "AUTH PLAIN"), context=certificate.served,
                                smtps=tls == "smtps")
    assert outcome == "accepted"
    assert "The connection is encrypted (TLSv1.3)." in said
    assert said.endswith("It accepted the log-in.")
    assert server.passwords == ["\0ann\0p@ss"]


@pytest.mark.parametrize("route, sink, outcome, words", [
    ({"user": "ann"}, {"faults": {"auth": ["535 5.7.8 Wrong"]}}, "AUTH", "answered 535 5.7.8 Wrong."),
    ({"tls": "starttls"}, {}, "STARTTLS", "No encryption came about. The mail server does not offer STARTTLS."),
    ({}, {"faults": {"greeting": ["554 Go away"]}}, "greeting", "It did not greet us. The mail server answered 554"),
    ({}, {"faults": {"ehlo": ["drop"]}}, "EHLO", "The mail server closed the connection."),
    ({}, {"faults": {"greeting": ["hang"]}}, "greeting", "Nothing was heard for 15 seconds."),
    ({"port": free_port()}, {}, "connect", "The mail server cannot be reached: connection refused."),
    ({"tls": "smtps"}, {}, "STARTTLS", "No encryption came about. TLS did not come about: wrong version number."),
    ({"allow": ()}, {}, "connect", "lies in a private network. An administrator can open it")])
def test_what_went_wrong_is_told_in_words(ask, route, sink, outcome, words):
    found, said, server = ask(route, **sink)
    assert (found, words in said) == (outcome, True), said
    assert "allow" not in route or not server.connections


def test_an_address_that_was_opened_is_reached(ask):
    assert ask({"allow": ("smtp=127.0.0.0/8",)})[0] == "accepted"
