"""The arguments of `export`."""

from __future__ import annotations

import argparse
from typing import Any

from pipeline.cli import values
from pipeline.cli.release.arguments import add_release
from pipeline.cli.values import Number
from pipeline.core import ranges
from pipeline.export.formats.registry import NAMES as FORMAT_NAMES
from pipeline.export.pictures.options import CONTENTS, ENCODINGS, FACE_MARGIN
from pipeline.export.selecting.chosen_by import CHOSEN_BY


def add_export(commands: argparse._SubParsersAction[Any], shared: argparse.ArgumentParser) -> None:
    """And `release`, which belongs to it."""
    add_release(commands, shared)
    parser = commands.add_parser("export", parents=[shared], help="the accepted crops as {train,val}/<class>")
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--run", type=values.given, default=None, metavar="ID", help=argparse.SUPPRESS)
    where.add_argument(
        "--out",
        type=values.path_or_url,
        metavar="DIR",
        help="becomes the root: DIR/train/<class>/…; or where s3://… leads",
    )
    parser.add_argument(
        "--val",
        type=Number(ranges.VAL_SHARE),
        default=ranges.USUAL_VAL,
        metavar="SHARE",
        help=f"share of the photos in val ({ranges.USUAL_VAL})",
    )
    parts = parser.add_mutually_exclusive_group()
    parts.add_argument(
        "--test", type=Number(ranges.TEST_SHARE), default=0.0, metavar="SHARE", help="also test, with this share (none)"
    )
    parts.add_argument(
        "--folds", type=Number(ranges.FOLDS), default=0, metavar="K", help="fold1 to foldK of equal size instead"
    )
    parser.add_argument("--seed", type=Number(ranges.SEED), default=0)
    parser.add_argument("--anew", action="store_true", help="also split photos that an earlier one of this name placed")
    parser.add_argument(
        "--name", type=values.given, default=None, help="what the release is called (the folder's name)"
    )
    parser.add_argument(
        "--size",
        type=Number(ranges.CROP_SIDE),
        default=None,
        metavar="PIXELS",
        help="every picture at this side, of a whole photo its longer one at most (unresized)",
    )
    _add_pictures(parser)
    parser.add_argument(
        "--min-side", type=Number(ranges.MIN_SIDE), default=0, metavar="PIXELS", help="leave out crops below this side"
    )
    parser.add_argument(
        "--leave-out-confirmed",
        dest="without_confirmed",
        action="store_true",
        help="leave out what was confirmed by page, not face by face",
    )
    parser.add_argument(
        "--people-only", action="store_true", help="only what people decided face by face: no rules, no pages confirmed"
    )
    parser.add_argument(
        "--only-seen", action="store_true", help="leave out what was decided by page while it was not on the screen"
    )
    parser.add_argument(
        "--rejects-as", type=values.given, default=None, metavar="NAME",
        help="rejected faces as a class of this name (they stay out)",
    )  # fmt: skip
    parser.add_argument(
        "--min-agreement", type=Number(ranges.AGREEMENT), default=0.0, metavar="SHARE",
        help="leave out faces on which fewer of the people agree (0)",
    )  # fmt: skip
    parser.add_argument(
        "--at-most", type=Number(ranges.AT_MOST), default=None, metavar="N", help="faces of a class (all)"
    )
    parser.add_argument("--balance", action="store_true", help="of each class as many as the smallest has")
    parser.add_argument(
        "--choose",
        choices=CHOSEN_BY,
        default="chance",
        help="which stay where that is fewer (chance); difference: those that differ most",
    )
    parser.add_argument(
        "--licence",
        type=values.given,
        dest="licences",
        action="append",
        default=[],
        metavar="NAME",
        help="only photos under this licence, as it was told; unknown: none was; may be repeated (all photos)",
    )
    parser.add_argument(
        "--format",
        choices=FORMAT_NAMES,
        dest="formats",
        action="append",
        default=[],
        metavar="NAME",
        help=f"one of {', '.join(FORMAT_NAMES)}; may be repeated, each in a folder of its own (imagefolder)",
    )
    parser.add_argument(
        "--class-names",
        choices=("plain", "course"),
        default="plain",
        help="course: 0none, 1pouting …, in the order of the classes (plain)",
    )
    parser.add_argument("--overwrite", action="store_true", help="replace an earlier Moue export at DIR")
    parser.add_argument("--annotator", default=None, metavar="NAME", help=argparse.SUPPRESS)


def _add_pictures(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--content", choices=CONTENTS, default="mouth", help="what is shown: mouth (as it was reviewed), face or photo"
    )  # fmt: skip
    parser.add_argument(
        "--margin", type=Number(ranges.MARGIN), default=None, metavar="TIMES",
        help=f"side over the mouth's width, or the face's longer side (as it was reviewed; face: {FACE_MARGIN})",
    )  # fmt: skip
    parser.add_argument("--level-eyes", action="store_true", help="turn mouths or faces so that the eyes are level")
    parser.add_argument("--grey", action="store_true", help="grey pictures, of one channel")
    parser.add_argument("--encoding", choices=ENCODINGS, default="png", help="what the pictures are (png)")
    parser.add_argument(
        "--jpeg-quality",
        type=Number(ranges.JPEG_QUALITY),
        default=ranges.USUAL_JPEG_QUALITY,
        metavar="1-100",
        help=f"of --encoding jpeg ({ranges.USUAL_JPEG_QUALITY})",
    )
