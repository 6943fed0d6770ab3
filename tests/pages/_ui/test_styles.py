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


def plain(path: Path) -> str:
    """Its rules without comments."""
    return re.sub(r"/\*.*?\*/", "", path.read_text("utf-8"), flags=re.DOTALL)


def blocks(style: str, condition: str) -> str:
    """The rules inside of `@media (condition)`, of all of them."""
    found, at = "", 0
    while (at := style.find(f"@media ({condition})", at)) >= 0:
        start = at = style.index("{", at) + 1
        depth = 1
        while depth:
            depth += {"{": 1, "}": -1}.get(style[at], 0)
            at += 1
        found += style[start : at - 1]
    return found


def test_what_is_underlined_under_a_pointer_is_underlined_where_none_hovers() -> None:
    """Else a finger is not told that it may be pressed."""
    style = plain(PAGES / "_ui" / "shell.css")
    always = blocks(style, "hover: none")
    underlined = [rule[0] for rule in RULE.findall(style) if ":hover" in rule[0] and "underline" in rule[1]]
    named = {name for selectors in underlined for name in re.findall(r"\[data-testid=[^]]+\]", selectors)}
    assert len(named) > 1
    assert {name for name in named if name not in always} == set()
    assert "text-decoration: underline" in always


SHOWN: Final = re.compile(r"(?<![-\w])(visibility|display|opacity|content-visibility|pointer-events)\s*:")


@pytest.mark.parametrize("file", STYLES, ids=named)
def test_nothing_is_shown_under_a_pointer_alone(file: Path) -> None:
    """What is there only while something hovers is out of reach of a finger and of Tab."""
    style = plain(file)
    alone = [
        one.strip()
        for selectors, rule in RULE.findall(style)
        if SHOWN.search(rule)
        for one in selectors.split(",")
        if ":hover" in one
    ]
    assert alone == []


@pytest.mark.parametrize("condition", ["max-width: 900px", "pointer: coarse"])
def test_reasons_that_go_on_beyond_the_window_fade_at_its_edge(condition: str) -> None:
    style = plain(PAGES / "_components" / "review_grid" / "review_grid.css")
    (rule,) = [
        rule for selectors, rule in RULE.findall(blocks(style, condition)) if ".reasons" in selectors and "auto" in rule
    ]
    assert "mask-image: var(--more)" in rule
    assert "padding-right: 32px" in rule  # or the last one would stay faint


def test_tables_keep_their_words_whole_on_a_phone_and_scroll() -> None:
    rules = RULE.findall(blocks(plain(PAGES / "_ui" / "shell.css"), "max-width: 640px"))
    widths = {one.strip(): rule for selectors, rule in rules for one in selectors.split(",") if "min-width" in rule}
    assert {"min-width: 72px;"} == {
        widths[f".{kind} {cell}"].strip()
        for kind in ("moue-table", "moue-scores", "moue-figures")
        for cell in ("th", "td")
    }


def test_no_button_names_its_key_where_there_is_no_keyboard() -> None:
    with_keys = [file for file in STYLES if re.search(r"^kbd \{", plain(file), re.MULTILINE)]
    assert len(with_keys) > 3
    assert [
        named(file) for file in with_keys if "button kbd { display: none" not in blocks(plain(file), "pointer: coarse")
    ] == []
