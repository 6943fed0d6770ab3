"""Which page an address names."""

from __future__ import annotations

import pytest

from pages._ui.addresses.wrong_address import path_of


@pytest.mark.parametrize(
    ("url", "base", "named"),
    [
        ("http://h:1/review?state=all", "/", "review"), ("http://h:1/", "/", ""), ("http://h:1", "/", ""),
        ("http://h:1/review/", "/", "review"), ("http://h:1/%E6%B2%A1", "/", "没"), (None, "/", ""),
        ("http://h:1/w/faces/nothing", "/w/faces/", "nothing"), ("http://h:1/w/faces/", "/w/faces/", ""),
        ("http://h:1/elsewhere", "/w/faces/", ""), ("http://h:1/a/b", "/", "a/b"),
    ],
)  # fmt: skip
def test_the_name_in_an_address(url: str | None, base: str, named: str) -> None:
    assert path_of(url, base) == named
