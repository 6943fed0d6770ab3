"""A library's own words never stand in a message: Moue's do, with a code, so that they can be said in any language."""

from __future__ import annotations

import csv
import json
import os
import re
import sqlite3
import subprocess
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from io import BytesIO
from xml.parsers import expat

import pytest

from pages._words import recorded
from pipeline.core.messages import Message, damage, message


def _xml() -> None:
    expat.ParserCreate().Parse(b"<a>\n<b></a>", True)


def _rows(text: str) -> list[list[str]]:
    return list(csv.reader([text], strict=True))


def _written() -> None:
    db = sqlite3.connect(":memory:")
    db.execute("PRAGMA query_only = ON")
    db.execute("CREATE TABLE t (a)")


def test_an_error_that_nobody_expected_is_told_by_its_kind_and_where_it_was_raised() -> None:
    with pytest.raises(ValueError, match="odd") as caught:
        int("odd")
    told = str(message("program_died", why=caught.value).params["why"])
    assert re.search(r"\(ValueError, test_foreign_words\.py:\d+\)", told)
    assert "(ValueError)" in str(message("program_died", why=ValueError("odd")).params["why"])


@pytest.mark.parametrize(
    ("fails", "code"),
    [
        (lambda: json.loads("{\n 1}"), "json_wrong"),
        (_xml, "xml_wrong"),
        (lambda: b"ab\xff".decode(), "text_wrong"),
        (lambda: "x".encode("no such"), "encoding_unknown"),
        (lambda: "\u0130".encode("idna") and "..a".encode("idna"), "name_wrong"),
        (lambda: _rows('"a" b,c'), "csv_behind_quote"),
        (lambda: _rows('"a'), "csv_quote_open"),
        (lambda: _rows('"' + "a" * 140_000 + '"'), "csv_cell_long"),
        (lambda: tarfile.TarFile(fileobj=BytesIO(b"x" * 600)), "archive_wrong"),
        (lambda: zipfile.ZipFile(BytesIO(b"x")), "archive_wrong"),
        (lambda: zlib.decompress(b"x"), "archive_wrong"),
        (lambda: json.loads("[" * 200_000), "nested_too_deep"),
        (lambda: __import__("no_such_package"), "package_missing"),
        (lambda: subprocess.run(["sleep", "9"], timeout=0.01, check=False), "took_too_long"),
        (lambda: os.stat("/no/such/file"), "os_no_such_file"),
        (lambda: sqlite3.connect("/no/such/folder/x.db"), "sqlite_not_opened"),
        (_written, "sqlite_read_only"),
        (lambda: sqlite3.connect(":memory:").execute("nonsense"), "program_error"),
        (lambda: int("odd"), "program_error"),
        (lambda: {}["odd"], "program_error"),
    ],
)  # fmt: skip
def test_an_error_of_a_library_is_told_in_our_words(fails: Callable[[], object], code: str) -> None:
    with pytest.raises(Exception) as caught:  # noqa: PT011 - of any kind: that is the point
        fails()
    told = message("unlisted", why=caught.value).params["why"]
    assert isinstance(told, Message)
    assert told.code == code
    assert str(caught.value) not in told.text
    assert recorded.translate(told, "zh") != told.text


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("Truncated File Read", "damage_cut"),
        ("image file is truncated (12 bytes not processed)", "damage_cut"),
        ("Premature end of JPEG file", "damage_cut"),
        ("Corrupt JPEG data: premature end of data segment", "damage_data"),
        ("broken PNG file (bad header checksum in b'IDAT')", "damage_sum"),
        ("Unsupported BMP compression (9)", "damage_kind"),
        ("Corrupt JPEG data: 12 extraneous bytes before marker 0xd9", "damage_bytes"),
        ("decoder error -2", "damage_data"),
        ("list index out of range", "damage_data"),
    ],
)
def test_what_a_reader_of_pixels_says_is_told_in_our_words(words: str, code: str) -> None:
    assert damage(ValueError(words)) == Message(code)
