"""Streamlit's own words are those that we know, and each has its Chinese."""

from __future__ import annotations

import json
import re
from pathlib import Path

import streamlit

from pages._components.streamlit_labels import AROUND, LABELS, script
from pages._words import dictionary


def test_streamlit_still_says_each_of_them() -> None:
    """With another version they may be others: then they are to be looked up."""
    files = (Path(streamlit.__file__).parent / "static" / "static" / "js").glob("*.js")
    said = "".join(file.read_text("utf-8") for file in files)
    unknown = [label for label in LABELS if not re.search(rf"[`\"]{re.escape(label)}\.?[`\"]", said)]
    assert unknown == []
    around = [name.split("{name}") for name in AROUND if "," not in name]  # the parts of a day are its library's
    assert [one for one in around if (f"`{one[0]}${{" if one[0] else f"}}{one[1]}`") not in said] == []


def test_each_has_its_chinese() -> None:
    assert [ours for ours in [*LABELS.values(), *AROUND.values()] if ours not in dictionary("zh")] == []
    words, _ = json.JSONDecoder().raw_decode(script().partition("const WORDS = ")[2])
    assert words["zh"]["Choose an option"] == "请选择一项"
