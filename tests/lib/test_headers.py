import re
from email.header import decode_header, make_header
from email.parser import BytesParser
from email.policy import compat32, default

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maestro.lib.headers import HeaderError, block, clean, mailbox, structured, unstructured
from tests.parts.corpora import naughty_strings

NAUGHTY = naughty_strings()
TRAPS = ["=?utf-8?q?hi=0D=0ABcc=3A_a@b.c?=", "=?utf-8?b?DQpCY2M6IGFAYi5j?=", "a\r\nBcc: eve@example.org", "a\nb",
         "a\rb",
         "a\u2028b", "a\x85b", "a\x00b", "=?", "?=", "=?x", "a =?utf-8?q?a?= b", " ", "a  b", "é" * 200, "x" * 2000,
         "word " * 100, "é a é  b", "\ud800", "😀" * 100, "a\tb", '"', "\\", "a, b <c@example.org>", "(a)", "a;b:c@d",
         "é ", "\xa0", "a\xa0", "\u3000x\u3000", "\ufeff", "=", "=?=", "e\u0301" * 60]


def parsed(*lines):
    return BytesParser(policy=default).parsebytes(block(lines) + b"\r\nbody\r\n")


def assert_only(message, *names):
    assert message.keys() == list(names)
    assert message.get_payload() == "body\r\n"


def check_subject(text):
    line = unstructured("Subject", text)
    assert all(len(part) <= 76 for part in line[:-2].split(b"\r\n")), line
    assert line.isascii() and not re.search(rb"\r\n[^ ]", line[:-2])
    message = parsed(b"X-Before: 1\r\n", line, b"X-After: 2\r\n")
    assert_only(message, "X-Before", "Subject", "X-After")
    assert message["Subject"] == clean(text)


def check_mailbox(text):
    line = mailbox("To", text, "ann@example.org")
    message = parsed(b"X-Before: 1\r\n", line, b"X-After: 2\r\n")
    assert_only(message, "X-Before", "To", "X-After")
    [address] = message["To"].addresses
    assert address.addr_spec == "ann@example.org"
    assert display_name(line, address) == " ".join(clean(text).split())


def display_name(line, address):
    """The modern parser of the standard library puts blanks between encoded words (RFC 2047, 6.2 says not to)."""
    if line.count(b"=?utf-8?B?") < 2:
        return address.display_name
    raw = BytesParser(policy=compat32).parsebytes(line + b"\r\n")["To"]
    return str(make_header(decode_header(raw))).removesuffix("<ann@example.org>").removesuffix(" ")


@pytest.mark.parametrize("text", TRAPS + NAUGHTY, ids=range(len(TRAPS + NAUGHTY)))
def test_no_value_can_do_more_than_be_read(text):
    check_subject(text)
    check_mailbox(text)


values = st.text(max_size=300) | st.lists(st.sampled_from([*TRAPS, " ", "a", "é", "\r\n", ":"]),
                                          max_size=6).map("".join)


@settings(max_examples=5000, deadline=None)
@given(values)
def test_every_subject_is_read_back_as_it_was_meant(text):
    check_subject(text)


@settings(max_examples=5000, deadline=None)
@given(values)
def test_every_display_name_is_read_back_as_it_was_meant(text):
    check_mailbox(text)


def test_controls_go_and_white_space_becomes_one_space():
    assert clean(" a\r\n\tb\x00\x7f\x9f\u2028c  d ") == "a b c d"


def test_a_plain_subject_stands_as_it_is():
    assert unstructured("Subject", "News for Ann") == b"Subject: News for Ann\r\n"


def test_a_long_url_in_a_structured_line_is_neither_folded_nor_encoded():
    url = f"<https://example.org/u/{'x' * 200}>"
    line = structured("List-Unsubscribe", url, "<mailto:u-1@bounce.example.org?subject=unsubscribe>")
    assert line == (f"List-Unsubscribe: {url},\r\n <mailto:u-1@bounce.example.org?subject=unsubscribe>\r\n").encode()


@pytest.mark.parametrize("token", ["", "a\r\nb", "a\nb", "a\x00", "é", " a", "a\u2028b", "\t", "a b"])
def test_a_structured_line_refuses_what_is_not_plain(token):
    with pytest.raises(HeaderError):
        structured("List-Id", token)


@pytest.mark.parametrize("address", ["", "ann", "a b@example.org", "ann@example.org\r\nBcc: x@example.org",
                                     "ann@bücher.example",
                                     "<ann@example.org>", "ann@example.org>"])
def test_a_mailbox_refuses_what_was_not_judged(address):
    with pytest.raises(HeaderError):
        mailbox("From", "", address)


@pytest.mark.parametrize("lines", [[b"A: b"], [b": b\r\n"], [b"A B: c\r\n"], [b"A: " + b"x" * 33_000 + b"\r\n"]])
def test_a_block_refuses_lines_that_are_none(lines):
    with pytest.raises(HeaderError):
        block(lines)


def test_a_line_longer_than_mail_allows_is_refused():
    with pytest.raises(HeaderError):
        structured("List-Help", "x" * 1000)
