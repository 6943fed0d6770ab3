"""What styles may do to words: they stay readable in light and dark, also where no program looks: under a pointer."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest

PAGES: Final = Path(__file__).parents[3] / "pages"
STYLES: Final = sorted(PAGES.rglob("*.css"))
RULE: Final = re.compile(r"([^{}]+)\{([^{}]*)\}")
OPACITY: Final = re.compile(r"(?<![-\w])opacity:\s*(\d*\.?\d+)")
ACCENT: Final = re.compile(r"(?<![-\w])color:\s*var\(--st-primary-color\)")
LEAST: Final = 0.7
"""Of our text on our grounds that is 6.6 : 1; half of it is 3.5 : 1, and WCAG asks for 4.5 : 1."""
NO_WORDS: Final = re.compile(r"(\b(img|svg|to)|:disabled|::before)$")
"""Pictures; what cannot be pressed now, of which WCAG asks nothing; and a step of an animation."""


def named(path: Path) -> str:
    return path.relative_to(PAGES).as_posix()


def faint(style: str) -> list[str]:
    """The selectors of rules that make words fainter than can be read; what is not shown at all is no word."""
    style = re.sub(r"/\*.*?\*/", "", style, flags=re.DOTALL)
    found = []
    for selectors, rule in RULE.findall(style):
        if any(0 < float(part) < LEAST for part in OPACITY.findall(rule)):
            found += [one.strip() for one in selectors.split(",") if not NO_WORDS.search(one.strip())]
    return found


@pytest.mark.parametrize("file", STYLES, ids=named)
def test_words_are_no_fainter_than_can_be_read(file: Path) -> None:
    assert faint(file.read_text("utf-8")) == []


def test_what_counts_as_faint() -> None:
    style = (
        ".a { opacity: .5; } .b img, .c { opacity: 0.3 } .d { opacity: 0; } /* .e { opacity: .1 } */ .f { opacity: .8 }"
    )
    assert faint(style) == [".a", ".c"]


@pytest.mark.parametrize("file", STYLES, ids=named)
def test_the_accent_is_no_colour_of_words(file: Path) -> None:
    """It is chosen for white words on it: as words on a dark page it has 3.8 : 1."""
    assert ACCENT.findall(file.read_text("utf-8")) == []
