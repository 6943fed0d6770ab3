"""The words of the command `people`: a contract that scripts are written against, as `pipeline.cli.arguments`."""

from __future__ import annotations

import argparse
from typing import Any

from pipeline.cli import values
from pipeline.cli.values import Number
from pipeline.core import ranges


def add_erase(commands: argparse._SubParsersAction[Any], shared: argparse.ArgumentParser) -> None:
    erase = commands.add_parser("erase", parents=[shared], help="one photo, its faces and crops, out for good")
    what = erase.add_mutually_exclusive_group(required=True)
    what.add_argument("sha256", nargs="?", type=values.given, default=None, metavar="SHA256")
    what.add_argument(
        "--person", type=Number(ranges.ROW), default=None, metavar="ID", help="all photos that this person is on"
    )
    erase.add_argument(
        "--backups", action="store_true", help="delete the copies in the folder backups that hold it, too"
    )


def add_persons(commands: argparse._SubParsersAction[Any], shared: argparse.ArgumentParser) -> None:
    parser = commands.add_parser(
        "people", parents=[shared], help="who is on the photos, so that no split parts their photos"
    )
    parser.set_defaults(verb="list")
    verbs = parser.add_subparsers(dest="verb", metavar="WHAT", parser_class=type(parser))
    verbs.add_parser("list", parents=[shared], help="the persons, with how many photos, and what tells of them")
    folders = verbs.add_parser("folders", parents=[shared], help="the folders of a source are named after persons")
    folders.add_argument(
        "source", type=Number(ranges.ROW), metavar="SOURCE", help="its number, as the page Collect shows it"
    )
    folders.add_argument(
        "level", type=Number(ranges.FOLDER_LEVEL), metavar="LEVEL",
        help="1: the folders in the source, 2: those in them …; -1: the folder that a file lies in; 0: none is",
    )  # fmt: skip
    folders.add_argument("--own", action="store_true", help="the names mean nobody outside of this source")
    given = verbs.add_parser("set", parents=[shared], help="who is on which photo, from a CSV file")
    given.add_argument(
        "file", type=values.path, metavar="FILE.csv", help="columns: person, and sha256, face_id or path (or url)"
    )
    looks = verbs.add_parser("looks", parents=[shared], help="describe faces to tell people apart: biometric data")
    looks.add_argument(
        "switch", nargs="?", choices=("on", "off"), default=None, metavar="on|off",
        help="off: every description goes; neither: describe and group now, if it is on",
    )  # fmt: skip
    looks.add_argument("--background", action="store_true", help=argparse.SUPPRESS)
    name = verbs.add_parser("name", parents=[shared], help="give a person a name")
    name.add_argument("person", type=Number(ranges.ROW), metavar="ID")
    name.add_argument("name", metavar="NAME")
    merge = verbs.add_parser("merge", parents=[shared], help="several are one person: the first")
    merge.add_argument("person", type=Number(ranges.ROW), metavar="ID")
    merge.add_argument("others", nargs="+", type=Number(ranges.ROW), metavar="ID")
    split = verbs.add_parser("split", parents=[shared], help="these faces are of somebody else, who is one person")
    split.add_argument("faces", nargs="+", metavar="FACE_ID")
