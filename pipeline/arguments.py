"""The command line's words: a contract that scripts are written against."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Final, NoReturn

from pipeline.detect import DETECTORS
from pipeline.version import VERSION

DEFAULT_WORKSPACE: Final = "workspace"


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line on stderr and leaves with 2."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}\n")


def default_workspace() -> Path:
    return Path(os.environ.get("MOUE_WORKSPACE") or DEFAULT_WORKSPACE)


def build_parser() -> Parser:
    """The parser of `python -m pipeline`."""
    parser = Parser(prog="python -m pipeline", description="Photos to mouth crops to a data set, without the browser.")
    parser.add_argument("--version", action="version", version=f"moue {VERSION}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=Parser)
    shared = Parser(add_help=False)
    shared.add_argument("--workspace", type=Path, default=None, metavar="W", help="folder of the project (./workspace)")
    shared.add_argument("--json", action="store_true", help="one JSON object on stdout and nothing else")
    _ingest(commands.add_parser("ingest", parents=[shared], help="photos of files, folders and zips to mouth crops"))
    commands.add_parser("status", parents=[shared], help="what the workspace holds")
    decide = commands.add_parser("decide", parents=[shared], help="decisions from a CSV file, all or nothing")
    decide.add_argument(
        "file", type=Path, metavar="FILE.csv", help="columns: sha256 or face_id, verdict, label, reason"
    )
    decide.add_argument("--annotator", required=True, metavar="NAME")
    _export(commands.add_parser("export", parents=[shared], help="the accepted crops as {train,val}/<class>"))
    commands.add_parser("verify", parents=[shared], help="check the database, the decision chain and every file")
    backup = commands.add_parser("backup", parents=[shared], help="the database, consistent, to one file")
    backup.add_argument("file", type=Path, metavar="FILE")
    restore = commands.add_parser("restore", parents=[shared], help="a backup into a workspace without a database")
    restore.add_argument("file", type=Path, metavar="FILE")
    erase = commands.add_parser("erase", parents=[shared], help="one photo, its faces and crops, out for good")
    erase.add_argument("sha256", metavar="SHA256")
    return parser


def _ingest(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="a file, a folder (recursive) or a zip")
    parser.add_argument("--class", dest="class_name", metavar="NAME", help="propose this class for every photo")
    parser.add_argument("--propose-classes", action="store_true", help="sub-folders named like classes propose them")
    parser.add_argument("--detector", choices=list(DETECTORS), default="yunet")
    parser.add_argument("--executor", default="processes", metavar="E", help="serial or processes:N (all cores)")
    parser.add_argument("--copy", action="store_true", help="copy the originals into the workspace")
    # How the pages say what they started; not for scripts.
    parser.add_argument("--job", default=None, help=argparse.SUPPRESS)
    parser.add_argument("--source-kind", choices=("upload", "sample"), default=None, help=argparse.SUPPRESS)
    parser.add_argument("--source-name", default=None, help=argparse.SUPPRESS)


def _export(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="becomes the root: DIR/train/<class>/…")
    parser.add_argument("--val", type=float, default=0.2, metavar="SHARE", help="share of the photos in val (0.2)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--name", default=None, help="what the release is called (the folder's name)")
    parser.add_argument("--format", choices=("imagefolder",), default="imagefolder")
    parser.add_argument("--overwrite", action="store_true", help="replace an earlier Moue export at DIR")
    parser.add_argument("--annotator", default=None, metavar="NAME", help=argparse.SUPPRESS)
