"""The section of the map: what it hands to its component, where it leads, and what it says while none is described."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from pages._server import identity, workspace
from pages._suggest import map as section
from tests.db import make

PAGE = str(Path(__file__).resolve().parents[3] / "pages" / "suggestions.py")


@pytest.fixture
def given(empty: Path, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What the component was handed."""
    monkeypatch.setattr(identity, "identify", lambda cookies, headers: "Olga")
    found: list[dict[str, Any]] = []
    monkeypatch.setattr(section, "face_map", lambda data, **_: found.append(dict(data)))
    return found


def page() -> AppTest:
    made = AppTest.from_file(PAGE, default_timeout=60)
    made.query_params["section"] = "map"
    made.run()
    assert not made.exception
    return made


def test_it_says_what_is_missing_while_nothing_is_described(given: list[dict[str, Any]]) -> None:
    assert "No mouth is described yet" in page().info[0].value
    assert given == []


def test_the_component_gets_all_classes_and_who_may_keep_sets(given: list[dict[str, Any]]) -> None:
    store = workspace.get_store()
    make.add_images(store, ["a"])
    store.write(lambda db: db.execute("INSERT INTO descriptor_bases VALUES (1, 'one', 1, x'00')"))
    data = struct.pack("<48e", *(0.5,) * 48)
    store.write(lambda db: db.execute("INSERT INTO descriptors SELECT seq, 1, ? FROM faces", [data]))
    assert not page().info
    (handed,) = given
    assert [one["name"] for one in handed["classes"]][:2] == ["none", "pout"]
    assert handed["locked"] == ""
