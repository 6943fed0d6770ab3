from __future__ import annotations

from typing import Any

import pytest

from db.base.messages import from_columns, to_columns, with_message
from pipeline.core.messages import message, verbatim

SAID = message("file_exists", file="/a/moue.db")


@pytest.mark.parametrize("said", [SAID, verbatim("what another program said"), verbatim("")])
def test_a_message_comes_back_as_it_went_in(said: Any) -> None:
    assert from_columns(*to_columns(said)) == said


@pytest.mark.parametrize("params", ["", "[1]", "null", '{"file": ["x", {}]}', "[" * 100_000, '{"other": "x"}'])
def test_parameters_that_somebody_wrote_leave_the_words(params: str) -> None:
    assert str(from_columns("the words", "file_exists", params)) == "the words"


def test_a_code_of_another_version_leaves_the_words() -> None:
    assert str(from_columns("the words", "not_yet_known", "{}")) == "the words"


def test_a_row_has_its_message_instead_of_the_columns() -> None:
    text, code, params = to_columns(SAID)
    row = {"id": 3, "error": text, "error_code": code, "error_params": params}
    assert with_message(row, "error") == {"id": 3, "error": SAID}
    assert row["error"] == text, "the row of the database stays"


def test_a_row_without_one_has_none() -> None:
    row = {"id": 3, "error": None, "error_code": None, "error_params": None}
    assert with_message(row, "error") == {"id": 3, "error": None}
