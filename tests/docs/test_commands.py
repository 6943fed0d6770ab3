"""Every command that the pages name exists, with every option named, and docs/command-line.md leaves none out."""

from __future__ import annotations

import argparse
import re
from contextlib import closing
from pathlib import Path

import pytest

from db.decisions import chain
from db.store.store import Store
from pipeline.cli.arguments import build_parser
from tests.bench import scale_rows
from tests.docs.pages import COMMAND_LINE, PAGES, README, ROOT, blocks, name_of, without_blocks
from tests.pipeline import forked
from tests.pipeline.commands import environment

OF_EACH = {"--help", "--workspace", "--json"}
CALL = re.compile(r"^(?:\S+\$ )?python -m pipeline (\S+)(.*)$")


def commands() -> dict[str, dict[str, argparse.Action]]:
    """Command -> its options by name, hidden ones apart; those of what it can do (`people folders`) are its own."""
    return {name: options_of(parser) for name, parser in parsers_below(build_parser()).items()}


def parsers_below(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    found = next((a for a in parser._actions if isinstance(a, argparse._SubParsersAction)), None)
    return {} if found is None else dict(found.choices)


def options_of(parser: argparse.ArgumentParser) -> dict[str, argparse.Action]:
    own = {
        option: action
        for action in parser._actions
        if action.help != argparse.SUPPRESS
        for option in action.option_strings
        if option.startswith("--")
    }
    for below in parsers_below(parser).values():
        own |= options_of(below)
    return own


def calls(path: Path) -> list[tuple[str, str]]:
    """(command, its arguments) of each call in a page's blocks; lines that go on are joined, DETECTION is filled in."""
    found: list[tuple[str, str]] = []
    for block in (*blocks(path), *blocks(path, "bash")):
        macros = dict(re.findall(r"^([A-Z]+): (.*)$", block, re.MULTILINE))
        for line in re.sub(r"\n +", " ", block).splitlines():
            for name, text in macros.items():
                line = line.replace(f"[{name}]", text)
            if match := CALL.match(line):
                found.append((match[1], match[2].partition("#")[0]))
    return found


def named(path: Path) -> list[tuple[str, str]]:
    """(command, its arguments) of each call that a page's sentences name."""
    return re.findall(r"`python -m pipeline ([a-z]+)([^`]*)`", without_blocks(path))


CALLS = [(name_of(path), *call) for path in PAGES for call in (*calls(path), *named(path))]


@pytest.mark.parametrize(("document", "command", "arguments"), CALLS)
def test_a_command_and_its_options_exist(document: str, command: str, arguments: str) -> None:
    assert command in commands(), document
    for option, values in re.findall(r"(--[a-z-]+)(?: ([\w|-]+))?", arguments):
        assert option in commands()[command], f"{document}: {command} has no {option}"
        choices = commands()[command][option].choices
        if "|" in values and choices:
            assert values.split("|") == list(choices), f"{document}: {command} {option}"


@pytest.mark.parametrize(("document", "command", "arguments"), CALLS)
def test_a_command_that_takes_options_alone_gets_nothing_else(document: str, command: str, arguments: str) -> None:
    parser = parsers_below(build_parser())[command]
    if any(not action.option_strings for action in parser._actions):
        return
    rest = arguments
    for name, action in commands()[command].items():
        value = "" if action.nargs == 0 else r" \[?(?!--)[^\s\]]+"
        rest = re.sub(rf"{name}(?![a-z-]){value}", "", rest)
    assert not rest.strip(" .|[]"), f"{document}: {command} takes options alone"


def test_the_page_leaves_no_command_and_no_option_out() -> None:
    told = {command: set(re.findall(r"--[a-z-]+", arguments)) for command, arguments in calls(COMMAND_LINE)}
    assert told == {command: set(options) - OF_EACH for command, options in commands().items()}


def test_the_readme_shows_the_way_from_photos_to_files() -> None:
    assert [command for command, _ in calls(README)] == ["ingest", "decide", "export"]


def test_a_wrong_option_would_be_found() -> None:
    with pytest.raises(AssertionError, match="has no --colour"):
        test_a_command_and_its_options_exist("page", "ingest", "PATH --colour red")


def test_the_page_names_every_variable_of_the_environment() -> None:
    sources = [p for top in ("pages", "pipeline", "db", "models") for p in (ROOT / top).rglob("*.py")]
    used = {name for p in sources for name in re.findall(r"\bMOUE_[A-Z_]+\b", p.read_text("utf-8"))}
    rows = re.findall(r"^\| (`MOUE_[^|]*) \|", COMMAND_LINE.read_text("utf-8"), re.MULTILINE)
    assert used == {name for row in rows for name in re.findall(r"`(MOUE_\w+)`", row)}


def programs() -> dict[str, set[str]]:
    """The programs that are started by hand, and their options that a page names."""
    found: dict[str, set[str]] = {}
    for path in PAGES:
        for line in path.read_text("utf-8").splitlines():
            for name, rest in re.findall(r"python -m (tests\.(?:bench|faults|each_alone)[\w.]*)([^`|]*)", line):
                found.setdefault(name, set()).update(re.findall(r"--[a-z-]+", rest))
    return found


@pytest.mark.long_but(4)
@pytest.mark.parametrize("program", sorted(programs()))
def test_a_program_starts_and_has_the_options_named(program: str) -> None:
    done = forked.run(["--help"], environment(), module=program)
    told = done.stdout.decode()
    assert done.returncode == 0, done.stderr.decode()
    assert told.startswith(f"usage: python -m {program} ")
    for option in programs()[program]:
        assert option in told


def test_the_workspace_of_the_benches_fits_the_tables_of_today(tmp_path: Path) -> None:
    scale_rows.make(tmp_path, 40, 60, 30)
    with closing(Store.open(tmp_path)) as store:
        assert store.read(lambda db: list(db.query("SELECT count(*) AS number FROM decisions"))) == [{"number": 30}]
        assert store.read(chain.verify_links) == []
