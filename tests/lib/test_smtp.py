"""SMTP sessions against a server that can be told to misbehave."""

import asyncio
import ssl
from types import SimpleNamespace

import pytest

from maestro.lib.smtp.envelope import Envelope, stuffed
from maestro.lib.smtp.failures import Failure
from maestro.lib.smtp.replies import LONGEST, Garbage, Reader, keywords
from maestro.lib.smtp.single import deliver
from tests.parts.sink import Sink

RAW = b"Message-ID: <1@example.org>\r\nSubject: Hello\r\n\r\nHello\r\n"

# --- replies ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("pieces, expected", [
    ([b"250 Ok\r\n"], [(250, "Ok")]),
    ([b"250 2.0.0 Ok\r\n354 Go on\r\n"], [(250, "2.0.0 Ok"), (354, "Go on")]),
    ([b"25", b"0 O", b"k\r", b"\n"], [(250, "Ok")]),
    ([b"250-one\r\n250-two\r\n250 three\r\n"], [(250, "one two three")]),
    ([b"250\r\n"], [(250, "")]),
    ([b"250 bare line feed\n"], [(250, "bare line feed")]),
    ([b"550 5.1.1 \xff\x00\x07 odd\r\n"], [(550, "5.1.1 �   odd")]),
])
def test_answers_are_put_together(pieces, expected):
    reader = Reader()
    assert [(reply.code, reply.text) for piece in pieces for reply in reader.feed(piece)] == expected


@pytest.mark.parametrize("data", [
    b"hello\r\n", b"\r\n", b"2500 Ok\r\n", b"999 no\r\n", b"250-one\r\n550 two\r\n", b"250?Ok\r\n",
    b"x" * (LONGEST + 1),
    b"250-" + b"x" * 1000 + b"\r\n" + b"250-" + b"y" * LONGEST])
def test_what_is_no_answer_is_told_from_one(data):
    with pytest.raises(Garbage):
        Reader().feed(data)


def test_offers_are_read():
    [reply] = Reader().feed(b"250-example.org hello\r\n250-SIZE 1000\r\n250-auth PLAIN login\r\n250 PIPELINING\r\n")
    assert keywords(reply) == {"EXAMPLE.ORG": "hello", "SIZE": "1000", "AUTH": "PLAIN login", "PIPELINING": ""}


# --- the message ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("raw, wire", [
    (b"a\r\nb\r\n", b"a\r\nb\r\n"), (b"a\nb", b"a\r\nb\r\n"), (b".\r\n", b"..\r\n"),
    (b"a\r\n..b\r\n", b"a\r\n...b\r\n"),
    (b"a\rb\r\n", b"a\r\nb\r\n"), (b"a\n.\nb", b"a\r\n..\r\nb\r\n"), (b"a\r.\rb", b"a\r\n..\r\nb\r\n"),
    (b"a\n.\r\nb", b"a\r\n..\r\nb\r\n"), (b"a\r\n.\nb", b"a\r\n..\r\nb\r\n"), (b"", b"\r\n")])
def test_no_line_of_a_message_can_end_it(raw, wire):
    assert stuffed(raw) == wire
    assert b"\r\n.\r\n" not in b"\r\n" + wire


def server(port, tls="none", user="", password="", context=None, scale=0.1):
    return SimpleNamespace(host="127.0.0.1", port=port, tls=tls, user=user, password=password, context=context,
                           scale=scale, places=lambda: ["127.0.0.1"])


def send(to, *messages):
    """The answers to messages given as (sender, recipient, raw)."""
    async def run():
        return [answer async for _, answer in deliver(to, [(None, *message) for message in messages])]
    return asyncio.run(run())


PLAIN = ("news@example.org", "ann@example.org", RAW)


@pytest.mark.parametrize("offers", [("PIPELINING", "SIZE 9999"), ("SIZE 9999",), ()])
def test_messages_arrive_as_they_are(offers):
    with Sink(offers=offers) as sink:
        answers = send(server(sink.port), PLAIN, ("", "bob@example.org", b"Subject: x\r\n\r\n.dot\r\n"))
    assert [answer.code for answer in answers] == [250, 250]
    assert sink.messages[0] == ("news@example.org", "ann@example.org", RAW.rstrip(b"\r\n"))
    assert sink.messages[1] == ("", "bob@example.org", b"Subject: x\r\n\r\n..dot")
    assert sink.connections == 1


