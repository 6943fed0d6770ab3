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

from pipeline.core.errors import UnavailableError
from pipeline.core.messages import message

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
PORTS: Final = frozenset({80, 443, 8000, 8080, 8443})
"""The web's usual ports; any other, above 1024 too, may be a mail server or a database that a GET would talk to."""
LONGEST_URL: Final = 4096
LONGEST_HOST: Final = 253
_SCHEMES: Final = {"http": 80, "https": 443}
_PUBLIC_V6: Final = ipaddress.IPv6Network("2000::/3")
_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")
_ISATAP: Final = 0x5EFE
_NEVER: Final = tuple(
    map(
        ipaddress.ip_network,
        (
            *("192.0.0.0/24", "192.88.99.0/24", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"),
            *("168.63.129.16/32", "161.26.0.0/16", "166.8.0.0/14", "192.80.8.124/32"),
        ),
    )
)
"""What `is_global` lets pass in one Python version or another: port control, relays, Teredo, 6to4, documentation. And
public addresses at which clouds answer their own machines alone: Azure's host, IBM's services, Equinix's metadata."""
_INNER_NAMES: Final = ("localhost", "local", "internal", "intranet", "lan", "home", "corp", "private", "home.arpa")
"""Names that lead inside whoever looks them up (RFC 6761, 6762, 8375; ICANN keeps the rest out of the root)."""
_ILLEGAL: Final = re.compile(r"[\x00-\x1f\x7f\\]")
_HOST: Final = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)(\.(?!-)[a-z0-9_-]{1,63}(?<!-))*")
_IN_BRACKETS: Final = re.compile(r"\[[0-9a-f:.]*:[0-9a-f:.]*\](:[0-9]*)?", re.IGNORECASE)
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

    allow: networks whose addresses may be fetched from although they are not public: a test's loopback; with any,
    ports and inner names are not looked at. Every browser's way to write an address (2130706433, 0x7f.1, 0177.0.0.1)
    is read as that address. A name is checked here by its look only: what it leads to is checked where it is looked
    up (`session.CheckedResolver`), and through a proxy nobody but the proxy can.
    """
    url = url.strip()
    if len(url) > LONGEST_URL or _ILLEGAL.search(url):
        raise UnavailableError(message("address_malformed"))
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as e:
        raise UnavailableError(message("address_unreadable")) from e
    scheme = parts.scheme.lower()
    if scheme not in _SCHEMES:
        raise UnavailableError(message("scheme_not_fetched", scheme=scheme[:20] or message("address_without_scheme")))
    host, literal = _host_of(parts.netloc, parts.hostname or "", allow)
    at = _SCHEMES[scheme] if port is None else port
    if at not in PORTS and not allow:
        raise UnavailableError(message("port_not_web", port=at, ports=tuple(sorted(PORTS))))
    written = f"[{host}]" if ":" in host else host
    netloc = written if at == _SCHEMES[scheme] else f"{written}:{at}"
    try:
        path, query = (quote(text, safe=_UNSAFE, errors="surrogateescape") for text in (parts.path or "/", parts.query))
    except UnicodeEncodeError as e:
        raise UnavailableError(message("address_half_character")) from e
    whole = urlunsplit((scheme, netloc, path, query, ""))
    return Target(whole, scheme, host, at, literal)


def _host_of(netloc: str, hostname: str, allow: Collection[Network]) -> tuple[str, Address | None]:
    """The host in its one written form, and the address that it is, if it is one. Raises UnavailableError."""
    if "@" in netloc:
        raise UnavailableError(message("address_with_password"))
    if "%" in netloc or ("[" in netloc and not _IN_BRACKETS.fullmatch(netloc)):
        # A browser decodes a percent sign, and no public address has a zone.
        raise UnavailableError(message("host_unreadable"))
    host = _ascii(hostname)
    literal = literal_of(host)
    if literal is not None:
        check(literal, allow)
        return str(literal), literal
    if len(host) > LONGEST_HOST or not _HOST.fullmatch(host):
        raise UnavailableError(message("host_missing"))
    if not allow and ("." not in host or any(f".{host}".endswith(f".{name}") for name in _INNER_NAMES)):
        raise UnavailableError(message("host_inner", host=host))
    return host, None


def literal_of(host: str) -> Address | None:
    """The address that a host (lower case, no brackets, no dot at its end) is, in whatever form; None for a name.

    The forms of IPv4 are those of inet_aton, which browsers and libc read: 1 to 4 parts, decimal, octal or hex.
    Raises UnavailableError for numbers that are no address.
    """
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        pass
    last = host.rpartition(".")[2]
    if not last[:1].isdigit():
        return None
    try:
        return ipaddress.IPv4Address(socket.inet_aton(host))
    except OSError as e:
        raise UnavailableError(message("host_number")) from e


def check(address: Address, allow: Collection[Network] = ()) -> None:
    """Raises UnavailableError unless the address, and one that it carries inside, is public (or allowed).

    Of IPv6 only what is given out (2000::/3) is: mapped, compatible, unique local and what is yet to be are not.
    """
    if any(address.version == network.version and address in network for network in allow):
        return
    if not _is_public(address):
        raise UnavailableError(message("address_not_public", address=address))


def _is_public(address: Address) -> bool:
    if any(address.version == network.version and address in network for network in _NEVER):
        return False
    inside = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    if isinstance(address, ipaddress.IPv6Address):
        if address in _NAT64:  # how an IPv6-only network reaches IPv4 (RFC 6052)
            return _is_public(inside)
        if (int(address) >> 32) & 0xFCFFFFFF == _ISATAP and not _is_public(inside):  # RFC 5214, 6.1
            return False
        return address in _PUBLIC_V6 and address.is_global
    return address.is_global and not address.is_multicast and not address.is_reserved


def _ascii(host: str) -> str:
    """A host as it is looked up. Raises UnavailableError."""
    try:
        found = host if host.isascii() else host.encode("idna").decode("ascii")
    except UnicodeError as e:
        raise UnavailableError(message("host_missing")) from e
    return found.lower().rstrip(".")
