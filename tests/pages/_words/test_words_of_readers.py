"""Which language a reader gets, and that everything said on a page is in the dictionary."""

from __future__ import annotations

import ast
import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from models.landmarker import LANDMARKER
from pages import _words
from pages._ui.detector_options import option_name
from pipeline.core.message_table import TEMPLATES, VERBATIM
from pipeline.core.metrics import METRICS
from pipeline.faces.detect import DETECTORS
from tests.source.parsed import parsed

PAGES = Path(_words.__file__).parents[1]
HOLES = re.compile(r"\{(\w*)")


@pytest.mark.parametrize(
    ("cookie", "locale", "told"),
    [
        (None, None, "en"), (None, "zh-CN", "zh"), (None, "zh", "zh"), (None, "zh_TW", "zh"), ("en", "zh-CN", "en"),
        ("zh", "de-DE", "zh"), (None, "de-DE", "en"), ("xx", "zh-CN,zh;q=0.9", "zh"), (None, "en-US,zh;q=0.5", "en"),
    ],
)  # fmt: skip
def test_the_choice_comes_before_the_browser(cookie: str | None, locale: str | None, told: str) -> None:
    assert _words.chosen(cookie, locale) == told


def test_a_text_without_translation_stays_english() -> None:
    assert _words.translate("zh", "no such {thing}", thing="text") == "no such text"
    assert _words.translate("en", "{n} of {m}", n="1", m="2") == "1 of 2"


def test_what_a_component_may_say() -> None:
    script = 'say(t("took back {n}", { n })); start("x"); app.t("not ours"); const A = mark("later")'
    html = '<button title="undo (z)" data-do="undo"><kbd>z</kbd> undo <b>‹</b></button>'
    assert _words.texts_of([script], html) == {"took back {n}", "later", "undo (z)", "undo"}


def test_numbers_in_english_have_the_right_noun() -> None:
    assert [_words.count(n, "box", "boxes") for n in (0, 1, 1200)] == ["0 boxes", "1 box", "1,200 boxes"]


def python_texts() -> Iterator[tuple[str, str]]:
    """(where, text) of each literal given to t, mark and count."""
    for file in sorted(PAGES.rglob("*.py")):
        for node in ast.walk(parsed(file.read_text("utf-8"))):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            texts = [one.value for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str)]
            if name in ("t", "mark", "count") and texts:
                text = "{n} " + (texts[1] if len(texts) > 1 else texts[0] + "s") if name == "count" else texts[0]
                yield f"{file.relative_to(PAGES)}:{node.lineno}", text


def component_texts() -> Iterator[tuple[str, str]]:
    for folder in sorted({file.parent for file in PAGES.rglob("*.js")} - {PAGES / "_words"}):
        scripts = [file.read_text("utf-8") for file in sorted(folder.glob("*.js"))]
        html = "".join(file.read_text("utf-8") for file in sorted(folder.glob("*.html")))
        for text in sorted(_words.texts_of(scripts, html)):
            yield folder.name, text


def figures() -> Iterator[tuple[str, str]]:
    for metric in METRICS:
        yield "measures", metric.label
        yield "measures", metric.help
    for info in DETECTORS.values():
        yield "detectors", info.good_at
        for option in info.options:
            yield "detectors", option.help
            yield "detectors", option_name(option)


def weights() -> Iterator[tuple[str, str]]:
    yield "landmarker", LANDMARKER.licence


def messages() -> Iterator[tuple[str, str]]:
    for code, template in TEMPLATES.items():
        if code != VERBATIM:
            yield f"message {code}", template


SAID = [*python_texts(), *component_texts(), *figures(), *weights(), *messages()]


def test_everything_said_is_in_the_dictionary() -> None:
    known = _words.dictionary("zh")
    assert {f"{where}: {text}" for where, text in SAID if text not in known} == set()


def test_nothing_in_the_dictionary_is_unsaid() -> None:
    assert set(_words.dictionary("zh")) - {text for _, text in SAID} == set()


def test_translations_have_the_same_holes() -> None:
    for text, told in _words.dictionary("zh").items():
        assert sorted(HOLES.findall(text)) == sorted(HOLES.findall(told)), text
        assert told.strip()


def test_the_files_of_the_dictionary_are_in_order() -> None:
    """Sorted by their English text, so that two people's additions merge; each text in one file."""
    told: list[str] = []
    for file in sorted((PAGES / "_words" / "zh").rglob("*.json")):
        keys = list(json.loads(file.read_text("utf-8")))
        assert keys == sorted(keys), file.name
        told += keys
    assert [text for text, times in Counter(told).items() if times > 1] == []