@pytest.mark.parametrize("smuggled", [b"\n.\n", b"\r.\r", b"\n.\r\n", b"\r\n.\n", b"\r\n.\r\n"])
def test_nothing_can_be_smuggled_behind_a_message(smuggled):
    second = b"MAIL FROM:<evil@example.org>\r\nRCPT TO:<x@example.org>\r\nDATA\r\nsecond\r\n"
    raw = b"Subject: x\r\n\r\nfirst" + smuggled + second
    with Sink() as sink:
        send(server(sink.port), ("news@example.org", "ann@example.org", raw))
    assert len(sink.messages) == 1


@pytest.mark.parametrize("sender, recipient", [
    ("news@example.org", "a b@example.org"), ("news@example.org", "ann@example.org>\r\nRCPT TO:<x@example.org"),
    ("news@example.org", "a\0@example.org"), ("x>y@example.org", "ann@example.org"), ("news@example.org", "")])
def test_an_address_cannot_carry_a_command(sender, recipient):
    with Sink() as sink:
        [answer] = send(server(sink.port), (sender, recipient, RAW))
    assert answer.code == 550
    assert not any(line.startswith(b"MAIL") for line in sink.commands)


def test_letters_beyond_ascii_need_a_server_that_takes_them():
    with Sink(offers=("PIPELINING",)) as sink:
        [answer] = send(server(sink.port), ("news@example.org", "müller@example.org", RAW))
        assert answer.code == 550
    with Sink(offers=("PIPELINING", "SMTPUTF8")) as sink:
        [answer] = send(server(sink.port), ("news@example.org", "müller@example.org", RAW))
    assert answer.code == 250
    assert b"MAIL FROM:<news@example.org> SMTPUTF8" in sink.commands


def test_the_size_is_said_where_the_server_asks_for_it():
    envelope = Envelope("a@example.org", "b@example.org", 7)
    assert envelope.commands(SimpleNamespace(sized=True))[0].endswith(b" SIZE=7\r\n")
    with Sink(offers=("SIZE 20",)) as sink:
        [answer] = send(server(sink.port), PLAIN)
    assert (answer.code, answer.text) == (550, f"The message has {len(RAW)} bytes; the mail server takes 20.")


# --- how it goes wrong ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("offers", [("PIPELINING",), ()], ids=["pipelining", "one by one"])
@pytest.mark.parametrize("phase, action, expected", [
    ("mail", "450 4.3.2 later", 450), ("mail", "550 5.7.1 no", 550), ("rcpt", "452 4.2.2 full", 452),
    ("rcpt", "550 5.1.1 unknown", 550), ("data", "451 4.3.0 later", 451), ("data", "554 5.6.0 no", 554),
    ("end", "451 4.3.0 later", 451), ("end", "554 5.7.1 spam", 554)])
def test_a_refusal_is_told_and_the_next_message_goes_on(phase, action, expected, offers):
    with Sink(faults={phase: [action]}, offers=offers) as sink:
        answers = send(server(sink.port), PLAIN, PLAIN)
    assert [answer.code for answer in answers] == [expected, 250]
    assert len(sink.messages) == (2 if phase == "end" else 1)


@pytest.mark.parametrize("phase, action, where", [
    ("mail", "drop", "MAIL FROM"), ("rcpt", "drop", "RCPT TO"), ("data", "drop", "DATA"),
    ("body", "drop", "end of data"), ("end", "drop", "end of data"),
    ("mail", "hang", "MAIL FROM"), ("data", "hang", "DATA"), ("end", "hang", "end of data"),
    ("rcpt", "raw:rubbish\r\n", "RCPT TO"), ("end", "raw:\x00\x01\r\n", "end of data"),
    ("end", "354 go on", "end of data"), ("end", "raw:250-" + "x" * 1_100_000, "end of data")])
