"""Names of releases that come from folders and files, which may be called anything."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.actions.release.accepted import check_name, name_after


@pytest.mark.parametrize(
    ("place", "name"),
    [
        ("mouths", "mouths"), ("FER: faces", "FER- faces"), (".hidden", "hidden"), ("--out", "out"), ("...", "data"),
        ("a" * 200, "a" * 80), ("aux.v1", "_aux.v1"), ("CON", "_CON"), ("", "data"), ("  a   b ", "a b"),
        ("c\u0327a", "ça"), ('what? "this"', "what- -this-"),
    ],
)  # fmt: skip
def test_a_folder_s_name_becomes_a_release_s(place: str, name: str) -> None:
    assert name_after(place) == name


@given(st.text(max_size=120))
def test_whatever_a_folder_is_called_its_release_can_have_the_name(place: str) -> None:
    name = name_after(place)
    assert check_name(name) == name
