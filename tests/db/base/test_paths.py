from __future__ import annotations

import os

from hypothesis import given
from hypothesis import strategies as st

from db.base.paths import to_path, to_text


@given(st.binary(max_size=60))
def test_any_file_name_comes_back_and_its_text_can_be_stored(name: bytes) -> None:
    path = name.decode("utf-8", "surrogateescape")
    text = to_text(path)
    text.encode("utf-8")
    if not any(0x10FE80 <= ord(c) <= 0x10FEFF for c in path):  # a name that uses these private characters itself
        assert os.fsencode(to_path(text)) == name


def test_ordinary_names_are_stored_as_they_are() -> None:
    assert to_text("/photos/Zoë 张.jpg") == "/photos/Zoë 张.jpg"
