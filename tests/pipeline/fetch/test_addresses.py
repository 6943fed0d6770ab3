from __future__ import annotations

import contextlib
import ipaddress
import socket

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from yarl import URL

from pipeline.core.errors import UnavailableError
from pipeline.fetch import addresses
from pipeline.fetch.addresses import parse

LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128"))
INSIDE = (
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
    "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
    "224.0.0.0/4", "240.0.0.0/4", "168.63.129.16/32", "161.26.0.0/16", "166.8.0.0/14", "192.80.8.124/32",
)  # fmt: skip
INSIDE_6 = (
    "::/96", "::ffff:0:0/96", "64:ff9b:1::/48", "100::/64", "2001::/32", "2001:db8::/32", "2002::/16", "3fff::/20",
    "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
)  # fmt: skip


def forms(address: ipaddress.IPv4Address) -> list[str]:
    """Ways in which a browser reads this address."""
    a, b, c, d = address.packed
    number = int(address)
    mapped = ipaddress.IPv6Address(0xFFFF << 32 | number)
    return [
        str(address), f"{address}.", str(number), hex(number), f"0{number:o}", f"{a}.{b}.{c << 8 | d}",
        f"{a}.{b << 16 | c << 8 | d}", f"0x{a:x}.0{b:o}.{c}.0x{d:X}", f"[::ffff:{address}]", f"[{mapped.exploded}]",
        f"[64:ff9b::{address}]", f"[2002:{a << 8 | b:x}:{c << 8 | d:x}::1]", f"[::{address}]",
        f"[::ffff:{address}%25eth0]", f"[::ffff:0:{address}]", f"[2a00:1450::5efe:{address}]",
        f"[2a00:1450::200:5efe:{address}]", f"[64:ff9b:1::{address}]", f"[2001:0:{a << 8 | b:x}:{c << 8 | d:x}::1]",
        f"0X{number:X}", f"0x{number:016x}", f"0{a:o}.0{b:o}.0{c:o}.0{d:o}", f"{address}..", f"{address}%2f.good.com",
        f"good.com@{address}", f"good.com:80@{address}", f"a:b@{address}",
        str(address).replace("1", "%31"), str(address).replace("1", "①"), str(address).replace(".", "．"),
        "".join(chr(0xFF10 + int(sign)) if sign.isdigit() else "。" for sign in str(address)),
    ]  # fmt: skip


@given(
    st.sampled_from(INSIDE).flatmap(lambda net: st.ip_addresses(v=4, network=net)), st.sampled_from(["", ":443", "/a"])
)
@example(ipaddress.IPv4Address("169.254.169.254"), "")
@example(ipaddress.IPv4Address("127.0.0.1"), "")
def test_an_inner_address_is_refused_in_every_form(address: ipaddress.IPv4Address, rest: str) -> None:
    for form in forms(address):
        with pytest.raises(UnavailableError):
            parse(f"http://{form}{rest}")


@given(
    st.one_of(
        st.ip_addresses(v=6).filter(lambda one: not one.is_global),
        st.sampled_from(INSIDE_6).flatmap(lambda net: st.ip_addresses(v=6, network=net)),
    )
)
def test_what_is_not_global_is_refused(address: ipaddress.IPv6Address) -> None:
    for form in (str(address), address.exploded):
        with pytest.raises(UnavailableError):
            parse(f"https://[{form}]/")


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd", "ftp://example.com/a.jpg", "gopher://example.com", "//example.com/a.jpg", "", "http://",
        "data:image/gif;base64,R0lGOD", "http://user@example.com/", "http://good.com:secret@127.0.0.1/",
        "http://example.com\\@127.0.0.1/", "http://exa mple.com/", "http://a..b/", "http://-a.com/", "http://foo.1/",
        "http://1.2.3.4.5/", "http://256.1.1.1/", "http://example.com:22/", "http://example.com:6379/",
        "http://example.com:99999/", "http://example.com:0/", "http://example.com:9200/", "http://example.com:25/",
        "http://ex%61mple.com/", "http://example.com%00/", f"http://{'a.' * 130}com/", "http://example.com/\ud800",
        "http://localhost/", "http://a.LOCALHOST./", "http://metadata.google.internal/", "http://printer/",
        "http://router.home.arpa/", "http://nas.local/", "http://[v1.example]/", "http://[2606:2800:21f::1]good.com/", "http://example.com:80:80/",
        "http://[::1", "http://[fe80::1%25eth0]/", "http://example.com/\r\nHost: x",
        f"http://example.com/{'a' * 5000}", f"http://{'a' * 64}.com/", "http://ex\x00ample.com/",
    ],
)  # fmt: skip
def test_what_is_no_public_web_page_is_refused(url: str) -> None:
    with pytest.raises(UnavailableError):
        parse(url)


