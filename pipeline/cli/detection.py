"""The arguments that say which faces are found and how crops are cut, and the settings that they come to."""

from __future__ import annotations

import argparse
from typing import get_args

from pipeline.cli import values
from pipeline.core.border import Border
from pipeline.core.geometry import DLIB, LANDMARK_MODELS
from pipeline.core.records import COURSE, FacesThatCount, Settings
from pipeline.faces.detect import check_settings


def add_detection(parser: argparse.ArgumentParser, faces: str | None) -> None:
    parser.add_argument("--set", dest="options", action="append", type=values.option, default=[], metavar="NAME=VALUE",
                        help="a setting of the detector, e.g. score=0.6")  # fmt: skip
    parser.add_argument(
        "--faces", choices=get_args(FacesThatCount), default=faces, help="which of several faces count (all)"
    )


def add_border(parser: argparse.ArgumentParser, unless: str) -> None:
    parser.add_argument("--border", choices=get_args(Border), default=None,
                        help="a crop that would stick out of the photo is pushed inside it, where what cannot fit "
                        f"repeats the edge; or filled with the mirror image, or black ({unless})")  # fmt: skip


def add_landmarks(parser: argparse.ArgumentParser, unless: str) -> None:
    parser.add_argument("--landmarks", choices=LANDMARK_MODELS, default=None,
                        help="which model places the 68 landmarks: dlib's, not for commercial use, or the Face "
                        f"Landmarker's mesh, an extra ({unless})")  # fmt: skip


def settings_of(args: argparse.Namespace, usual: Settings) -> Settings:
    """The settings that `ingest` was given; crops are cut as `usual` where nothing else is asked. Raises UsageError."""
    margin = usual.margin if args.margin is None else args.margin
    upright = usual.upright if args.upright is None else args.upright
    border = usual.border if args.border is None else args.border
    usual_model = DLIB if args.detector == COURSE else usual.landmarks  # the course's recipe knows no other
    return check_settings(
        Settings(
            args.detector,
            tuple(args.options),
            args.faces,
            margin,
            upright,
            border,
            landmarks=args.landmarks or usual_model,
        )
    )
