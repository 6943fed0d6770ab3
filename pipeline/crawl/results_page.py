"""A saved page of image results (`.html`, `.mhtml`), read like a list: of whatever engine, by structure.

What is looked for: links that tell the image in their query (`imgurl`, `mediaurl`, `img_url`), attributes that hold it
as JSON (Bing's `m`), the arrays in Google's scripts (`["https://…",height,width]`), links to a file that is an image,
and pictures from hosts other than the page's own. Names of classes are never read: they change.
"""

from __future__ import annotations

import codecs
import email
import email.policy
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, urljoin, urlsplit

from lxml import etree, html

from pipeline.core.errors import UsageError
from pipeline.core.messages import message
from pipeline.core.records import Provenance
from pipeline.crawl.engines.client import as_text, as_url, fields, number
from pipeline.fetch.candidate import ImageCandidate

_HEAD: Final = 1 << 16
_HEADERS: Final = re.compile(
    rb"(?:[A-Za-z][\w-]*:[^\n]*\n(?:[ \t][^\n]*\n)*)*?(?:MIME-Version|Content-Type):", re.IGNORECASE
)
SUFFIXES: Final = (".html", ".htm", ".xhtml", ".mhtml", ".mht")
MOST_BYTES: Final = 128 * 1024 * 1024
_ENGINES: Final = {"google": "google", "bing": "bing", "duckduckgo": "duckduckgo", "baidu": "baidu", "yandex": "yandex",
                   "yahoo": "yahoo", "ecosia": "ecosia", "brave": "brave"}  # fmt: skip
_QUERIES: Final = ("q", "word", "text", "p")
"""The parameters in which engines keep what was searched for."""
_IMAGE_PARAMS: Final = ("imgurl", "mediaurl", "img_url", "objurl")
_PAGE_PARAMS: Final = ("imgrefurl", "purl", "fromurl", "rurl")
_WIDTHS: Final = ("w", "expw", "width")
_HEIGHTS: Final = ("h", "exph", "height")
_IMAGE_FILE: Final = re.compile(r"\.(?:jpe?g|jfif|png|webp|avif|bmp|tiff?|heic|gif)$", re.IGNORECASE)
_THUMBNAILS: Final = re.compile(
    r"(?:^|\.)(?:gstatic\.com|googleusercontent\.com|bing\.net|bing\.com|yandex\.net|bdstatic\.com|baidu\.com"
    r"|external-content\.duckduckgo\.com|imgs\.search\.brave\.com)$"
)
"""Hosts from which engines show small copies."""
_ARRAY: Final = re.compile(r'\["(https?:[^"\s]{4,4000})",(\d{2,5}),(\d{2,5})\]')
_ORIGIN: Final = re.compile(r'"2003":\[null,"[^"]*","(https?:[^"]+)","((?:[^"\\]|\\.)*)"')
_SAVED_FROM: Final = re.compile(r"saved from url=\(\d+\)(\S+)")
_AMOUNT: Final = re.compile(r"\d{1,8}(?:\.\d{1,8})?|\.\d{1,8}")
_SMALLEST: Final = 100  # pixels; a smaller picture is an icon


@dataclass(frozen=True, slots=True)
class _Found:
    image: str
    page: str = ""
    title: str = ""
    width: int = 0
    height: int = 0


def read_results_page(path: Path) -> Iterator[ImageCandidate]:
    """Each image that the page tells of, once, in the page's order.

    Raises UsageError: unreadable, too large, no page, a page that tells of no image, or of thumbnails alone.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise UsageError(message("list_too_large", file=path, most=MOST_BYTES))
        data = path.read_bytes()
    except OSError as e:
        raise UsageError(message("path_unreadable", file=path, why=e.strerror or e)) from e
    address, page = _page(data, path)
    root = _root(page, path)
    address = address or _address(root)
    engine, query = _asked(address, root)
    found = _each_once(_all(root, address))
    if not found:
        small = sum(1 for one in root.iter("img") if _is_thumbnail(one))
        code = "results_page_only_thumbnails" if small else "results_page_empty"
        raise UsageError(message(code, file=path, n=small) if small else message(code, file=path))
    for one in found:
        told = Provenance(one.image, page_url=one.page, title=one.title, engine=engine, query=query)
        yield ImageCandidate(told, width=one.width, height=one.height)


def _page(data: bytes, path: Path) -> tuple[str, bytes]:
    """The page's address, where the file tells it, and its HTML as UTF-8. Raises UsageError."""
    bare = data.removeprefix(codecs.BOM_UTF8).lstrip()
    if _HEADERS.match(bare[:_HEAD]) is None:  # by what it is: programs save each under the other's name
        return "", _utf8(data)
    whole = email.message_from_bytes(bare, policy=email.policy.compat32)
    for part in whole.walk():
        if part.get_content_type() in ("text/html", "application/xhtml+xml"):
            address = str(whole.get("Snapshot-Content-Location") or part.get("Content-Location") or "")
            body = part.get_payload(decode=True)
            return address.strip(), _utf8(body if isinstance(body, bytes) else b"", part.get_content_charset())
    raise UsageError(message("results_page_unreadable", file=path))


