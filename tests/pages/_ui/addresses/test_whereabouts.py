"""Where a list begins that somebody comes back to."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
import streamlit as st

from pages._server import workspace
from pages._ui.addresses import whereabouts


@pytest.fixture
def address(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The parameters of the address, as Streamlit gives and takes them."""
    params: dict[str, str] = {}
    monkeypatch.setattr(st, "query_params", params)
    return params


@pytest.mark.parametrize(
    ("said", "shown_before", "after"),
    [
        ("", "", None),
        ("7", "", "6"),  # the row 7 is the first one: what comes after 6
        ("", "7", "6"),
        ("12.0.7", "3.1", "12.0.6"),  # the address is what the person sees
        ("0.1", "", "0.0"),
        ("no cursor", "7", None),  # somebody typed it
        ("1.2.", "", None),
        ("1; DROP TABLE images", "", None),
        ("-", "", None),
    ],
)
def test_the_cursor_before_the_first_row(
    address: dict[str, str], said: str, shown_before: str, after: str | None
) -> None:
    address |= {"from": said, "at": "whatever"} if said else {}
    assert whereabouts.cursor(shown_before) == ({} if after is None else {"after": after})


def test_another_list_begins_at_its_beginning(address: dict[str, str]) -> None:
    address |= {"from": "7", "at": "9", "outcome": "added"}
    whereabouts.forget()
    assert address == {"outcome": "added"}
    assert whereabouts.cursor() == {}
    whereabouts.forget()  # and where there is nothing to forget
    assert address == {"outcome": "added"}


def test_two_workspaces_have_two_names_in_a_browser(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def key_of(folder: str) -> str:
        monkeypatch.setattr(workspace, "root", lambda: tmp_path / folder)
        return whereabouts.workspace_key()

    assert key_of("one") == key_of("one") != key_of("other")
    assert key_of("one") == hashlib.sha256(bytes(tmp_path / "one")).hexdigest()[:12]
    assert str(tmp_path) not in key_of("one")  # a cookie's name tells nobody the server's folders
