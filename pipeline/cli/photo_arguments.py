"""The arguments of the commands that look for faces: those that bring photos in, `reprocess` and `compare`."""

from __future__ import annotations

import argparse
import os
from typing import Final, get_args

from pipeline.cli import values
from pipeline.cli.detection import add_border, add_detection, add_landmarks
from pipeline.cli.values import Number
from pipeline.core import ranges
from pipeline.core.border import Border
from pipeline.crawl.engines.query import Licence, Safe, Size
from pipeline.faces.detect import DETECTORS

EXECUTOR_HELP: Final = "serial, processes:N (all cores) or dask:tcp://host:port"


def add_ingest(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", nargs="+", type=values.path_or_url, metavar="PATH",
                        help="a file, a folder (recursive), a zip or a URL")  # fmt: skip
    add_intake(parser)
    parser.add_argument("--propose-classes", action="store_true", help="sub-folders named like classes propose them")
    parser.add_argument("--frames", choices=("first", "all"), default="first",
                        help="of an animation or a file of several pages (first)")  # fmt: skip
    parser.add_argument(
        "--watch",
        type=Number(ranges.WATCH_SECONDS),
        nargs="?",
        const=5.0,
        default=None,
        metavar="SECONDS",
        help="go on and take what is put into the folder, until Ctrl-C; look every so often (5)",
    )
    parser.add_argument("--copy", action="store_true", help="copy the originals into the workspace")
    # How the pages say what they started; not for scripts.
    parser.add_argument("--source-kind", choices=("upload", "sample"), default=None, help=argparse.SUPPRESS)
    parser.add_argument("--source-name", default=None, help=argparse.SUPPRESS)
    parser.add_argument(
        "--watch-owner", type=Number(ranges.PROCESS), default=None, metavar="PID", help=argparse.SUPPRESS
    )


def add_intake(parser: argparse.ArgumentParser) -> None:
    """What every command has that brings photos in."""
    parser.add_argument("--class", dest="class_name", type=values.given, metavar="NAME",
                        help="propose this class for every photo")  # fmt: skip
    parser.add_argument("--detector", choices=list(DETECTORS), default="yunet")
    usual = "default: as most photos of the workspace"
    parser.add_argument(
        "--margin", type=Number(ranges.MARGIN), default=None, help=f"crop side over the mouth's longer edge ({usual})"
    )
    parser.add_argument("--upright", action=argparse.BooleanOptionalAction, default=None, help=f"eyes level ({usual})")
    add_border(parser, usual)
    add_landmarks(parser, usual)
    add_detection(parser, faces="all")
    parser.add_argument("--executor", default="processes", metavar="E", help=EXECUTOR_HELP)
    parser.add_argument("--job", default=None, help=argparse.SUPPRESS)
    # where links may lead to: a rule of the pages, which the file system does not know
    parser.add_argument("--within", type=values.path, action="append", default=None, help=argparse.SUPPRESS)


def add_video(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "paths", nargs="+", type=values.path_or_url, metavar="FILE", help="a video, or a folder of videos"
    )
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "--every", type=Number(ranges.SECONDS_A_FRAME), default=None, metavar="SECONDS", help="by its time stamps (1)"
    )
    which.add_argument("--scenes", type=Number(ranges.SCENE), nargs="?", const=0.3, default=None, metavar="DIFFERENCE",
                       help="where a scene begins: 0 to 1 (0.3)")  # fmt: skip
    which.add_argument("--sharpest", type=Number(ranges.SECONDS_A_FRAME), default=None, metavar="SECONDS",
                       help="the sharpest frame with a face in each so many seconds")  # fmt: skip
    parser.add_argument(
        "--most", type=Number(ranges.FRAMES), default=10_000, metavar="N", help="frames of one video (10,000)"
    )
    parser.add_argument("--source-name", default=None, help=argparse.SUPPRESS)  # of an upload, as the pages say it
    add_intake(parser)