def _utf8(data: bytes, charset: str | None = None) -> bytes:
    for mark, coding in (
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
        (codecs.BOM_UTF8, "utf-8-sig"),
    ):
        if data.startswith(mark):
            return data.decode(coding, "replace").encode()
    told = re.search(rb"charset=[\"']?([\w-]{2,40})", data[:4096])
    for named in (charset, told[1].decode("ascii") if told else None, "utf-8", "gb18030"):
        try:
            if named:
                return data.decode(named).encode()
        except (ValueError, LookupError):  # a page may name any of Python's codecs, `undefined`, or a NUL
            continue
    return data.decode("utf-8", "replace").encode()


def _root(page: bytes, path: Path) -> html.HtmlElement:
    try:
        root = html.document_fromstring(page, parser=html.HTMLParser(encoding="utf-8", huge_tree=True))
    except (etree.ParserError, etree.XMLSyntaxError) as e:
        raise UsageError(message("results_page_unreadable", file=path)) from e
    assert isinstance(root, html.HtmlElement)
    return root


def _address(root: html.HtmlElement) -> str:
    """Where the page was saved from: as Chrome and Firefox note it, or as it tells itself."""
    for comment in (*root.itersiblings(etree.Comment, preceding=True), *root.iter(etree.Comment)):
        if saved := _SAVED_FROM.search(comment.text or ""):
            return unescape(saved[1])
    for one in (*root.iter("base"), *(one for one in root.iter("link") if one.get("rel") == "canonical")):
        if (one.get("href") or "").startswith("http"):
            return str(one.get("href"))
    return ""


def _asked(address: str, root: html.HtmlElement) -> tuple[str, str]:
    """The engine and what it was asked, both or neither."""
    parts = urlsplit(address) if _sound(address) else urlsplit("")
    labels = (parts.hostname or "").split(".")
    engine = next((name for label, name in _ENGINES.items() if label in labels), "")
    params = parse_qs(parts.query)
    query = next((params[name][0] for name in _QUERIES if params.get(name)), "")
    if engine and not query:
        boxes = (one for kind in ("input", "textarea") for one in root.iter(kind) if one.get("name") in _QUERIES)
        query = next((said for one in boxes if (said := str(one.get("value") or one.text or "").strip())), "")
    query = as_text(query)[:200]
    return (engine, query) if engine and query else ("", "")


def _all(root: html.HtmlElement, address: str) -> Iterator[_Found]:
    for element in root.iter("a", "img", "script", "div", "li"):
        if element.tag == "script":
            yield from _of_script(element.text or "")
        elif element.tag == "img":
            yield from _of_picture(element, address)
        else:
            yield from _of_attributes(element)
            if element.tag == "a":
                yield from _of_link(element, address)


def _of_link(link: html.HtmlElement, address: str) -> Iterator[_Found]:
    href = str(link.get("href") or "")
    params = {name.lower(): said[0] for name, said in parse_qs(href.partition("#")[0].partition("?")[2]).items()}
    image = next((params[name] for name in _IMAGE_PARAMS if params.get(name)), "")
    if image:
        page = next((params[name] for name in _PAGE_PARAMS if params.get(name)), "")
        width, height = (next((params[n] for n in names if n in params), "") for names in (_WIDTHS, _HEIGHTS))
        yield _Found(image, page, _title(link), number(width), number(height))
    elif (url := _absolute(href, address)) and _IMAGE_FILE.search(urlsplit(url).path) and not _is_small_copy(url):
        yield _Found(url, title=_title(link))


def _of_attributes(element: html.HtmlElement) -> Iterator[_Found]:
    """JSON in an attribute: Bing's `{"murl": …, "purl": …, "t": …}`, others with the same idea."""
    for said in element.attrib.values():
        if not said.startswith("{") or "url" not in said.lower():
            continue
        try:
            told = fields(json.loads(said))
        except (ValueError, RecursionError):
            continue
        image = next((told[name] for name in ("murl", "img_href", "objURL", "originalUrl") if told.get(name)), "")
        if image:
            page = told.get("purl") or told.get("fromURL") or told.get("sourceUrl")
            yield _Found(as_url(image), as_url(page), as_text(told.get("t") or told.get("title")))


