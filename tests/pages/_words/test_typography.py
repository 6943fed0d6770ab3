"""Chinese as it is set: full-width signs, one word for one thing."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from pages import _words
from tests.source.parsed import parsed

ZH = _words.dictionary("zh")
HAN = "\u4e00-\u9fff"
FULL = "，。：；！？（）“”、"
CODE = re.compile(r"`[^`]*`|\{[^}]*\}|https?://\S+|\*\*")
RULES = {
    "a half-width sign behind a Chinese character": rf"[{HAN}][,;!?](?=\s|$|[{HAN}])|[{HAN}]:(?!\w+[\[_])",
    "half-width brackets beside a Chinese character": rf"[{HAN}] ?\(|\) ?[{HAN}]",
    "a space beside a full-width sign": rf"[{FULL}] | [{FULL}]",
    "a space between two Chinese characters": rf"[{HAN}] [{HAN}]",
    "a full stop of Latin script": rf"[{HAN}]\.(?=\s|$)",
    "three points instead of an ellipsis": r"\.\.\.|。。",
    "straight quotes around Chinese": rf"\"[{HAN}]",
    "a space before the sign of per cent": r" %(?!\w)",
}
WORDS = ("近似副本", "按键", "标注者", "金标准", "收集", "你")
"""A near copy is 近似重复, a key that does something 快捷键, an annotator 标注员, gold 已知答案, to collect
采集; and people are spoken to as 您."""


def faults(text: str) -> list[str]:
    plain = CODE.sub("0", text)
    return [name for name, pattern in RULES.items() if re.search(pattern, plain)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("已决定 3 张，共 5 张。", 0), ("已决定,共", 1), ("已决定: 3", 1), ("放大 (+)", 1), ("放大（+）", 0),
        ("照片 。", 1), ("人 脸", 1), ("完成.", 1), ("请稍候...", 1), ("占 20 %", 1), ("占 20%", 0),
        ("`a, b`：路径", 0), ('"人脸"', 1),
    ],
)  # fmt: skip
def test_what_counts_as_a_fault(text: str, found: int) -> None:
    assert len(faults(text)) == found


def test_chinese_is_set_as_chinese() -> None:
    assert {text: (told, faults(told)) for text, told in ZH.items() if faults(told)} == {}


@pytest.mark.parametrize("avoided", WORDS)
def test_one_word_for_one_thing(avoided: str) -> None:
    assert {text: told for text, told in ZH.items() if avoided in told} == {}


def test_a_crop_is_one_word_and_to_cut_it_another() -> None:
    named = {text: told for text, told in ZH.items() if re.search(r"\bcrops?\b", text, re.IGNORECASE)}
    assert len(named) >= 60
    verbs = re.compile(r"重新裁剪|从原图裁剪|并裁剪……")
    assert {text: told for text, told in named.items() if re.search(r"裁剪(?!图)", verbs.sub("", told))} == {}


PAGES = Path(_words.__file__).parents[1]


def trees() -> Iterator[tuple[str, ast.Module]]:
    for file in sorted(PAGES.rglob("*.py")):
        yield file.name, parsed(file.read_text("utf-8"))


def said_in(node: ast.AST | None) -> str:
    """The text of a `t("…")`; "" for anything else."""
    if isinstance(node, ast.Call) and ast.unparse(node.func) == "t" and isinstance(node.args[0], ast.Constant):
        return str(node.args[0].value)
    return ""


def test_columns_of_a_table_have_names_of_their_own() -> None:
    """A row is a dict by its columns' names: of two that read alike in a language, one is lost."""
    tables = [(name, [ZH[text] for text in map(said_in, node.keys) if text]) for name, tree in trees()
              for node in ast.walk(tree) if isinstance(node, ast.Dict)]  # fmt: skip
    tables = [(name, heads) for name, heads in tables if heads]
    assert len(tables) >= 5
    assert [(name, heads) for name, heads in tables if len(set(heads)) < len(heads)] == []


def test_no_space_after_a_counted_thing() -> None:
    """`count` ends in a Chinese word: `3 张人脸 的` would have a gap."""
    counted = [(said_in(node), word.arg) for _, tree in trees() for node in ast.walk(tree) if said_in(node)
               for word in getattr(node, "keywords", []) if ast.unparse(word.value).startswith("count(")]  # fmt: skip
    assert len(counted) >= 25
    told = [(f"{{{name}}}", ZH[text]) for text, name in counted]
    assert [text for hole, text in told if re.search(rf"{re.escape(hole)} [{HAN}]", text)] == []


def test_sentences_stand_behind_each_other_as_their_language_sets_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_words, "language", lambda: "zh")
    assert _words.sentences("一。", "", "二。") == "一。二。"
    monkeypatch.setattr(_words, "language", lambda: "en")
    assert _words.sentences("One.", "Two.", "") == "One. Two."


def test_a_share_is_set_as_the_language_sets_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (_words.per_cent("65"), _words.per_cent_format()) == ("65 %", "%d %%")
    monkeypatch.setattr(_words, "language", lambda: "zh")
    assert (_words.per_cent("65"), _words.per_cent_format()) == ("65%", "%d%%")


PAGES = Path(_words.__file__).parents[1]


@pytest.mark.parametrize("file", [*PAGES.rglob("*.py"), *PAGES.rglob("*.js")], ids=lambda file: file.name)
def test_no_page_sets_the_sign_of_per_cent_by_itself(file: Path) -> None:
    """In the reader's language it comes from `t` or `per_cent`; `%` alone is CSS."""
    assert re.findall(r"\} %[`<\"'](?!, )|:\.\d%\}|%d ?%%", file.read_text("utf-8")) == []
