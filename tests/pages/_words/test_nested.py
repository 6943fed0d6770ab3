"""A message inside another is told in the reader's language, too."""

from __future__ import annotations

import json
import re
import socket
import string
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from db.base.messages import from_columns, to_columns
from pages._ui import job_view
from pages._words import recorded
from pipeline.core.errors import DecodeError, MoueError
from pipeline.core.message_table import TEMPLATES, VERBATIM
from pipeline.core.messages import MOST_LEVELS, Message, holes, message
from pipeline.core.records import Settings
from pipeline.core.templates.requests import PARTS
from pipeline.crawl.engines.client import check_name, checked_redirect
from pipeline.crawl.url_list import read_list
from pipeline.export.export import plan
from pipeline.export.write import write
from pipeline.faces.detect import check_options
from pipeline.fetch.addresses import parse
from pipeline.files.decision_file import read_decisions
from pipeline.pixels.decode import decode

HAN = re.compile(r"[\u4e00-\u9fff]")
INNER = message("file_empty")
INNER_ZH = "文件为空"
ENGLISH = re.compile(r"\b[a-z]{2,} [a-z]{2,}\b")


def plain_holes() -> Iterator[tuple[str, str]]:
    """(code, hole) of each hole that a message may fill: those that are not quoted."""
    for code, template in TEMPLATES.items():
        for _, name, _, conversion in string.Formatter().parse(template):
            if name and not conversion:
                yield code, name


HOLES = sorted(set(plain_holes()))


def test_there_are_holes() -> None:
    assert len(HOLES) > 200


@pytest.mark.parametrize("code", sorted({code for code, _ in HOLES}))
def test_a_message_in_any_hole_is_chinese_in_a_chinese_sentence(code: str) -> None:
    """The English sentence, with the English one in it; the same Chinese, as if its words had been put in by hand."""
    for name in (hole for one, hole in HOLES if one == code):
        params: dict[str, object] = dict.fromkeys(holes(TEMPLATES[code]), 7)
        outer = message(code, **params | {name: INNER})
        by_hand = {locale: Message(code, message(code, **params | {name: words}).params)
                   for locale, words in (("en", "the file is empty"), ("zh", INNER_ZH))}  # fmt: skip
        assert outer.text == recorded.translate(outer, "en") == by_hand["en"].text
        told = recorded.translate(outer, "zh")
        assert told == recorded.translate(by_hand["zh"], "zh")
        assert INNER_ZH in told
        assert "the file is empty" not in told


@pytest.mark.parametrize("code", sorted({code for code, _ in HOLES}))
def test_a_list_in_any_hole_has_the_language_s_comma(code: str) -> None:
    for name in (hole for one, hole in HOLES if one == code):
        params: dict[str, object] = dict.fromkeys(holes(TEMPLATES[code]), 7)
        one = message(code, **params | {name: ("cat", "dog", "cup")})
        assert "cat, dog, cup" in one.text
        assert one.text == recorded.translate(one, "en")
        assert "cat、dog、cup" in recorded.translate(one, "zh")
        if code != VERBATIM:  # a part of another message as text alone
            assert "cat、dog、cup" in recorded.translate(message("processing_failed", why=one), "zh")


@pytest.mark.parametrize("code", sorted(PARTS))
def test_each_part_is_translated(code: str) -> None:
    params = dict.fromkeys(holes(PARTS[code]), 7)
    part = message(code, **params)
    outer = message("unlisted", why=part)
    assert recorded.translate(part, "zh") in recorded.translate(outer, "zh")
    assert not ENGLISH.search(re.sub(r"`[^`]*`|pip install", "", recorded.translate(outer, "zh")))


def test_inner_ones_are_translated_at_any_depth() -> None:
    deep = INNER
    for _ in range(MOST_LEVELS - 1):
        deep = message("processing_failed", why=deep)
    assert recorded.translate(deep, "zh") == "处理失败：" * (MOST_LEVELS - 1) + INNER_ZH


