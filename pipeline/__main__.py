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

import argparse
import gc
import importlib
import logging
import os
import signal
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from db.store.store import DATABASE_NAME, Store
from pipeline.cli.arguments import build_parser, default_workspace
from pipeline.core.errors import MoueError, UsageError
from pipeline.core.exit_codes import INTERRUPTED

_MODULES: Final = {
    "ingest": "ingest", "crawl": "crawl", "video": "video", "reprocess": "reprocess",
    "duplicates": "duplicates", "compare": "compare", "decide": "decide", "export": "export",
    "status": "maintain", "verify": "maintain", "backup": "maintain", "erase": "maintain",
}  # fmt: skip
"""Command -> the module that has it, imported only when it is asked for."""
_STARTS: Final = ("ingest", "crawl", "video")
"""The commands that may make a workspace."""


def _command(name: str) -> Callable[[argparse.Namespace, Store], int]:
    module = importlib.import_module(f"pipeline.cli.{_MODULES[name]}")
    command: Callable[[argparse.Namespace, Store], int] = getattr(module, f"cmd_{name}")
    return command


def _log_to(root: Path) -> None:
    logging.basicConfig(
        filename=root / "moue.log", level=logging.INFO, format="%(asctime)s %(process)d %(levelname)s %(message)s"
    )


def _terminate(_signal: int, _frame: object) -> None:
    raise KeyboardInterrupt


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code (see the design: 0, 1 findings, 2 usage, 130 interrupted)."""
    args = build_parser().parse_args(argv)
    root: Path = (args.workspace or default_workspace()).absolute()
    signal.signal(signal.SIGTERM, _terminate)
    try:
        if args.command == "restore":
            from pipeline.cli.maintain import cmd_restore

            return cmd_restore(args, root)
        if args.command not in _STARTS and not (root / DATABASE_NAME).is_file():
            raise UsageError(f"{root} is not a workspace: ingest something first, or give --workspace")
        missing = [p for p in getattr(args, "paths", ()) if isinstance(p, Path) and not os.path.exists(p)]
        if missing:
            raise UsageError(f"{missing[0]} does not exist; nothing was ingested")
        with Store.open(root) as store:
            _log_to(root)
            return _command(args.command)(args, store)
    except KeyboardInterrupt:
        return INTERRUPTED
    except MoueError as e:
        print(f"moue: {e}", file=sys.stderr)
        return 2 if isinstance(e, UsageError) else 1


if __name__ == "__main__":
    code = main()
    gc.freeze()  # else the interpreter's last collection looks at every object of every library: 0.15 s
    sys.exit(code)
