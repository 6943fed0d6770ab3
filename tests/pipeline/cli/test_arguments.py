"""Every option of every command: numbers have a range, paths are never empty."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.cli import values
from pipeline.cli.arguments import build_parser
from pipeline.cli.values import Number
from tests.pipeline.commands import inside

PLAIN_WORDS = {
    "--to", "--rejects-as",
    "--views", "--annotator", "sha256", "--source-name", "--class", "--executor", "--job", "keywords", "--engine",
    "--proxy", "--contact", "--name", "--licence", "name", "role", "--action", "--show", "--suggester",
    "--model-version", "--for", "--line", "--run",
}  # fmt: skip
"""Arguments that are words: neither numbers nor paths nor one of a list."""


def subparsers() -> dict[str, argparse.ArgumentParser]:
    (action,) = (a for a in build_parser()._actions if isinstance(a, argparse._SubParsersAction))
    return dict(action.choices)


def arguments() -> Iterator[tuple[str, argparse.Action]]:
    """(command, argument) of all that take a value."""
    for name, parser in subparsers().items():
        for action in parser._actions:
            if action.nargs != 0 and not isinstance(action, argparse.BooleanOptionalAction):
                yield name, action


def name_of(action: argparse.Action) -> str:
    return action.option_strings[0] if action.option_strings else action.dest


def words_of(command: str, action: argparse.Action, value: str) -> list[str]:
    """A command line that is right but for this one value."""
    needed = {"ingest": ["x"], "video": ["x"], "crawl": ["smile"], "decide": ["x", "--annotator=a"], "backup": ["x"],
              "restore": ["x"], "erase": ["0" * 64], "export": ["--out=x"]}.get(command, [])  # fmt: skip
    if action.option_strings:
        return [command, *(w for w in needed if not w.startswith(name_of(action))), f"{name_of(action)}={value}"]
    return [command, *needed[1:], "--", value]


ALL = list(arguments())
NUMBERS = [(c, a) for c, a in ALL if isinstance(a.type, Number)]
PATHS = [(c, a) for c, a in ALL if a.type in (values.path, values.path_or_url)]
NAMED = {"ids": lambda one: one if isinstance(one, str) else name_of(one)}


def test_each_argument_is_a_number_with_a_range_a_path_one_of_a_list_or_a_word() -> None:
    """A bare `int` takes -1 and 10^30, a bare `float` nan, a bare `Path` the current folder for an empty variable."""
    rest = [a for c, a in ALL if not a.choices and (c, a) not in NUMBERS + PATHS]
    assert {name_of(a) for a in rest} - {"--set"} <= PLAIN_WORDS
    assert {a.type for a in rest} == {None, values.option, values.given}
    assert len(NUMBERS) >= 20
    assert len(PATHS) >= 18


@pytest.mark.parametrize(("command", "action"), NUMBERS, **NAMED)  # type: ignore[arg-type]
def test_a_number_out_of_range_ends_with_two(command: str, action: argparse.Action, tmp_path: Path) -> None:
    assert isinstance(action.type, Number)
    of = action.type.range
    beyond = (
        [str(of.least - 1), str(of.most + 1), str(10**29)]
        if of.whole
        else [f"{of.least - 0.5}", f"{of.most * 2}", "1e99"]
    )
    for value in (*beyond, "nan", "inf", "-inf", "", " ", "many", "1_0", "1e9999"):
        done = inside(*words_of(command, action, value), "--workspace", tmp_path / "w")
        assert (done.returncode, done.stdout) == (2, ""), value
        assert len(done.stderr.splitlines()) == 1
        assert name_of(action) in done.stderr
        assert "between" in done.stderr
    assert not (tmp_path / "w").exists()


@pytest.mark.parametrize(("command", "action"), [(c, a) for c, a in ALL if a.type is values.given], **NAMED)  # type: ignore[arg-type]
@pytest.mark.parametrize("value", ["", " \t"])
def test_a_word_of_an_unset_variable_ends_with_two(
    command: str, action: argparse.Action, value: str, tmp_path: Path
) -> None:
    """`--class "$CLASS"` of a variable that was never set proposed nothing, and said nothing."""
    done = inside(*words_of(command, action, value), "--workspace", tmp_path / "w")
    assert (done.returncode, done.stdout) == (2, "")
    assert "is empty" in done.stderr
    assert not (tmp_path / "w").exists()


@pytest.mark.parametrize("value", ["score=nan", "score=inf", "score=", "=1", "score", "score=1e99", "score=x"])
def test_a_setting_is_a_name_and_a_number(value: str, tmp_path: Path) -> None:
    done = inside("ingest", "x", "--set", value, "--workspace", tmp_path / "w")
    assert done.returncode == 2
    assert "NAME=NUMBER" in done.stderr


@pytest.mark.parametrize(("command", "action"), PATHS, **NAMED)  # type: ignore[arg-type]
@pytest.mark.parametrize("value", ["", " ", "\t\n", "file://", "file://localhost"])
def test_an_empty_path_ends_with_two(
    command: str, action: argparse.Action, value: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`ingest "$PHOTOS"` of a variable that was never set took the folder that it was called in."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MOUE_WORKSPACE", raising=False)
    (tmp_path / "private.jpg").write_bytes(b"x")
    done = inside(*words_of(command, action, value))
    assert (done.returncode, done.stdout) == (2, "")
    assert "the path is empty" in done.stderr
    assert [file.name for file in tmp_path.iterdir()] == ["private.jpg"]


def test_a_workspace_of_blanks_is_refused_where_the_environment_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MOUE_WORKSPACE", "  ")
    done = inside("ingest", tmp_path)
    assert done.returncode == 2
    assert "MOUE_WORKSPACE" in done.stderr
    assert list(tmp_path.iterdir()) == []
