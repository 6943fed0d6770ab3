"""The command line. `pipeline.cli.*` are its commands: with this module, the ones that also know the database.

What a command does not need is not imported: `--version` and `--help` look at no database, `status` at no photo.
"""

from __future__ import annotations

import sys

if (
    __name__ == "__main__"
    and sys.argv[1:2] == ["ingest"]
    and not {"serial", "--help", "-h"} & set(sys.argv)
    and " dask:" not in " ".join(sys.argv)
):
    from pipeline.run.fork_server import start_fork_server

    start_fork_server()  # it loads the model on another core while the imports below run on this one

import gc
import os
import signal
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.cli.output import finish_output, prepare_output
from pipeline.core.exit_codes import FINDINGS, INTERRUPTED, USAGE

if TYPE_CHECKING:
    import argparse

    from db.store.store import Store


def _log_to(root: Path) -> None:
    """Where that cannot be written (a full disk, a folder that may only be read), the work goes on without a log."""
    import logging

    from db.base.workspace import LOG_NAME

    logging.raiseExceptions = False  # a line that cannot be written is no reason for a traceback
    with suppress(OSError):
        logging.basicConfig(
            filename=root / LOG_NAME,
            encoding="utf-8",
            errors="backslashreplace",
            level=logging.INFO,
            format="%(asctime)s %(process)d %(levelname)s %(message)s",
        )


def _terminate(_signal: int, _frame: object) -> None:
    raise KeyboardInterrupt


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code (see the design: 0, 1 findings, 2 usage, 130 interrupted)."""
    asked = sys.argv[1:] if argv is None else list(argv)
    if asked == ["--version"]:
        from pipeline.core.version import VERSION_LINE

        print(VERSION_LINE)
        return 0
    from pipeline.cli.arguments import build_parser

    args = build_parser(asked[0] if asked else None).parse_args(asked)
    signal.signal(signal.SIGTERM, _terminate)
    from pipeline.core.errors import MoueError, UsageError, error_line, refused_place

    try:
        return _run(args)
    except KeyboardInterrupt:
        return INTERRUPTED
    except MoueError as e:
        print(error_line(e), file=sys.stderr)
        return USAGE if isinstance(e, UsageError) else FINDINGS
    except OSError as e:
        if (said := refused_place(e)) is None:
            raise
        print(error_line(said), file=sys.stderr)
        return FINDINGS


def _run(args: argparse.Namespace) -> int:
    """The command, in its workspace. Raises MoueError."""
    import db.base.lean.lean_sqlite_utils  # noqa: F401 (before whatever else imports sqlite-utils)
    from db.base.database_files import left_of
    from db.base.workspace import workspace_root
    from db.store.store import DATABASE_NAME, Store
    from pipeline.cli.commands import MAKES_WORKSPACE, check_role, command, command_without_database
    from pipeline.core.errors import UsageError
    from pipeline.core.messages import message

    root = workspace_root(args.workspace)
    if (without_database := command_without_database(args.command)) is not None:
        return without_database(args, root)
    database = root / DATABASE_NAME
    if args.command not in MAKES_WORKSPACE and not database.is_file() and not left_of(database):
        raise UsageError(message("folder_without_workspace", root=root))
    missing = [p for p in getattr(args, "paths", ()) if isinstance(p, Path) and not os.path.exists(p)]
    if missing:
        raise UsageError(message("path_not_there", path=missing[0]))
    with Store.open(root) as store:
        _log_to(root)
        check_role(args, store)
        if args.command in MAKES_WORKSPACE:
            _note_maker(store)
        return command(args.command)(args, store)


def _note_maker(store: Store) -> None:
    """The audit of a workspace that a command makes begins with that."""
    from db.tables.audit import COMMAND_LINE
    from db.tables.roles import has_maker, note_maker

    if not store.read(has_maker):
        store.write(lambda db: note_maker(db, COMMAND_LINE))


if __name__ == "__main__":
    prepare_output()
    code = finish_output(main())
    gc.freeze()  # else the interpreter's last collection looks at every object of every library: 0.15 s
    sys.exit(code)
