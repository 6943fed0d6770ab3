"""The words of the commands that suggest classes: a contract that scripts are written against."""

from __future__ import annotations

import argparse
from typing import Any

from pipeline.cli import values
from pipeline.cli.values import Number
from pipeline.core import ranges


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
    parser.add_argument(
        "--use", action="store_true", help="show what this model says from now on, if its file is taken"
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
    _add_similar(commands, shared)
    _add_classify(commands, shared)


def _add_similar(commands: argparse._SubParsersAction[Any], shared: argparse.ArgumentParser) -> None:
    parser = commands.add_parser("similar", parents=[shared], help="the mouths here most like the one on a photo")
    parser.add_argument("photo", type=values.path, metavar="PHOTO", help="its largest face counts; - reads its bytes")
    parser.add_argument("--most", type=Number(ranges.NEAREST), default=20, metavar="N", help="so many of them (20)")


def _add_classify(commands: argparse._SubParsersAction[Any], shared: argparse.ArgumentParser) -> None:
    made = commands.add_parser("classifier", parents=[shared], help="the trained classifier as one JSON file")
    made.add_argument("file", type=values.path, metavar="FILE.json")
    made.add_argument("--overwrite", action="store_true", help="replace the file where it is there")
    parser = commands.add_parser("classify", parents=[shared], help="class and probability of each face of photos")
    parser.add_argument("paths", nargs="*", type=values.path_or_url, metavar="PHOTO", help="a photo, a folder or a zip")
    parser.add_argument("--model", type=values.path, default=None, metavar="FILE",
                        help="a classifier's file (the workspace's; without one the zero-label rule)")  # fmt: skip
    parser.add_argument("--draw", type=values.path, default=None, metavar="DIR",
                        help="copies with box, class and probability; no file is replaced")  # fmt: skip
    parser.add_argument("--video", type=values.path, action="append", default=[], metavar="FILE",
                        help="frames of a video; may be repeated")  # fmt: skip
    parser.add_argument("--webcam", type=Number(ranges.WEBCAM), default=None, metavar="N",
                        help="pictures of this webcam, from 0")  # fmt: skip
    parser.add_argument("--every", type=Number(ranges.SECONDS_A_FRAME), default=1.0, metavar="SECONDS",
                        help="from one frame to the next (1)")  # fmt: skip
    parser.add_argument("--frames", type=Number(ranges.FRAMES), default=4, metavar="N",
                        help="pictures of the webcam (4)")  # fmt: skip
