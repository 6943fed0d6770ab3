"""The command line's words: a contract that scripts are written against."""

from __future__ import annotations

import argparse
import os
from dataclasses import replace
from pathlib import Path
from typing import Final, NoReturn, get_args

from pipeline.detect import DETECTORS, check_options
from pipeline.errors import UsageError
from pipeline.records import FacesThatCount, Settings
from pipeline.sources import path_or_url
from pipeline.version import VERSION

DEFAULT_WORKSPACE: Final = "workspace"
EXECUTOR_HELP: Final = "serial, processes:N (all cores) or dask:tcp://host:port"
LEAST_MARGIN: Final = 1.0
MOST_MARGIN: Final = 4.0


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
    _reprocess(
        commands.add_parser("reprocess", parents=[shared], help="detect or cut again what is there; decisions stay")
    )
    near = commands.add_parser("duplicates", parents=[shared], help="group the photos that are near copies")
    near.add_argument("--views", default=None, help="compare all anew: plain, mirror, centre, joined by commas")
    near.add_argument("--engine", choices=("auto", "numpy", "faiss"), default="auto", help="what searches (auto)")
    pair = commands.add_parser("compare", parents=[shared], help="two detectors on a sample of what is there")
    pair.add_argument("--a", choices=list(DETECTORS), default="yunet", help="one detector (yunet)")
    pair.add_argument("--b", choices=list(DETECTORS), default="hog", help="the other (hog)")
    pair.add_argument("--sample", type=int, default=24, metavar="N", help="photos, evenly over all (24)")
    pair.add_argument("--json-lines", action="store_true", help="one JSON object a photo, as it is done")
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
    parser.add_argument("paths", nargs="+", type=path_or_url, metavar="PATH",
                        help="a file, a folder (recursive), a zip or a URL")  # fmt: skip
    parser.add_argument("--class", dest="class_name", metavar="NAME", help="propose this class for every photo")
    parser.add_argument("--propose-classes", action="store_true", help="sub-folders named like classes propose them")
    parser.add_argument("--detector", choices=list(DETECTORS), default="yunet")
    usual = "default: as most photos of the workspace"
    parser.add_argument("--margin", type=float, default=None, help=f"crop side over the mouth's longer edge ({usual})")
    parser.add_argument("--upright", action=argparse.BooleanOptionalAction, default=None, help=f"eyes level ({usual})")
    _detection(parser, faces="all")
    parser.add_argument("--executor", default="processes", metavar="E", help=EXECUTOR_HELP)
    parser.add_argument("--copy", action="store_true", help="copy the originals into the workspace")
    # How the pages say what they started; not for scripts.
    parser.add_argument("--job", default=None, help=argparse.SUPPRESS)
    parser.add_argument("--source-kind", choices=("upload", "sample"), default=None, help=argparse.SUPPRESS)
    parser.add_argument("--source-name", default=None, help=argparse.SUPPRESS)


def _detection(parser: argparse.ArgumentParser, faces: str | None) -> None:
    parser.add_argument("--set", dest="options", action="append", type=_option, default=[], metavar="NAME=VALUE",
                        help="a setting of the detector, e.g. score=0.6")  # fmt: skip
    parser.add_argument(
        "--faces", choices=get_args(FacesThatCount), default=faces, help="which of several faces count (all)"
    )


def _option(text: str) -> tuple[str, float]:
    name, sign, value = text.partition("=")
    try:
        if not (name and sign):
            raise ValueError
        return name, float(value)
    except ValueError as e:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=NUMBER") from e


def settings_of(args: argparse.Namespace, usual: Settings) -> Settings:
    """The settings that `ingest` was given; crops are cut as `usual` where nothing else is asked. Raises UsageError."""
    margin = usual.margin if args.margin is None else args.margin
    upright = usual.upright if args.upright is None else args.upright
    return checked(Settings(args.detector, tuple(args.options), args.faces, margin, upright))


def checked(settings: Settings) -> Settings:
    """`settings` with its detector's options checked. Raises UsageError."""
    if not LEAST_MARGIN <= settings.margin <= MOST_MARGIN:
        raise UsageError(f"a margin is {LEAST_MARGIN:g} to {MOST_MARGIN:g} times the mouth, not {settings.margin:g}")
    return replace(settings, options=check_options(settings.detector, settings.options))


def _reprocess(parser: argparse.ArgumentParser) -> None:
    keep = "default: what each photo was processed with"
    parser.add_argument("--detector", choices=list(DETECTORS), default=None, help=f"look for faces again ({keep})")
    parser.add_argument("--margin", type=float, default=None, help=f"cut the crops again ({keep})")
    parser.add_argument("--upright", action=argparse.BooleanOptionalAction, default=None, help="eyes level, or not")
    _detection(parser, faces=None)
    parser.add_argument("--executor", default="processes", metavar="E", help=EXECUTOR_HELP)
    parser.add_argument("--job", default=None, help=argparse.SUPPRESS)


def _export(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="becomes the root: DIR/train/<class>/…")
    parser.add_argument("--val", type=float, default=0.2, metavar="SHARE", help="share of the photos in val (0.2)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--name", default=None, help="what the release is called (the folder's name)")
    parser.add_argument("--size", type=int, default=None, metavar="PIXELS", help="every crop at this side (unresized)")
    parser.add_argument("--min-side", type=int, default=0, metavar="PIXELS", help="leave out crops below this side")
    parser.add_argument("--format", choices=("imagefolder",), default="imagefolder")
    parser.add_argument("--overwrite", action="store_true", help="replace an earlier Moue export at DIR")
    parser.add_argument("--annotator", default=None, metavar="NAME", help=argparse.SUPPRESS)
