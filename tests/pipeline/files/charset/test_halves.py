"""Half a character: refused in a document that is meant, replaced in a stranger's field."""

from __future__ import annotations

import pytest

from pipeline.files.charset.halves import from_json, without_halves


@pytest.mark.parametrize("text", ['{"a": "\\ud83d"}', '["\\uDE00 b"]', '{"\\ud800": 1}', b'["\\ud83d\\ud83d"]'])
def test_half_a_character_is_refused_with_what_it_is(text: str | bytes) -> None:
    with pytest.raises(ValueError, match=r"half a character is in it \("):
        from_json(text)


@pytest.mark.parametrize(
    ("text", "value"), [('["\\ud83d\\ude00"]', ["😀"]), ('["\\\\ud83d"]', ["\\ud83d"]), (b'{"a": 1}', {"a": 1})]
)
def test_what_is_whole_is_read(text: str | bytes, value: object) -> None:
    assert from_json(text) == value


def test_two_halves_that_belong_together_are_one() -> None:
    assert without_halves("a \ud83d\ude00 b") == "a 😀 b"
    assert without_halves("a \ud83d b \ude00") == "a \ufffd b \ufffd"
    assert without_halves("微笑 😀") == "微笑 😀"