def test_a_session_that_breaks_says_where(phase, action, where):
    with Sink(faults={phase: [action]}, offers=()) as sink:
        [answer] = send(server(sink.port, scale=0.005 if action == "hang" else 0.1), PLAIN)
    assert isinstance(answer, Failure)
    assert answer.phase == where


@pytest.mark.parametrize("phase, action, where", [
    ("greeting", "554 go away", "greeting"), ("greeting", "drop", "greeting"), ("greeting", "hang", "greeting"),
    ("greeting", "raw:SSH-2.0\r\n", "greeting"), ("ehlo", "502 what", "EHLO"), ("ehlo", "drop", "EHLO")])
def test_a_session_that_does_not_begin_says_where(phase, action, where):
    with Sink(faults={phase: [action]}) as sink:
        answers = send(server(sink.port, scale=0.005 if action == "hang" else 0.1), PLAIN, PLAIN)
    assert [answer.phase for answer in answers] == [where, where]
    assert not answers[0].lasting


def test_a_server_that_is_not_there_is_told():
    [answer] = send(server(1), PLAIN)
    assert (answer.phase, answer.lasting) == ("connect", False)


def test_answers_that_come_with_others_are_not_mixed_up():
    with Sink(faults={"greeting": ["raw:220-one\r\n220 two\r\n"]}) as sink:
        assert send(server(sink.port), PLAIN)[0].code == 250


# --- who we are -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("offer", ["AUTH PLAIN LOGIN", "AUTH PLAIN", "AUTH LOGIN"])
def test_we_say_who_we_are(offer):
    with Sink(offers=("PIPELINING", offer)) as sink:
        assert send(server(sink.port, user="ann", password="päss"), PLAIN)[0].code == 250
    if "PLAIN" in offer:
        assert sink.passwords == ["\0ann\0päss"]


@pytest.mark.parametrize("answer, lasting", [("535 5.7.8 wrong", True), ("454 4.7.0 later", False)])
def test_a_wrong_password_will_not_become_right(answer, lasting):
    with Sink(offers=("AUTH PLAIN",), faults={"auth": [answer]}) as sink:
        [failure] = send(server(sink.port, user="ann", password="secret word"), PLAIN)
    assert (failure.phase, failure.lasting) == ("AUTH", lasting)
    assert "secret" not in str(failure)


@pytest.mark.parametrize("tls", ["starttls", "smtps"])
def test_mail_goes_under_tls(tls, certificate):
    with Sink(offers=("PIPELINING", "STARTTLS"), context=certificate.served, smtps=tls == "smtps") as sink:
        to = server(sink.port, tls, context=certificate.trusting)
        to.host = "localhost"
        assert [answer.code for answer in send(to, PLAIN, PLAIN)] == [250, 250]
    assert len(sink.messages) == 2
    assert sink.commands.count(b"EHLO localhost") == (2 if tls == "starttls" else 1)


@pytest.mark.parametrize("tls", ["starttls", "smtps"])
def test_a_certificate_that_nobody_vouches_for_is_refused(tls, certificate):
    with Sink(offers=("STARTTLS",), context=certificate.served, smtps=tls == "smtps") as sink:
        [failure] = send(server(sink.port, tls, context=ssl.create_default_context()), PLAIN)
    assert (failure.phase, failure.lasting) == ("STARTTLS", True)
    assert sink.messages == []


def test_without_tls_nothing_is_sent_where_it_is_wanted(certificate):
    with Sink(offers=("PIPELINING",)) as sink:
        [failure] = send(server(sink.port, "starttls", context=certificate.trusting), PLAIN)
    assert failure.lasting
    assert sink.messages == []


def test_words_before_tls_are_not_taken_for_words_under_it(certificate):
    with Sink(offers=("STARTTLS",), faults={"starttls": ["raw:220 go\r\n250 injected\r\n"]}) as sink:
        [failure] = send(server(sink.port, "starttls", context=certificate.trusting), PLAIN)
    assert failure.phase == "STARTTLS"
