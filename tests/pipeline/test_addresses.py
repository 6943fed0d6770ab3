from __future__ import annotations

import ipaddress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline import addresses
from pipeline.addresses import parse
from pipeline.errors import UnavailableError

LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128"))
INSIDE = (
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.2.0/24",
    "192.168.0.0/16", "198.18.0.0/15", "224.0.0.0/4", "240.0.0.0/4",
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
        f"[::ffff:{address}%25eth0]",
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


@given(st.ip_addresses(v=6).filter(lambda one: not one.is_global))
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
        "http://example.com:99999/", "http://[::1", "http://[fe80::1%25eth0]/", "http://example.com/\r\nHost: x",
        f"http://example.com/{'a' * 5000}", f"http://{'a' * 64}.com/", "http://ex\x00ample.com/",
    ],
)  # fmt: skip
def test_what_is_no_public_web_page_is_refused(url: str) -> None:
    with pytest.raises(UnavailableError):
        parse(url)


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("http://Example.COM.", "http://example.com/"),
        (" https://example.com:443/a b.jpg?q=ü#part ", "https://example.com/a%20b.jpg?q=%C3%BC"),
        ("http://example.com:8080/%20%C3%A9?a=1&b=%2F", "http://example.com:8080/%20%C3%A9?a=1&b=%2F"),
        ("http://münchen.example/嘴.jpg", "http://xn--mnchen-3ya.example/%E5%98%B4.jpg"),
        ("http://0x08080808/a", "http://8.8.8.8/a"),
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
