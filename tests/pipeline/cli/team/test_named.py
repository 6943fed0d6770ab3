"""A command that writes in somebody's name does what that person's role may do, and nothing else."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from functools import partial

import pytest

from db.store.store import Store
from db.tables import annotators, roles
from pipeline.cli.arguments import build_parser
from pipeline.cli.commands import COMMANDS, NAMED, check_role
from pipeline.core.errors import NotAllowedError, UsageError
from pipeline.core.roles import ROLES, Role
from tests.pipeline.commands import inside

READS: frozenset[str] = frozenset({"audit"})
"""Commands whose `--annotator` only chooses what is told."""
LINES: dict[str, tuple[list[str], Role]] = {
    "decide": (["decide", "d.csv"], "annotator"),
    "import": (["import", "set"], "annotator"),
    "import that makes classes": (["import", "set", "--make-classes"], "owner"),
    "consensus": (["consensus", "--rule", "majority"], "owner"),
    "refit": (["consensus", "--refit"], "owner"),
    "undo": (["consensus", "--undo"], "owner"),
    "preview": (["consensus", "--rule", "majority", "--preview"], "viewer"),
    "export": (["export", "--out", "e"], "reviewer"),
}
"""The lowest role that may run each, written down apart from the table."""


def test_every_command_that_takes_a_name_is_in_the_table() -> None:
    (commands,) = (a for a in build_parser()._actions if isinstance(a, argparse._SubParsersAction))
    names = {name for name in COMMANDS if "--annotator" in commands.choices[name].format_help() or name == "export"}
    assert names == {*NAMED, *READS}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Ada owns it, Bo has whatever role a test gives him."""
    with Store.open(tmp_path_factory.mktemp("named")) as store:
        for name in ("Ada", "Bo"):
            store.write(partial(annotators.ensure_annotator, name=name))
        store.write(roles.settle_owner)
        yield store


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("line", sorted(LINES))
def test_each_command_in_the_name_of_each_role(store: Store, line: str, role: Role) -> None:
    store.write(lambda db: roles.set_role(db, "Bo", role, "Ada"))
    words, lowest = LINES[line]
    args = build_parser().parse_args([*words, "--annotator", " bo "])
    if ROLES.index(role) >= ROLES.index(lowest):
        check_role(args, store)
    else:
        with pytest.raises(NotAllowedError):
            check_role(args, store)


def test_a_bad_name_is_a_fault_of_usage(store: Store) -> None:
    with pytest.raises(UsageError):
        check_role(build_parser().parse_args(["decide", "d.csv", "--annotator", "command line"]), store)


def test_a_viewer_cannot_change_the_rule(store: Store) -> None:
    store.write(lambda db: roles.set_role(db, "Bo", "viewer", "Ada"))
    done = inside("consensus", "--rule", "majority", "--annotator", "Bo", "--workspace", store.root)
    assert done.returncode == 1
    assert "owner" in done.stderr
    assert "latest" in inside("consensus", "--workspace", store.root).stdout
