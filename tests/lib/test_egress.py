"""Where users may not make us connect to, in every spelling."""

import socket

import pytest

from maestro.lib.egress import resolve
from maestro.lib.errors import Forbidden, MaestroError, NotNow, Refused

PRIVATE = """
127.0.0.1 127.1 127.0.1 2130706433 0x7f000001 0x7f.1 0177.0.0.1 017700000001 127.255.255.254 localhost
0.0.0.0 0 10.0.0.1 10.255.255.255 172.16.0.1 172.31.255.254 192.168.0.1 192.168.1 0xc0a80001 169.254.169.254
100.64.0.1 100.127.255.254 192.0.0.1 192.0.2.1 198.18.0.1 198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.255
240.0.0.1 255.255.255.255
::1 [::1] 0:0:0:0:0:0:0:1 :: ::ffff:127.0.0.1 [::ffff:127.0.0.1] ::ffff:7f00:1 ::ffff:10.0.0.1
::ffff:169.254.169.254 ::127.0.0.1 64:ff9b::127.0.0.1 64:ff9b::10.0.0.1 64:ff9b:1::1
2002:7f00:1:: 2002:a00:1:: 2001:0:4136:e378:8000:63bf:80ff:fffe
fe80::1 fc00::1 fd12:3456:789a::1 ff02::1 ff0e::1 2001:db8::1 100::1 fec0::1 5f00::1
""".split()
PUBLIC = ["1.1.1.1", "8.8.8.8", "2606:4700:4700::1111", "[2606:4700:4700::1111]", "64:ff9b::808:808",
          "2002:808:808::", "100.63.255.255", "172.32.0.1", "192.169.0.1"]


@pytest.mark.parametrize("host", PRIVATE)
def test_private_addresses_are_closed(host):
    with pytest.raises(MaestroError) as refusal:
        resolve(host, 5432, "db")
    assert isinstance(refusal.value, Forbidden | NotNow)           # NotNow: a spelling that the resolver does not know


def test_the_common_spellings_are_understood_and_closed():
    for host in ("127.0.0.1", "127.1", "2130706433", "0x7f000001", "localhost", "[::1]", "::ffff:127.0.0.1"):
        with pytest.raises(Forbidden):
            resolve(host, 80, "url")


@pytest.mark.parametrize("host", PUBLIC)
def test_public_addresses_are_open(host):
    assert resolve(host, 443, "url") == [host.strip("[]")]


@pytest.mark.parametrize("host", ["", "a b\n", "fe80::1%eth0", "10.0.0.0/8", "ex\0ample.org"])
def test_what_is_no_host_is_refused(host):
    with pytest.raises(Refused):
        resolve(host, 80, "url")


def answering(*addresses):
    def look_up(name, port, **_):
        families = [(socket.AF_INET6 if ":" in address else socket.AF_INET, address) for address in addresses]
        return [(family, socket.SOCK_STREAM, 6, "", (address, port)) for family, address in families]
    return look_up


@pytest.mark.parametrize("host", ["example.org", "example.org.", "bücher.example.org", "xn--bcher-kva.example.org"])
def test_a_name_is_as_good_as_its_addresses(host):
    assert resolve(host, 80, "url", look_up=answering("8.8.8.8", "2606:4700::1")) == ["8.8.8.8", "2606:4700::1"]
    with pytest.raises(Forbidden):
        resolve(host, 80, "url", look_up=answering("10.0.0.1"))


def test_one_private_address_closes_a_name():
    with pytest.raises(Forbidden):
        resolve("example.org", 80, "url", look_up=answering("8.8.8.8", "127.0.0.1"))


def test_a_name_that_changes_its_mind_is_asked_only_once():
    answers = [["8.8.8.8"], ["127.0.0.1"]]
    found = resolve("example.org", 80, "url", look_up=lambda *args, **_: answering(*answers.pop(0))(*args))
    assert (found, answers) == (["8.8.8.8"], [["127.0.0.1"]])


@pytest.mark.parametrize("entry, host, port, purpose, opened", [
    ("db=10.0.0.0/8:5432", "10.1.2.3", 5432, "db", True), ("db=10.0.0.0/8:5432", "10.1.2.3", 5433, "db", False),
    ("db=10.0.0.0/8:5432", "10.1.2.3", 5432, "url", False), ("db=10.0.0.0/8:5432", "11.0.0.1", 5432, "db", True),
    ("db=10.0.0.0/8", "10.1.2.3", 1, "db", True), ("db=127.0.0.1:5432", "127.0.0.1", 5432, "db", True),
    ("db=127.0.0.1/32:5432", "::ffff:127.0.0.1", 5432, "db", True),
    ("db=127.0.0.1/32:5432", "127.0.0.2", 5432, "db", False),
    ("url=fd00::/8:443", "fd12::1", 443, "url", True), ("url=fd00::/8:443", "fe80::1", 443, "url", False),
    ("url=[::1]:80", "::1", 80, "url", True), ("url=::1/128", "::1", 80, "url", True)])
def test_an_administrator_opens_addresses_for_one_purpose(entry, host, port, purpose, opened):
    if opened:
        assert len(resolve(host, port, purpose, [entry])) == 1
    else:
        with pytest.raises(Forbidden):
            resolve(host, port, purpose, [entry])


@pytest.mark.parametrize("entry", ["10.0.0.0/8", "web=10.0.0.0/8:80", "db=10.0.0.0/99:1", "db=ten:1", "db=", ""])
def test_a_malformed_entry_is_told(entry):
    with pytest.raises(Refused):
        resolve("8.8.8.8", 80, "url", [entry])
