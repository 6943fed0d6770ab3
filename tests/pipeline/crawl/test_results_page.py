"""Saved pages of image results: made here by hand in the shapes that browsers save, and broken ones."""

from __future__ import annotations

import json
from collections.abc import Callable
from html import escape
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.errors import UsageError
from pipeline.crawl.results_page import read_results_page
from pipeline.crawl.url_list import read_list
from pipeline.fetch.candidate import ImageCandidate

SAVED = "<!-- saved from url=(0070)https://www.google.com/search?q=duck+face%20smile&amp;udm=2 -->"
SMALL = "<img src='https://encrypted-tbn0.gstatic.com/images?q=tbn:x&s' width=180 height=140>"
Read = Callable[..., list[ImageCandidate]]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def read(page: str | bytes, name: str = "page.html") -> list[ImageCandidate]:
        data = page if isinstance(page, bytes) else page.encode()
        (tmp_path / name).write_bytes(data)
        return list(read_list(tmp_path / name))

    return read


def facts(found: list[ImageCandidate]) -> list[tuple[str, str, str]]:
    return [(one.url, one.provenance.page_url, one.provenance.title) for one in found]


def imgres(image: str, page: str, title: str) -> str:
    href = f"/imgres?imgurl={quote(image, safe='')}&imgrefurl={quote(page, safe='')}&h=480&w=640"
    return f'<a href="{escape(href)}" class="x8f2">{SMALL.replace("<img", f"<img alt={title!r}")}</a>'


def test_opened_results_of_google(read: Read) -> None:
    links = imgres("https://a.example/1.jpg?x=1&y=2", "https://a.example/p", "A pout") + imgres(
        "https://b.example/p/2", "https://b.example/", "另一个"
    )
    found = read(f"<!doctype html>{SAVED}<html><body>{SMALL}{links}{SMALL}{links}</body></html>")
    assert facts(found) == [
        ("https://a.example/1.jpg?x=1&y=2", "https://a.example/p", "A pout"),
        ("https://b.example/p/2", "https://b.example/", "另一个"),
    ]
    assert {(one.provenance.engine, one.provenance.query) for one in found} == {("google", "duck face smile")}
    assert (found[0].width, found[0].height) == (640, 480)


def test_arrays_in_google_s_scripts(read: Read) -> None:
    """The small copy, then the image as height and width; `=` and `\\x3d` are signs of an address."""
    script = (
        r'x(["https://encrypted-tbn0.gstatic.com/images?q\u003dtbn:a",168,300],["https://a.example/i.jpg?w\u003d9\x26b",900,'
        r'1600],null,{"2003":[null,"id","https://a.example/page","A \"big\" smile","x"]});'
        r'y(["https://encrypted-tbn0.gstatic.com/images?q\u003dtbn:b",1,2],["https://b.example/2.png",480,640],null)'
    )
    found = read(f"{SAVED}<body><script>{script}</script>{SMALL}")
    assert facts(found) == [
        ("https://a.example/i.jpg?w=9&b", "https://a.example/page", 'A "big" smile'),
        ("https://b.example/2.png", "", ""),
    ]
    assert [(one.width, one.height) for one in found] == [(1600, 900), (640, 480)]


def test_bing_s_attributes_with_its_address_as_canonical(read: Read) -> None:
    told = {"murl": "https://a.example/1.jpg", "purl": "https://a.example/", "t": "Lips & more", "turl": "https://th/x"}
    page = (
        '<head><link rel="canonical" href="https://www.bing.com/images/search?q=lips"></head>'
        f'<a class="iusc" m="{escape(json.dumps(told))}"><img src="https://tse1.mm.bing.net/th?id=1" width=200></a>'
    )
    (one,) = read(page)
    assert facts([one]) == [("https://a.example/1.jpg", "https://a.example/", "Lips & more")]
    assert (one.provenance.engine, one.provenance.query) == ("bing", "lips")


def test_links_to_files_and_opened_pictures_of_any_page(read: Read) -> None:
    page = (
        "<base href='https://duckduckgo.com/?q=smile&iax=images'>"
        "<a href='https://a.example/full/photo.JPEG?big'>View file</a>"
        "<img src='https://external-content.duckduckgo.com/iu/?u=https%3A%2F%2Ftse1' width=300>"
        "<a href='https://b.example/story'><img alt='Opened' src='https://b.example/s.webp' "
        "srcset='https://b.example/s.webp 300w, https://b.example/l.webp 1200w'></a>"
        "<img src='/icon.png' width=16><img src='https://c.example/i.gif' width=20 height=20>"
        "<img src='./page_files/saved.jpg'><a href='https://d.example/article.html'>read</a>"
    )
    assert facts(read(page)) == [
        ("https://a.example/full/photo.JPEG?big", "", "View file"),
        ("https://b.example/l.webp", "https://b.example/story", "Opened"),
    ]


def test_a_width_in_a_srcset_that_is_no_number(read: Read) -> None:
    page = (
        "<base href='https://duckduckgo.com/?q=smile&iax=images'><img width=300 srcset="
        "'https://b.example/s.webp 1.2.3w, https://b.example/l.webp 12w, https://b.example/n.webp .w'>"
    )
    assert facts(read(page)) == [("https://b.example/l.webp", "", "")]


