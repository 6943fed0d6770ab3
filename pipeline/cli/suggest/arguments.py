"""The words of the commands about what models suggest."""

from __future__ import annotations

import argparse

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
