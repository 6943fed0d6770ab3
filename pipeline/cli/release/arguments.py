"""The arguments of `release`."""

from __future__ import annotations

import argparse
from typing import Any

from pipeline.cli import values


def add_release(commands: argparse._SubParsersAction[Any], shared: argparse.ArgumentParser) -> None:
    parser = commands.add_parser("release", help="releases: list, verify, compare, make again")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    actions.add_parser("list", parents=[shared], help="the workspace's releases, newest first")
    verify = actions.add_parser("verify", parents=[shared], help="check each file of a release; needs no workspace")
    verify.add_argument(
        "place", type=values.path_or_url, metavar="DIR", help="its folder or zip, or where s3://… leads"
    )
    diff = actions.add_parser("diff", parents=[shared], help="what differs between two releases, face by face")
    for name in ("before", "after"):
        diff.add_argument(name, type=values.given, metavar=name.upper(), help="a folder, a zip, NAME or NAME#NUMBER")
    again = actions.add_parser("again", parents=[shared], help="make a release again, byte for byte")
    again.add_argument("name", type=values.given, metavar="NAME[#NUMBER]")
    again.add_argument("--out", type=values.path, required=True, metavar="DIR")
