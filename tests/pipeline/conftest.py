from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.pipeline.commands import ingest, rows
from tests.pipeline.photos import astronaut, coffee, hopper, numbered_head


@dataclass(frozen=True)
class Mixed:
    """A workspace after one ingest of a folder with something of everything."""

    workspace: Path
    source: Path
    figures: dict[str, Any]


@pytest.fixture(scope="session")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Mixed:
    """12 regular files: 5 added (one in a zip, given by itself), 1 of no face, the rest for each other outcome."""
    root = tmp_path_factory.mktemp("mixed")
    source = root / "photos of a week"
    (source / "smile" / "deep").mkdir(parents=True)
    (source / "a.png").write_bytes(astronaut().read_bytes())
    (source / "smile" / "b.jpg").write_bytes(hopper().read_bytes())
    (source / "smile" / "deep" / "c.jpg").write_bytes(numbered_head(1))
    (source / "cup.png").write_bytes(coffee().read_bytes())
    (source / "z copy.png").write_bytes(astronaut().read_bytes())
    (source / "half.jpg").write_bytes(hopper().read_bytes()[:30_000])
    (source / "empty.jpg").write_bytes(b"")
    (source / "page.jpg").write_bytes(b"<html><body>404</body></html>")
    (source / "notes.txt").write_text("hello")
    (source / "inner.zip").write_bytes(b"PK\x05\x06" + b"\0" * 18)
    (source / "link.jpg").symlink_to(hopper())
    with zipfile.ZipFile(root / "more.zip", "w") as archive:
        archive.writestr("x/d.jpg", numbered_head(2))
        archive.writestr("x/e.jpg", numbered_head(3))
        archive.writestr("x/", b"")
    figures = ingest(root / "w", source, root / "more.zip", "--propose-classes")
    return Mixed(root / "w", source, figures)


@pytest.fixture(scope="session")
def heads(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace of twelve photos with one face each, copied into it; nothing is decided."""
    root = tmp_path_factory.mktemp("heads")
    for number in range(12):
        (root / f"head-{number:02}.jpg").write_bytes(numbered_head(number))
    ingest(root / "w", *sorted(root.glob("*.jpg")), "--copy")
    return root / "w"


@pytest.fixture
def faces(heads: Path) -> list[tuple[str, str]]:
    """(face id, image SHA-256) of each."""
    return [(f, s) for f, s in rows(heads, "SELECT id, sha256 FROM faces ORDER BY id")]
