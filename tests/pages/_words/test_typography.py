"""Chinese as it is set: full-width signs, one word for one thing."""

from __future__ import annotations

import re

import pytest

from pages import _words

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
}
WORDS = ("近似副本", "按键")
"""A near copy is 近似重复, a key that does something 快捷键."""


def faults(text: str) -> list[str]:
    plain = CODE.sub("0", text)
    return [name for name, pattern in RULES.items() if re.search(pattern, plain)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("已决定 3 张，共 5 张。", 0), ("已决定,共", 1), ("已决定: 3", 1), ("放大 (+)", 1), ("放大（+）", 0),
        ("照片 。", 1), ("人 脸", 1), ("完成.", 1), ("请稍候...", 1),
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