def add_crawl(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("keywords", nargs="*", metavar="KEYWORD", help="what to search for; commas separate, too")
    parser.add_argument("--keywords", dest="keyword_file", type=values.path, metavar="FILE",
                        help="a keyword a line, or keyword<TAB>class; or a table of both")  # fmt: skip
    parser.add_argument(
        "--list",
        dest="lists",
        type=values.path,
        action="append",
        default=[],
        metavar="FILE",
        help="addresses instead of a search: text, CSV or JSONL with url, class, licence, page",
    )
    parser.add_argument(
        "--engine",
        dest="engines",
        action="append",
        metavar="NAME",
        help="bing, duckduckgo, baidu, openverse, wikimedia; google (your own Chrome); serpapi, serper, brave (a key "
        "of your own); may be repeated (bing and duckduckgo)",
    )
    parser.add_argument(
        "--total", type=Number(ranges.PHOTOS), default=None, metavar="N", help="photos in all (as many as there are)"
    )
    parser.add_argument(
        "--each", type=Number(ranges.PHOTOS), default=None, metavar="N", help="photos a keyword (an equal part)"
    )
    parser.add_argument("--safe", choices=get_args(Safe), default="moderate", help="safe search (moderate)")
    parser.add_argument("--face-only", action="store_true", help="photos of faces, where the engine can tell")
    parser.add_argument("--size", choices=[one for one in get_args(Size) if one], default="", help="of the photos")
    parser.add_argument(
        "--licence",
        choices=[one for one in get_args(Licence) if one],
        default="",
        help="Creative Commons, for commercial use, or public domain, where the engine can tell",
    )
    parser.add_argument(
        "--proxy", default=os.environ.get("MOUE_PROXY", ""), metavar="URL",
        help="http://host:port or socks5://host:port; with a password put it in MOUE_PROXY, where no list of processes"
        " shows it",
    )  # fmt: skip
    parser.add_argument(
        "--ca", type=values.path, default=None, metavar="PEM", help="certificates to trust beside the usual"
    )
    parser.add_argument(
        "--parallel", type=Number(ranges.PARALLEL), default=32, metavar="N", help="requests at once (32)"
    )
    parser.add_argument(
        "--timeout", type=Number(ranges.TIMEOUT), default=30.0, metavar="S", help="seconds a photo may take (30)"
    )
    parser.add_argument(
        "--retries", type=Number(ranges.RETRIES), default=2, metavar="N", help="after a busy server or a cut line (2)"
    )
    parser.add_argument("--contact", default=os.environ.get("MOUE_CONTACT", ""), metavar="WHO",
                        help="an e-mail address or a page that servers may see (MOUE_CONTACT)")  # fmt: skip
    parser.add_argument("--ignore-noai", action="store_true", help="fetch what its owner keeps from AI, too")
    add_intake(parser)


def add_reprocess(parser: argparse.ArgumentParser) -> None:
    keep = "default: what each photo was processed with"
    parser.add_argument("--detector", choices=list(DETECTORS), default=None, help=f"look for faces again ({keep})")
    parser.add_argument("--margin", type=Number(ranges.MARGIN), default=None, help=f"cut the crops again ({keep})")
    parser.add_argument("--upright", action=argparse.BooleanOptionalAction, default=None, help="eyes level, or not")
    add_border(parser, keep)
    add_landmarks(parser, keep)
    parser.add_argument("--from-border", choices=get_args(Border), default=None,
                        help="only photos whose crops were cut with this border (all)")  # fmt: skip
    add_detection(parser, faces=None)
    parser.add_argument("--executor", default="processes", metavar="E", help=EXECUTOR_HELP)
    parser.add_argument("--job", default=None, help=argparse.SUPPRESS)


def add_compare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--a", choices=list(DETECTORS), default="yunet", help="one detector (yunet)")
    parser.add_argument("--b", choices=list(DETECTORS), default="hog", help="the other (hog)")
    parser.add_argument(
        "--sample", type=Number(ranges.SAMPLE), default=24, metavar="N", help="photos, evenly over all (24)"
    )
    parser.add_argument("--json-lines", action="store_true", help="one JSON object a photo, as it is done")
