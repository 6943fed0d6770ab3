from __future__ import annotations

import pickle

import pytest

from pipeline.core.errors import DecodeError, MoueError, UsageError, error_line, last_message
from pipeline.core.messages import message, verbatim
from pipeline.core.outcome import STORED_OUTCOMES, Outcome


def test_each_refusal_of_the_decode_gate_has_an_outcome_of_its_own() -> None:
    kinds = DecodeError.__subclasses__()
    assert {kind.outcome for kind in kinds} == {
        Outcome.UNDECODABLE, Outcome.TOO_LARGE, Outcome.UNSUPPORTED, Outcome.UNAVAILABLE,
    }  # fmt: skip
    assert len(kinds) == 4
    assert not any(kind.outcome in STORED_OUTCOMES for kind in kinds)


def test_a_refusal_keeps_its_outcome_on_its_way_out_of_a_worker() -> None:
    for kind in DecodeError.__subclasses__():
        assert pickle.loads(pickle.dumps(kind("why"))).outcome is kind.outcome


@pytest.mark.parametrize(
    "error",
    [
        UsageError(message("path_not_there", path="/gone")),
        UsageError(message("list_changes", file="a", why=message("file_empty"))),
        UsageError("plain words"),
    ],
    ids=str,
)
def test_a_command_s_error_reaches_the_server_with_its_code(monkeypatch: pytest.MonkeyPatch, error: MoueError) -> None:
    assert error_line(error) == f"moue: {error}"
    assert last_message(f"a warning\n{error_line(error)}\n") == verbatim(str(error))
    monkeypatch.setenv("MOUE_ERRORS", "json")
    assert last_message(f"a warning\n{error_line(error)}\n") == error.message


def test_a_path_that_is_no_text_reaches_the_server_as_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOUE_ERRORS", "json")
    line = error_line(UsageError(message("path_not_there", path="/\udcff")))
    told = last_message(line)
    assert told == message("path_not_there", path=r"/\xff")
    assert told.text.encode()


@pytest.mark.parametrize("line", ["3", "[]", "null", '{"text": 3}', '"x"', "{", "[" * 100_000, "Segmentation fault"])
def test_any_other_last_line_is_words(line: str) -> None:
    assert last_message(f"first\n{line}\n") == verbatim(line)


def test_nothing_was_said() -> None:
    assert last_message(" \n") is None
