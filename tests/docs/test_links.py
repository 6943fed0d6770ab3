"""Every link of the pages leads to a file, or a heading, that is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.pages import PAGES, README, name_of, without_blocks

LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")


def anchors(path: Path) -> set[str]:
    """As GitHub makes them of headings."""
    headings = re.findall(r"^#+ (.+)$", without_blocks(path), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def broken(path: Path, text: str) -> list[str]:
    problems = []
    for link in LINK.findall(text):
        target, _, anchor = link.partition("#")
        if re.match(r"(https?|mailto):", link):
            continue
        found = path if not target else path.parent / target
        if not found.exists() or (anchor and anchor not in anchors(found)):
            problems.append(link)
    return problems


@pytest.mark.parametrize("document", PAGES, ids=name_of)
def test_links_resolve(document: Path) -> None:
    assert broken(document, without_blocks(document)) == []


def test_a_broken_link_would_be_found() -> None:
    text = "[a](docs/no.md) [b](docs/cluster.md#no) [c](docs/cluster.md) ![d](docs/review.png) [e](#words) [f](#no)"
    assert broken(README, text) == ["docs/no.md", "docs/cluster.md#no", "#no"]


def test_the_readme_leads_to_every_page_of_docs() -> None:
    """By a link of its own, or of a page that it links to."""
    seen: set[Path] = set()
    ways = [README]
    while ways:
        page = ways.pop()
        if page in seen or page.suffix != ".md":
            continue
        seen.add(page)
        targets = (link.partition("#")[0] for link in LINK.findall(without_blocks(page)))
        ways += [(page.parent / t).resolve() for t in targets if t and "://" not in t and (page.parent / t).is_file()]
    assert {p for p in PAGES if p.parent == README.parent / "docs"} <= seen


def test_the_readme_stays_short() -> None:
    assert len(README.read_bytes()) <= 9000
