"""docs/security.md says what the code does."""

from __future__ import annotations

import re
from pathlib import Path

from pages._routes import sign_in
from pages._web.headers import CONTENT, HEADERS

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "security.md").read_text("utf-8")


def test_each_header_is_told_with_its_value() -> None:
    told = dict(re.findall(r"^\| `([A-Z][\w-]+)` \| (.+?) \| ", TEXT, re.MULTILINE))
    assert told == {
        name: "see below" if name == "Content-Security-Policy" else f"`{value}`" for name, value in HEADERS.items()
    }


def test_the_content_policy_is_told_part_by_part() -> None:
    block = TEXT.split("```")[1].strip().splitlines()
    assert block == [f"{name} {' '.join(map(plain, values))}" for name, values in CONTENT.items()]


def plain(value: str) -> str:
    return "sha256-…" if value.startswith("'sha256-") else value


def test_the_rate_of_sign_ins_is_the_one_told() -> None:
    assert f"{sign_in.A_MINUTE} sign-ins a minute" in TEXT


def test_the_tests_that_it_names_are_there() -> None:
    named = re.findall(r"`(tests/[\w/.]+)`", TEXT)
    assert named
    assert all((ROOT / name).exists() for name in named), named
