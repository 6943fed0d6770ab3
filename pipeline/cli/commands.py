"""The commands by name. A command's module is imported only when it is asked for: `--help` needs none of them."""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Final

from db.store.store import Store
from db.tables import annotators, jobs, roles
from pipeline.core.errors import SignInError, UsageError
from pipeline.core.roles import Action

COMMANDS: Final = {
    "ingest": "pipeline.cli.ingest:cmd_ingest",
    "import": "pipeline.cli.imports.imports:cmd_import",
    "crawl": "pipeline.cli.crawl:cmd_crawl",
    "video": "pipeline.cli.video:cmd_video",
    "reprocess": "pipeline.cli.reprocess:cmd_reprocess",
    "duplicates": "pipeline.cli.duplicates:cmd_duplicates",
    "compare": "pipeline.cli.compare:cmd_compare",
    "decide": "pipeline.cli.decide:cmd_decide",
    "predictions": "pipeline.cli.suggest.predictions:cmd_predictions",
    "consensus": "pipeline.cli.team.consensus:cmd_consensus",
    "classifier": "pipeline.cli.suggest.classify:cmd_classifier",
    "similar": "pipeline.cli.suggest.similar:cmd_similar",
    "suggest": "pipeline.cli.suggest.suggest:cmd_suggest",
    "export": "pipeline.cli.export:cmd_export",
    "status": "pipeline.cli.maintain.status:cmd_status",
    "verify": "pipeline.cli.maintain.maintain:cmd_verify",
    "backup": "pipeline.cli.maintain.maintain:cmd_backup",
    "erase": "pipeline.cli.maintain.maintain:cmd_erase",
    "people": "pipeline.cli.people.people:cmd_people",
    "roles": "pipeline.cli.team.people:cmd_roles",
    "audit": "pipeline.cli.team.people:cmd_audit",
    "token": "pipeline.cli.team.token:cmd_token",
}
"""Command -> module:function, called with the arguments and the open workspace; returns the exit code."""
WITHOUT_DATABASE: Final = {
    "restore": "pipeline.cli.maintain.maintain:cmd_restore",
    "release": "pipeline.cli.release.release:cmd_release",
    "classify": "pipeline.cli.suggest.classify:cmd_classify",
}
"""Those that are called with the workspace's folder, which need not hold a database yet."""
MAKES_WORKSPACE: Final = frozenset({"ingest", "import", "crawl", "video"})

NAMED: Final[dict[str, tuple[tuple[str, Action], ...]]] = {
    "decide": (("", "label"),),
    "import": (("", "label"), ("make_classes", "classes")),
    "consensus": (("rule", "consensus_rule"), ("refit", "consensus_rule"), ("undo", "consensus_rule")),
    "export": (("", "export"),),
}
"""Of each command that writes in the name of `--annotator`: what that person must be allowed to do, always ("") or
where the option is given. With `--preview` nothing is written."""


def check_role(args: argparse.Namespace, store: Store) -> None:
    """Raises NotAllowedError where the person whom a command names may not do what it does; UsageError for a bad name.

    Without a name it is done by the command line, whose roles are the file system's. A page's job is done by whoever
    started it: labels of a data set may have a name of their own.
    """
    given = getattr(args, "annotator", None)
    if job_id := getattr(args, "job", None):
        job = store.read(partial(jobs.get, job_id=job_id))
        given = job.annotator if job is not None and job.annotator else given
    needed = {action for option, action in NAMED.get(args.command, ()) if not option or getattr(args, option)}
    if not given or not needed or getattr(args, "preview", False):
        return
    try:
        name = annotators.clean_name(given)
    except SignInError as e:
        raise UsageError(e.message) from e
    for action in sorted(needed):
        store.read(partial(roles.require, annotator=name, action=action))


def command(name: str) -> Callable[[argparse.Namespace, Store], int]:
    """The function of a command of `COMMANDS`."""
    found: Callable[[argparse.Namespace, Store], int] = _resolved(COMMANDS[name])
    return found


def command_without_database(name: str) -> Callable[[argparse.Namespace, Path], int] | None:
    """The function of a command of `WITHOUT_DATABASE`, None for any other."""
    target = WITHOUT_DATABASE.get(name)
    return None if target is None else _resolved(target)


def _resolved(target: str) -> Any:
    module, _, function = target.partition(":")
    return getattr(importlib.import_module(module), function)