def test_several_messages_have_a_chinese_joint() -> None:
    two = message("export_refused", problems=(INNER, message("export_no_classes")))
    assert recorded.translate(two, "zh").endswith(
        f"{INNER_ZH}；{recorded.translate(message('export_no_classes'), 'zh')}"
    )
    assert recorded.translate(two, "en") == two.text


def test_an_older_row_keeps_its_words() -> None:
    old = from_columns("it cannot be listed: the file is empty", "unlisted", '{"why": "the file is empty"}')
    assert recorded.translate(old, "zh").endswith("the file is empty")


@pytest.mark.parametrize(
    "params", ["{", '{"why": {"code": "weather", "params": {}}}', '{"why": [1, {}]}', "[" * 100_000]
)
def test_a_row_that_was_tampered_with_is_shown_as_its_words(params: str) -> None:
    assert recorded.translate(from_columns("the words", "unlisted", params), "zh") == "the words"


def wrong_list(folder: Path, name: str, text: str) -> Path:
    (folder / name).write_text(text, "utf-8")
    return folder / name


REAL: dict[str, Callable[[Path], object]] = {
    "a PDF": lambda _: decode(b"%PDF-1.7", "photo.jpg", Settings()),
    "a web page": lambda _: decode(b"<!DOCTYPE html><html></html>", "photo.jpg", Settings()),
    "a Photoshop file of 16 bits": lambda _: decode(b"8BPS\0\1" + bytes(16) + b"\0\x10\0\3", "a.psd", Settings()),
    "a redirect to a scheme": lambda _: checked_redirect("Bing", "https://bing.example/", "ftp://x.example/", 1),
    "a redirect to an inner address": lambda _: checked_redirect(
        "Bing", "https://bing.example/", "http://127.0.0.1/", 1
    ),
    "no scheme": lambda _: parse("//x.example/"),
    "a name of this machine": lambda _: check_name("https://localhost.example/", 5),
    "a detector without options": lambda _: check_options("course", [("scale", 1.3)]),
    "an unknown option": lambda _: check_options("hog", [("side", 640)]),
    "an option out of range": lambda _: check_options("yunet", [("side", 7)]),
    "a cell that is no text": lambda folder: list(read_list(wrong_list(folder, "a.jsonl", '{"url": 3}'))),
    "an export without classes": lambda folder: write(plan([], []), Path, folder / "out"),
    "an export of empty classes": lambda folder: write(plan([], ["smile", "pout"]), Path, folder / "out"),
    "a table without a header": lambda folder: read_decisions(wrong_list(folder, "a.csv", "\n"), "Ann"),
}


@pytest.mark.parametrize("what", REAL)
def test_what_is_really_raised_holds_no_english_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 443))]
    monkeypatch.setattr("socket.getaddrinfo", lambda *_: found)
    with pytest.raises((MoueError, DecodeError)) as refused:
        REAL[what](tmp_path)
    told = recorded.translate(refused.value.message, "zh").replace(str(tmp_path), "")
    assert HAN.search(told)
    assert not ENGLISH.search(told.replace("sha256 或", "")), told
    assert from_columns(*to_columns(refused.value.message)).text == str(refused.value)


def test_a_search_s_note_is_kept_in_the_job_s_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    """As `jobs.counts` holds it, between a crawl and the page."""
    said = message("engine_redirect_refused", engine="Bing", why=message("scheme_not_fetched", scheme="ftp"))
    note = json.loads(json.dumps({"message": said.text, "code": said.code, "params": said.json_params()}))
    monkeypatch.setattr("pages._words.recorded.language", lambda: "zh")
    told = job_view._said(note)
    assert "ftp" in told
    assert not ENGLISH.search(told)
    older = {"message": "Bing cannot be reached"}
    assert job_view._said(older) == "Bing cannot be reached"
