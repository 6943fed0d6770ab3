"""The words of the commands that suggest classes: a contract that scripts are written against."""

from __future__ import annotations

import argparse
from typing import Any

from pipeline.cli import values


def add_predictions(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "file", type=values.path, metavar="FILE.csv", help="columns: face_id or sha256, class, confidence (0 to 1)"
    )
    parser.add_argument(
        "--suggester", required=True, type=values.given, metavar="NAME", help="what the model is called"
    )
    parser.add_argument(
        "--model-version", type=values.given, default="1", metavar="V", help="its version, in your words (1)"
    )


def add_suggest(commands: argparse._SubParsersAction[Any], shared: argparse.ArgumentParser) -> None:
    parser = commands.add_parser("suggest", parents=[shared], help="train on the decisions, suggest a class a face")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--on", action="store_true", help="suggest classes from now on (so it is at first)")
    what.add_argument("--off", action="store_true", help="suggest nothing from now on")
    what.add_argument("--show", type=values.given, default=None, metavar="NAME",
                      help="show what this suggester says: moue, or a name that came with predictions")  # fmt: skip
    # How the server says that nobody waits for it; not for scripts.
    parser.add_argument("--background", action="store_true", help=argparse.SUPPRESS)
