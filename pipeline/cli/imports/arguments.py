"""The words of `import`: a contract that scripts are written against."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any, Final

from pipeline.cli import values

FORMATS: Final = (
    "folders",
    "table",
    "coco",
    "yolo",
    "voc",
    "label-studio",
    "cvat",
    "fiftyone",
    "huggingface",
    "webdataset",
    "moue",
)
"""The names of `pipeline.export.readers.registry.READERS`, which is not imported for `--help`."""


def add_import(
    commands: argparse._SubParsersAction[Any],
    shared: argparse.ArgumentParser,
    intake: Callable[[argparse.ArgumentParser], None],
) -> None:
    """intake: adds what every command has that brings photos in."""
    parser = commands.add_parser("import", parents=[shared], help="a labelled data set: photos, labels and splits")
    parser.add_argument("path", type=values.path, metavar="PATH", help="a folder, a zip or a file of annotations")
    parser.add_argument("--annotator", required=True, metavar="NAME", help="whose decisions the labels become")
    parser.add_argument("--as", dest="as_format", choices=FORMATS, default=None, help="the format (as recognised)")
    parser.add_argument(
        "--line",
        type=values.given,
        default=None,
        metavar="NAME",
        help="the release that remembers the splits (the folder's name)",
    )
    parser.add_argument("--make-classes", action="store_true", help="make the classes that are not here yet")
    parser.add_argument("--mouths", action="store_true", help="the pictures are mouths already: each is a crop")
    parser.add_argument(
        "--take-doubts",
        action="store_true",
        help="take labels of near copies and of unknown faces, too, which else wait for a person",
    )
    parser.add_argument("--source-name", type=values.given, default=None, help=argparse.SUPPRESS)
    parser.add_argument("--copy", action="store_true", help="copy the originals into the workspace")
    intake(parser)
