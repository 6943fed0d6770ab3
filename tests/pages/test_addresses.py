"""An address that a page or a route gives away begins with the path of its workspace, never with the site's root."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest

PAGES: Final = Path(__file__).resolve().parents[2] / "pages"
FROM_THE_ROOT: Final = re.compile(r"""["'`(=]/(?:api|w|_stcore|%s)(?:["'`/?]|$)""")
NAMES: Final = "|".join(sorted(path.stem for path in PAGES.glob("[a-z]*.py")))
MOUNTED: Final = re.compile(r"""Route\(\s*["']/[^"']*["']""")
"""Where a route is defined its path begins at the root: the workspace's is put before it, see `spaces`."""

DOCSTRING: Final = re.compile(r'"""[\s\S]*?"""')


def from_the_root(text: str) -> list[str]:
    """The lines with such an address."""
    wanted = re.compile(FROM_THE_ROOT.pattern % NAMES)
    return [line for line in MOUNTED.sub("", DOCSTRING.sub("", text)).splitlines() if wanted.search(line)]


def test_no_address_begins_at_the_site_s_root() -> None:
    files = [path for kind in ("py", "js", "html") for path in sorted(PAGES.rglob(f"*.{kind}"))]
    assert len(files) > 100
    found = {path.relative_to(PAGES).as_posix(): from_the_root(path.read_text("utf-8")) for path in files}
    assert {path: lines for path, lines in found.items() if lines} == {}


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ('a = "/api/face/1"', True), ("a = f'/review?x={y}'", True), ("fetch(`/api/changes`)", True),
        ('<a href="/team">', True), ("<a href=/w/a>", True), ('a = f"{base}api/face"', False),
        ('Route("/api/face/{id}", face)', False), ("fetch(`${base}api/changes`)", False), ('"/apis"', False),
    ],
)  # fmt: skip
def test_what_counts_as_one(text: str, wrong: bool) -> None:
    assert bool(from_the_root(text)) is wrong
