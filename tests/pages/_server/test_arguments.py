"""What is said to the server behind `--`."""

from __future__ import annotations

import os

import pytest

from pages._server import arguments
from pipeline.core.errors import UsageError


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOUE_WORKSPACE", "by env")
    monkeypatch.setenv("MOUE_WORKSPACES", "all by env")


def said() -> tuple[str | None, str | None]:
    return os.environ.get("MOUE_WORKSPACE"), os.environ.get("MOUE_WORKSPACES")


@pytest.mark.parametrize("words", [["--workspaces", "all"], ["--workspaces=all"]])
def test_the_command_line_goes_before_the_environment(words: list[str]) -> None:
    arguments.apply(["/moue/app.py", *words])
    assert said() == (None, "all")


def test_one_workspace_is_one_workspace() -> None:
    arguments.apply(["app.py", "--workspace", "mine"])
    assert said() == ("mine", None)


@pytest.mark.parametrize("argv", [[], ["app.py"], ["/bin/uvicorn", "app:app", "--port", "1"]])
def test_nothing_said_to_us_changes_nothing(argv: list[str]) -> None:
    arguments.apply(argv)
    assert said() == ("by env", "all by env")


@pytest.mark.parametrize("words", [["--workspaces"], ["--work", "x"], ["x"], ["--workspace", "a", "b"]])
def test_a_word_that_is_not_understood_is_refused(words: list[str]) -> None:
    with pytest.raises(UsageError, match="--workspaces FOLDER"):
        arguments.apply(["app.py", *words])
