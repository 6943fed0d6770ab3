"""Which addresses of the web may be fetched from: public ones, by http or https, whatever a URL tries.

A URL comes from a stranger, and the server that fetches it stands inside somebody's network: without these checks it
would read the cloud's credentials (169.254.169.254), a router's page or a database's port for whoever wrote the URL
(OWASP: Server-Side Request Forgery Prevention).
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, urlsplit, urlunsplit

from pipeline.errors import UnavailableError

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
PORTS: Final = frozenset({80, 443, 8000, 8080, 8443})
"""The web's usual ports; any other may be a mail server or a database that a GET would talk to."""
LONGEST_URL: Final = 4096
_SCHEMES: Final = {"http": 80, "https": 443}
_NAT64: Final = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("64:ff9b:1::/48"))
_ILLEGAL: Final = re.compile(r"[\x00-\x1f\x7f\\]")
_HOST: Final = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)(\.(?!-)[a-z0-9_-]{1,63}(?<!-))*")
_UNSAFE: Final = "!#$%&'()*+,/:;=?@[]~"


@dataclass(frozen=True, slots=True)
class Target:
    """A URL taken apart, ready to be asked for. host: ASCII, lower case, an address in its one written form.

    literal: the address where the host is one.
    """

    url: str
    scheme: str
    host: str
    port: int
    literal: Address | None


def parse(url: str, allow: Collection[Network] = ()) -> Target:
    """Take a URL apart the strict way. Raises UnavailableError, in words, for one that is not to be fetched.

    allow: networks whose addresses (and any port there) may be fetched from although they are not public: a test's
    loopback. Every browser's way to write an address (2130706433, 0x7f.1, 0177.0.0.1) is read as that address.
    """
    url = url.strip()
    if len(url) > LONGEST_URL or _ILLEGAL.search(url):
        raise UnavailableError("the address is too long, or holds a backslash or a control character")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as e:
        raise UnavailableError("the address cannot be read") from e
    scheme = parts.scheme.lower()
    if scheme not in _SCHEMES:
        raise UnavailableError(f"only http and https are fetched, not {scheme[:20] or 'an address without either'}")
    if "@" in parts.netloc:
        raise UnavailableError("the address holds a name or a password before its host")
    host = _ascii(parts.hostname or "")
    literal = literal_of(host)
    if literal is not None:
        check(literal, allow)
        host = f"[{literal}]" if literal.version == 6 else str(literal)
    elif not _HOST.fullmatch(host):
        raise UnavailableError("the address has no host that can be looked up")
    at = port or _SCHEMES[scheme]
    if at not in PORTS and not allow:
        raise UnavailableError(f"port {at} is none of the web's ({', '.join(map(str, sorted(PORTS)))})")
    netloc = host if at == _SCHEMES[scheme] else f"{host}:{at}"
    path = quote(parts.path or "/", safe=_UNSAFE)
    whole = urlunsplit((scheme, netloc, path, quote(parts.query, safe=_UNSAFE), ""))
    return Target(whole, scheme, host.strip("[]"), at, literal)


def literal_of(host: str) -> Address | None:
    """The address that a host is, in whatever form; None where it is a name.

    The forms of IPv4 are those of inet_aton, which browsers and libc read: 1 to 4 parts, decimal, octal or hex.
    """
    bare = host.strip("[]").partition("%")[0]
    try:
        return ipaddress.ip_address(bare)
    except ValueError:
        pass
    last = bare.rstrip(".").rpartition(".")[2]
    if not last[:1].isdigit():
        return None
    try:
        return ipaddress.IPv4Address(socket.inet_aton(bare.rstrip(".")))
    except OSError as e:
        raise UnavailableError("the host ends in a number and is no address") from e


def check(address: Address, allow: Collection[Network] = ()) -> None:
    """Raises UnavailableError unless the address, and every one that it carries inside, is public (or allowed)."""
    if any(address.version == network.version and address in network for network in allow):
        return
    for one in (address, *_inside(address)):
        if not one.is_global or one.is_multicast or one.is_reserved or getattr(one, "is_site_local", False):
            raise UnavailableError(f"the address {address} is not a public one")


def _inside(address: Address) -> list[Address]:
    """IPv4 addresses that an IPv6 one leads to: mapped, 6to4, Teredo, NAT64, and the old compatible form."""
    if isinstance(address, ipaddress.IPv4Address):
        return []
    found: list[Address] = [one for one in (address.ipv4_mapped, address.sixtofour) if one is not None]
    found += address.teredo or ()
    if any(address in network for network in _NAT64) or int(address) >> 32 == 0:
        found.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    return found


def _ascii(host: str) -> str:
    """A host as it is looked up. Raises UnavailableError."""
    try:
        found = host if host.isascii() else host.encode("idna").decode("ascii")
    except UnicodeError as e:
        raise UnavailableError("the address has no host that can be looked up") from e
    return found.partition("%")[0].lower().rstrip(".")
