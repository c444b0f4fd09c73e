from xml.etree import ElementTree

import polars
import pytest

from maestro.lib import addresses
from maestro.lib.addresses import AddressError, judge, key, mask
from tests.parts import corpora

# What we say to the cases of the corpus, by their numbers. All others are refused.
ACCEPTED = {
    "plain": {8, 10, 11, 14, 19, 22, 25, 29, 32, 101, 167},
    "an A-label": {100},
    "long but within the limits": {38},
    "a top domain of one letter, which no rule forbids": {13, 37},
    "blanks around it, which we take off": {157, 158},
}
REFUSED = {
    "no @, nothing before it or nothing behind it": {1, 2, 4, 7, 17},
    "a domain without a dot": {5, 166},
    "a top domain of digits": {23},
    "dots where none may stand": {16, 34, 35},
    "a hyphen at the end of a label": {31},
    "too long": {26, 28, 40, 41},
    "quoted local part": {43, 44, 46, 47, 50, 53, 55, 56, 58, 59, 103, 107, 124, 125, 133, 134, 139},
    "domain literal": {61, 62, 64, 65, 67, 68, 70, 71, 73, 74, 76, 77, 79, 80, 82, 83, 106, 112, 113, 115, 116, 118,
                       119, 121},
    "comment": {91, 92, 94, 95, 97, 98, 104, 109, 110, 130, 131, 140},
    "a character that may not stand there": {20, 49, 52, 160, 161},
    "a control character or a line break": {88, 89, 122, 127, 128, 136, 137, 142, 143, 145, 146, 148, 149, 151, 152,
                                            154, 155},
    "blanks inside": {85, 86},
}


def corpus():
    """Pairs of number and address; the corpus writes control characters as their pictures."""
    for test in ElementTree.parse(corpora.file("isemail/tests.xml")).getroot().iter("test"):
        text = test.findtext("address") or ""
        yield int(test.get("id")), "".join(chr(ord(c) - 0x2400) if 0x2400 <= ord(c) <= 0x2420 else c for c in text)


def decision(text):
    try:
        return judge(text) and "accepted"
    except AddressError as error:
        assert error.sentence.endswith(".") and error.field == "address"
        return "refused"


def test_every_case_of_the_corpus_is_decided_as_the_table_says():
    accepted = set().union(*ACCEPTED.values())
    decided = {number: decision(text) for number, text in corpus()}
    assert {number for number, verdict in decided.items() if verdict == "accepted"} == accepted
    assert set(decided) == accepted | set().union(*REFUSED.values())


@pytest.mark.parametrize(("given", "expected"), [
    ("Ann@Example.org", ("Ann@Example.org", "ann@example.org", "example.org")),
    ("  ann@example.org\t", ("ann@example.org", "ann@example.org", "example.org")),
    ("Ann.Lee+news@Example.org", ("Ann.Lee+news@Example.org", "ann.lee+news@example.org", "example.org")),
    ("ann@BÜCHER.example.org", ("ann@xn--bcher-kva.example.org", "ann@xn--bcher-kva.example.org",
                                "xn--bcher-kva.example.org")),
    ("Ann@bücher。example", ("Ann@xn--bcher-kva.example", "ann@xn--bcher-kva.example", "xn--bcher-kva.example")),
    ("ann@faß.example.org", ("ann@xn--fa-hia.example.org", "ann@xn--fa-hia.example.org", "xn--fa-hia.example.org")),
])
def test_an_address_is_kept_as_given_and_known_by_its_key(given, expected):
    assert judge(given) == expected
    assert key(given) == expected[1]


@pytest.mark.parametrize("text", [
    "", "@", "ann", "ann@", "@example.org", "änn@example.org", "ann@example", "ann@example..org", "ann@-a.example.org",
    "ann@exa_mple.org", "ann@example.org\n", "ann@example.org\r\nBcc: eve@example.org", "ann@exam\x00ple.org",
    "Ann <ann@example.org>", "ann@example.org,bob@example.org", "ann@[192.0.2.1]", "ann@192.0.2.1",
    "a" * 65 + "@example.org",
    "ann@" + "a" * 64 + ".example.org", "ann@" + ".".join(["a" * 60] * 5), "ann＠example.org",
    "ann@exa\u200bmple\u2028.org",
    "ann@xn--a.example.org", "\ud800@example.org", "ann@\ud800.org",
])
def test_what_is_no_address_of_ours_is_refused_in_a_sentence(text):
    assert decision(text) == "refused"


def test_the_fast_pattern_only_takes_what_the_full_judgement_takes_too(monkeypatch):
    plain = [text for text in dict(corpus()).values() if addresses._fast.fullmatch(text)]
    assert len(plain) > 5
    quickly = [judge(text) for text in plain]
    monkeypatch.setattr(addresses, "_fast", addresses.re.compile("(?!)"))
    assert [judge(text).key for text in plain] == [address.key for address in quickly]


def test_the_fast_pattern_reads_alike_in_polars():
    texts = [text for _, text in corpus()] + ["ann@example.org", "ann@example.org\n", "x" * 64 + "@example.org"]
    column = polars.Series(texts).str.contains(addresses.FAST)
    assert column.to_list() == [bool(addresses._fast.fullmatch(text)) for text in texts]


def test_a_mask_shows_the_first_letter_and_the_domain():
    assert mask("ann@example.org") == "a••••@example.org"