PIECES = st.sampled_from(
    [
        "http://", "https://", "HTTP:", "//", "/", "\\", "@", ":", "%", "?", "#", "[", "]", ".", "。", "．", ":80",
        ":443", "127.0.0.1", "0x7f", "017700000001", "::1", "::ffff:", "8.8.8.8", "１", "①", "good.com", "localhost",
        "xn--a", "ß", "\u200d", "\u00ad", " ", "\t", "%2f", "%00", "%25eth0", "\ud800", "é",
    ]
)  # fmt: skip


@given(st.one_of(st.lists(PIECES, max_size=9).map("".join), st.text(max_size=30).map("http://{}".format)))
@example("http://good.com/\ud800")
@example("http://127.0.0.1%2f.good.com")
def test_whatever_passes_is_read_alike_by_who_connects(url: str) -> None:
    """Two readers of one URL that differ about its host are the classic way in (Tsai, Black Hat 2017)."""
    try:
        target = parse(url)
    except UnavailableError:
        return
    theirs = URL(target.url, encoded=True)
    assert (theirs.scheme, theirs.raw_host, theirs.port) == (target.scheme, target.host, target.port)
    assert theirs.user is None
    if target.literal is None:
        with contextlib.suppress(OSError):  # what the system would take for an address without a look-up
            pytest.fail(f"{target.host} is {socket.inet_aton(target.host)!r}")
    else:
        assert ipaddress.ip_address(target.host) == target.literal
        assert target.literal.is_global
    assert parse(target.url) == target


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("http://Example.COM.", "http://example.com/"),
        (" https://example.com:443/a b.jpg?q=ü#part ", "https://example.com/a%20b.jpg?q=%C3%BC"),
        ("http://example.com:8080/%20%C3%A9?a=1&b=%2F", "http://example.com:8080/%20%C3%A9?a=1&b=%2F"),
        ("http://münchen.example/嘴.jpg", "http://xn--mnchen-3ya.example/%E5%98%B4.jpg"),
        ("http://0x08080808/a", "http://8.8.8.8/a"),
        ("http://example.com/\udcff?\udcfe", "http://example.com/%FF?%FE"),
        ("http://localhost.example.com/", "http://localhost.example.com/"),
        ("https://[64:ff9b::808:808]/", "https://[64:ff9b::808:808]/"),
        ("http://[2606:2800:21f:CB07:6820:80da:af6b:8b2c]/", "http://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]/"),
    ],
)
def test_a_public_address_gets_its_one_written_form(url: str, told: str) -> None:
    assert parse(url).url == told


def test_allowed_networks_and_their_ports_only() -> None:
    assert parse("http://127.0.0.1:5000/", LOOPBACK).port == 5000
    assert parse("http://[::1]:5000/", LOOPBACK).literal == ipaddress.ip_address("::1")
    for other in ("http://10.0.0.1/", "http://169.254.169.254/", "http://[::ffff:10.0.0.1]/"):
        with pytest.raises(UnavailableError):
            parse(other, LOOPBACK)


def test_one_inner_address_inside_another_is_enough() -> None:
    with pytest.raises(UnavailableError):
        addresses.check(ipaddress.ip_address("64:ff9b::a9fe:a9fe"))
    addresses.check(ipaddress.ip_address("93.184.215.14"))