def _of_script(text: str) -> Iterator[_Found]:
    """The arrays of Google's scripts: a small copy, the image itself, and behind it its page and title."""
    if '["http' not in text:
        return
    arrays = list(_ARRAY.finditer(text))
    if not arrays:
        return
    for array, following in zip(arrays, [*arrays[1:], None], strict=True):
        image = _unescaped(array[1])
        if _is_small_copy(image):
            continue
        origin = _ORIGIN.search(
            text, array.end(), min(following.start() if following else len(text), array.end() + 4000)
        )
        page, title = (_unescaped(origin[1]), _unescaped(origin[2])) if origin else ("", "")
        yield _Found(image, page, title, int(array[3]), int(array[2]))


def _of_picture(picture: html.HtmlElement, address: str) -> Iterator[_Found]:
    """A large picture of another host: a result that was opened. Its page is the link around it."""
    url = _absolute(_largest(picture), address)
    if not url or _is_small_copy(url) or _is_small(picture) or _same_site(url, address):
        return
    link = next((one for one in picture.iterancestors("a")), None)
    page = _absolute(link.get("href") or "", address) if link is not None else ""
    yield _Found(url, "" if _same_site(page, address) else page, as_text(picture.get("alt")))


def _largest(picture: html.HtmlElement) -> str:
    """The widest of a srcset, else src or what is loaded later."""
    best, width = "", 0.0
    for entry in (picture.get("srcset") or "").split(", "):
        url, _, size = entry.strip().partition(" ")
        found = _AMOUNT.match(size)
        amount = float(found[0]) if found else 0.0
        if url and (not best or amount > width):
            best, width = url, amount
    return best or str(picture.get("src") or picture.get("data-src") or "")


def _is_small(picture: html.HtmlElement) -> bool:
    sizes = [number(picture.get(name)) for name in ("width", "height") if (picture.get(name) or "").isdigit()]
    return any(size < _SMALLEST for size in sizes)


def _is_thumbnail(picture: html.HtmlElement) -> bool:
    return not _is_small(picture) and bool(picture.get("src") or picture.get("data-src"))


def _is_small_copy(url: str) -> bool:
    return not _sound(url) or bool(_THUMBNAILS.search(urlsplit(url).hostname or ""))


def _same_site(url: str, address: str) -> bool:
    if not (_sound(url) and _sound(address)):
        return False
    one, other = ((urlsplit(each).hostname or "").split(".")[-2:] for each in (url, address))
    return one == other


def _sound(url: str) -> bool:
    """Whether `urlsplit` takes it: what begins as an IPv6 address and goes on as none it refuses."""
    try:
        return bool(urlsplit(url).hostname)
    except ValueError:
        return False


def _absolute(url: str, address: str) -> str:
    """An http(s) address; "" for any other, and for a file beside the saved page."""
    try:
        joined = urljoin(address, url.strip()) if url else ""
    except ValueError:
        return ""
    return joined if joined.startswith(("http://", "https://")) and _sound(joined) else ""


def _title(link: html.HtmlElement) -> str:
    picture = next(link.iter("img"), None)
    said = picture.get("alt") if picture is not None else ""
    return as_text(said) or as_text(link.get("aria-label")) or as_text(link.text_content())[:300]


def _unescaped(text: str) -> str:
    r"""Text of a script without its escapes: `\u003d` and `\x3d` are `=`."""
    return re.sub(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(.))", _sign, text)


def _sign(found: re.Match[str]) -> str:
    code = found[1] or found[2]
    return chr(int(code, 16)) if code else found[3]


def _each_once(found: Iterator[_Found]) -> list[_Found]:
    """The first of each image, with the page and the title that any of them has."""
    known: dict[str, _Found] = {}
    for one in found:
        image = as_url(one.image)
        if not image.startswith(("http://", "https://")) or _is_small_copy(image):
            continue
        before: Mapping[str, Any] = {name: getattr(known.get(image, one), name) for name in _Found.__slots__}
        more = {name: before[name] or getattr(one, name) for name in ("page", "title", "width", "height")}
        known[image] = _Found(image, as_url(more["page"]), as_text(more["title"]), more["width"], more["height"])
    return list(known.values())