def test_half_a_character_in_a_script_is_no_address_nor_a_title(read: Read) -> None:
    """A title that was cut inside an emoji; one that was not is whole."""
    page = (
        "<base href='https://www.google.com/search?q=smile&udm=2'><script>x="
        '["https://a.example/1.jpg",480,640],{"2003":[null,"q","https://a.example/p","A \\ud83d\\ude00 and \\ud83d"]}'
        "</script>"
    )
    assert facts(read(page)) == [("https://a.example/1.jpg", "https://a.example/p", "A 😀 and \ufffd")]


def test_a_page_saved_as_one_file(read: Read) -> None:
    """MHTML as Chrome writes it: quoted-printable, with the small copies as parts of their own."""
    html = f"<html><body>{imgres('https://a.example/ä.jpg', 'https://a.example/', 'Läch')}</body></html>"
    body = "".join(f"={one:02X}" if one > 126 or one == 61 else chr(one) for one in html.encode())
    lines = "=\r\n".join(body[at : at + 70] for at in range(0, len(body), 70))
    page = (
        "From: <Saved by Blink>\r\nSnapshot-Content-Location: https://www.google.com/search?q=l%C3%A4cheln&udm=2\r\n"
        'MIME-Version: 1.0\r\nContent-Type: multipart/related;\r\n\ttype="text/html";\r\n\tboundary="--x--"\r\n\r\n'
        "----x--\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: quoted-printable\r\n"
        f"Content-Location: https://www.google.com/search\r\n\r\n{lines}\r\n"
        "----x--\r\nContent-Type: image/jpeg\r\nContent-Transfer-Encoding: base64\r\n\r\n/9j/\r\n----x----\r\n"
    )
    (one,) = read(page, "page.mhtml")
    assert read("\ufeff\r\n" + page, "page.html") == [one]  # some call it so
    assert facts([one]) == [("https://a.example/ä.jpg", "https://a.example/", "Läch")]
    assert (one.provenance.engine, one.provenance.query) == ("google", "lächeln")


@pytest.mark.parametrize("coding", ["utf-8-sig", "utf-16", "gb18030"])
def test_its_coding_is_found(read: Read, coding: str) -> None:
    page = f'<meta charset="{coding}">{imgres("https://a.example/1.jpg", "https://a.example/", "微笑")}'
    assert facts(read(page.encode(coding))) == [("https://a.example/1.jpg", "https://a.example/", "微笑")]


@pytest.mark.parametrize(
    ("page", "words"),
    [
        (f"{SAVED}<body>{SMALL * 3}", "holds 3 small copies and no address of an image"),
        ("<body><img src='data:image/jpeg;base64,/9j/' width=200>", "holds 1 small copies"),
        ("<html><body>no pictures here", "holds no image"),
        ("", "no page that can be read"),
    ],
)
def test_a_page_that_tells_of_no_image_says_so(read: Read, page: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        read(page)


@pytest.mark.parametrize("coding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_page_that_is_called_mhtml_is_read_as_the_page_it_is(read: Read, coding: str) -> None:
    page = f"<!DOCTYPE html>\n<p>Content-Type: x</p>{imgres('https://a.example/1.jpg', 'https://a.example/', '口')}"
    assert facts(read(page.encode(coding), "page.mhtml")) == [("https://a.example/1.jpg", "https://a.example/", "口")]


@pytest.mark.parametrize("coding", ["undefined", "idna", "punycode", "hex", "unicode_escape", "no-such"])
def test_a_coding_that_no_page_has(read: Read, coding: str) -> None:
    """A script that knows none writes `undefined`, which is one of Python's and refuses everything."""
    page = f"<meta charset={coding}>ä\\u{imgres('https://a.example/1.jpg', 'https://a.example/', 't')}"
    assert [one.url for one in read(page)] == ["https://a.example/1.jpg"]


def test_a_coding_whose_name_holds_a_nul(read: Read) -> None:
    image = imgres("https://a.example/1.jpg", "https://a.example/", "t")
    page = f'Content-Type: text/html; charset="utf\0x"\r\nContent-Location: https://a.example/\r\n\r\n{image}'
    assert [one.url for one in read(page, "page.mhtml")] == ["https://a.example/1.jpg"]


def test_an_mhtml_without_a_page_is_refused(read: Read) -> None:
    with pytest.raises(UsageError, match="no page that can be read"):
        read("Content-Type: image/jpeg\r\n\r\nxx", "page.mht")


def test_nothing_but_the_web_s_addresses_is_passed_on(read: Read) -> None:
    bad = ["javascript:alert(1)", "file:///etc/passwd", "data:image/png;base64,AA", "http://[::1", "//", "x" * 9000]
    page = "".join(f'<a href="https://g/?imgurl={quote(one, safe="")}">x</a><img src="{one}">' for one in bad)
    with pytest.raises(UsageError):
        read(page)


def assert_names(error: UsageError, path: Path) -> None:
    assert str(path) in str(error)


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any.html"
    path.write_bytes(b'<a href="/i?imgurl=http://[' + data + b'<script>["https://' + data + b'",480,640]' + data)
    try:
        found = list(read_results_page(path))
    except UsageError as e:
        assert_names(e, path)
    else:
        assert all(one.url.startswith(("http://", "https://")) for one in found)
