"""The command line. `pipeline.cli.*` are its commands: with this module, the ones that also know the database."""

from __future__ import annotations

import sys

from pipeline.run.fork_server import start_fork_server

if (
    __name__ == "__main__"
    and sys.argv[1:2] == ["ingest"]
    and not {"serial", "--help", "-h"} & set(sys.argv)
    and " dask:" not in " ".join(sys.argv)
):
    start_fork_server()  # it loads the model on another core while the imports below run on this one

import gc
import logging
import os
import signal
from collections.abc import Sequence
from pathlib import Path

import db.base.lean_sqlite_utils  # noqa: F401 (before whatever else imports sqlite-utils)
from db.base.database_files import left_of
from db.base.workspace import LOG_NAME, workspace_root
from db.store.store import DATABASE_NAME, Store
from pipeline.cli.arguments import build_parser
from pipeline.cli.commands import MAKES_WORKSPACE, command, command_without_database
from pipeline.cli.output import finish_output, prepare_output
from pipeline.core.errors import MoueError, UsageError, error_line
from pipeline.core.exit_codes import FINDINGS, INTERRUPTED, USAGE
from pipeline.core.messages import message


def _log_to(root: Path) -> None:
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
    args = build_parser().parse_args(argv)
    signal.signal(signal.SIGTERM, _terminate)
    try:
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
            return command(args.command)(args, store)
    except KeyboardInterrupt:
        return INTERRUPTED
    except MoueError as e:
        print(error_line(e), file=sys.stderr)
        return USAGE if isinstance(e, UsageError) else FINDINGS


if __name__ == "__main__":
    prepare_output()
    code = finish_output(main())
    gc.freeze()  # else the interpreter's last collection looks at every object of every library: 0.15 s
    sys.exit(code)
