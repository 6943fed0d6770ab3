"""Tables that are larger than anybody can hold: refused before they fill the memory, or read row by row."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.core.errors import UsageError
from pipeline.crawl.url_list import read_list
from pipeline.files import text_encoding
from pipeline.files.decision_file import read_decisions
from pipeline.files.person_file import read_persons

ROWS = 6_000
READERS: dict[str, Callable[[Path], object]] = {
    "decisions": lambda path: read_decisions(path, "Ann"),
    "persons": read_persons,
    "addresses": lambda path: list(read_list(path)),
}


@pytest.mark.parametrize("kind", READERS)
def test_a_line_without_end(tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_encoding, "_LONGEST_LINE", 1 << 18)
    path = tmp_path / "x.csv"
    header = {"decisions": "face_id,verdict", "persons": "face_id,person", "addresses": "url,class"}[kind]
    path.write_text(f"{header}\n" + "x" * (1 << 19))
    tracemalloc.start()
    try:
        with pytest.raises(UsageError, match="a line of more than 262,144 bytes"):
            READERS[kind](path)
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("kind", ["decisions", "persons"])
def test_more_rows_than_are_kept(tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_encoding, "MOST_KEPT", 100)
    path = tmp_path / "x.csv"
    path.write_text("face_id,verdict,person\n" + "a" * 100)
    with pytest.raises(UsageError, match="more than 100 bytes: split it"):
        READERS[kind](path)


def peak_of(read: Callable[[], object]) -> int:
    tracemalloc.start()
    try:
        read()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_decision_takes_what_it_says(tmp_path: Path) -> None:
    """Rows with their cells by name were kept beside what was made of them: 970 bytes each."""
    path = tmp_path / "x.csv"
    path.write_text("face_id,verdict,label\n" + "".join(f"{n:064x},accept,smile\n" for n in range(ROWS)))
    assert peak_of(lambda: read_decisions(path, "Ann")) < 700 * ROWS


def test_an_address_with_a_class_takes_a_number(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("url,class\n" + "".join(f"https://a.example/{'p' * 300}/{n}.jpg,smile\n" for n in range(ROWS)))
    assert peak_of(lambda: sum(1 for _ in read_list(path))) < 250 * ROWS
