"""Streamlit's own words are those that we know, and each has its Chinese."""

from __future__ import annotations

import json
import re
from pathlib import Path

import streamlit

from pages._components.streamlit_labels import LABELS, PARTS, PICKER, script
from pages._words import dictionary


def test_streamlit_still_says_each_of_them() -> None:
    """With another version they may be others: then they are to be looked up."""
    files = (Path(streamlit.__file__).parent / "static" / "static" / "js").glob("*.js")
    said = "".join(file.read_text("utf-8") for file in files)
    unknown = [label for label in LABELS if not re.search(rf"[`\"]{re.escape(label)}\.?[`\"]", said)]
    assert unknown == []
    assert f"{PICKER}`" in said


def test_each_has_its_chinese() -> None:
    assert [ours for ours in [*LABELS.values(), *PARTS.values()] if ours not in dictionary("zh")] == []
    words, _ = json.JSONDecoder().raw_decode(script().partition("const WORDS = ")[2])
    assert words["zh"]["Choose an option"] == "请选择一项"
