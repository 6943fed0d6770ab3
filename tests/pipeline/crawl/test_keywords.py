from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.core.errors import UsageError
from pipeline.crawl.keywords import Keyword, parse_file, parse_lines, parse_typed, read_keywords


def test_typed_ones_are_separated_by_commas_or_lines() -> None:
    assert parse_typed("pouting face, smile，嘟嘴、大笑\n\n  open   mouth ,, smile") == tuple(
        map(Keyword, ["pouting face", "smile", "嘟嘴", "大笑", "open mouth"])
    )
    assert parse_typed("duck face, kiss\tpout") == (Keyword("duck face, kiss", "pout"),)
    assert parse_typed(" \n,, ") == ()


def test_a_line_of_a_file_may_hold_commas_and_a_class() -> None:
    assert parse_lines("lips, closed\tnone\n\n\t\nsmile\n") == (Keyword("lips, closed", "none"), Keyword("smile"))


def test_a_keyword_counts_once_and_has_one_class() -> None:
    assert parse_lines("smile\nsmile\tsmile\nsmile") == (Keyword("smile", "smile"),)
    with pytest.raises(UsageError, match="two classes: “smile” and “none”"):
        parse_lines("smile\tsmile\nsmile\tnone")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.txt", "duck face\tpout\nlips, closed\n"),
        ("a.txt", "duck face;pout\nlips, closed\n"),
        ("a.txt", "Keyword; Class\nduck face;pout\nlips, closed;\n"),
        ("a.txt", "sep=;\rduck face;pout\r\rlips, closed\r"),
        ("a.csv", 'duck face,pout\n"lips, closed"\n'),
        ("a.csv", "duck face;pout\nlips, closed\n"),
        ("a.csv", 'sep=,\r\nQuery,Label\r\nduck face,pout\r\n"lips, closed",\r\n,\r\n'),
        ("a.tsv", "关键词\t类别\nduck face\tpout\nlips, closed\n"),
    ],
)
def test_tables_of_keywords(tmp_path: Path, name: str, text: str) -> None:
    for encoding in ("utf-8-sig", "utf-16", "utf-16-be"):
        (tmp_path / name).write_bytes(text.encode(encoding))
        assert read_keywords(tmp_path / name) == (Keyword("duck face", "pout"), Keyword("lips, closed"))


@pytest.mark.parametrize("coding", ["utf-8", "utf-8-sig", "gb18030"])
def test_files_as_they_are_saved(tmp_path: Path, coding: str) -> None:
    file = tmp_path / "关键词.txt"
    file.write_bytes("嘟嘴 表情\tpout\r\n\r\n微笑\r\n".encode(coding))
    assert read_keywords(file) == (Keyword("嘟嘴 表情", "pout"), Keyword("微笑"))


def test_what_is_no_text_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "words.txt"
    file.write_bytes(b"\xff\xff\xff")
    with pytest.raises(UsageError, match="save it as UTF-8"):
        read_keywords(file)
    with pytest.raises(UsageError, match="cannot be read"):
        read_keywords(tmp_path / "missing.txt")
    with pytest.raises(UsageError, match="more than 200 characters"):
        parse_lines("x" * 201)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.json", '[{"keyword": "duck face", "class": "pout"}, "lips, closed"]'),
        ("a.json", '{"pout": ["duck face"], "keywords": ["lips, closed"]}'),
        ("a.jsonl", '{"Query": "duck face", "label": "pout"}\n"lips, closed"\n'),
        ("a.txt", '{"keywords": [{"query": "duck  face", "label": "pout"}, {"query": "lips, closed", "label": null}]}'),
    ],
)
def test_lists_in_json(tmp_path: Path, name: str, text: str) -> None:
    for encoding in ("utf-8-sig", "utf-16"):
        (tmp_path / name).write_bytes(text.encode(encoding))
        assert read_keywords(tmp_path / name) == (Keyword("duck face", "pout"), Keyword("lips, closed"))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('["smile"', "no sound JSON"), ("[[1]]", "a list of keywords"), ('{"smile": 3}', "a list of keywords"),
        ('{"class": "smile"}', "a list of keywords"), ("[3]", "a list of keywords"), ("[" * 5000, "no sound JSON"),
    ],
)  # fmt: skip
def test_json_that_is_no_list_of_keywords_is_refused(tmp_path: Path, text: str, why: str) -> None:
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(UsageError, match=rf"a\.json.*{why}"):
        read_keywords(tmp_path / "a.json")


def test_a_keyword_in_brackets_is_no_json(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("[smile] close-up\n")
    assert read_keywords(tmp_path / "a.txt") == (Keyword("[smile] close-up"),)


@pytest.mark.parametrize(
    "data", [b"%PDF-1.4\n", b"{\\rtf1 smile}", b"\n<html><td>smile</td>", b"<!DOCTYPE html>\nsmile\n"]
)
@pytest.mark.parametrize("name", ["k.txt", "k.csv"])
def test_a_document_is_not_searched_for_line_by_line(data: bytes, name: str) -> None:
    with pytest.raises(UsageError, match=r"a PDF or a word|a web page"):
        parse_file(data, name)


def test_excels_line_with_a_tab_is_no_keyword() -> None:
    assert parse_file(b"sep=\t\r\nkeyword\tclass\r\nbig grin\tsmile\r\n", "k.txt") == (Keyword("big grin", "smile"),)


@pytest.mark.parametrize("head", ["# by hand\n", "# by hand, class, and more\n\n", "\ufeff# a\n#\n"])
@pytest.mark.parametrize("name", ["k.txt", "k.csv", "k.tsv"])
def test_comments_are_not_searched_for(name: str, head: str) -> None:
    expected = (Keyword("big grin", "smile"), Keyword("#pout"))
    part = "," if name == "k.csv" else "\t"
    rows = f"big grin{part}smile\n#pout\n"
    assert parse_file(f"{head}keyword{part}class\n{rows}".encode(), name) == expected
    assert parse_file(f"# by hand\n{rows}".encode(), name) == expected


@pytest.mark.parametrize("text", ["- a b\n- c\n", "* a b\n*\tc", "  • a b\n  • c", "1. a b\n2) c", "a b\n\n- c"])
def test_a_list_s_bullets_are_no_words(text: str) -> None:
    assert [one.text for one in parse_file(text.encode(), "a.txt")] == ["a b", "c"]


@pytest.mark.parametrize("text", ["smile -cartoon", "-smile", "3d smile", "1.5 smile", "#smile"])
def test_what_is_no_bullet(text: str) -> None:
    assert [one.text for one in parse_file(text.encode(), "a.txt")] == [text]
