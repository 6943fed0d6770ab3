"""The command line's words: a contract that scripts are written against.

`build_parser` can be told which command is asked for: then it makes that one's arguments alone, and imports no more.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any, Final, NoReturn, TypeAlias

from pipeline.cli import values
from pipeline.cli.values import Number
from pipeline.core import ranges
from pipeline.core.exit_codes import USAGE
from pipeline.core.version import VERSION_LINE

Commands: TypeAlias = "argparse._SubParsersAction[Any]"


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line on stderr and leaves with 2."""

    def error(self, message: str) -> NoReturn:
        self.exit(USAGE, f"{self.prog}: {message}\n")


def build_parser(asked: str | None = None) -> Parser:
    """The parser of `python -m pipeline`: of every command, or only of those that are made together with `asked`."""
    parser = Parser(prog="python -m pipeline", description="Photos to mouth crops to a data set, without the browser.")
    parser.add_argument("--version", action="version", version=VERSION_LINE)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=Parser)
    shared = Parser(add_help=False)
    shared.add_argument(
        "--workspace", type=values.path, default=None, metavar="W", help="folder of the project (./workspace)"
    )
    shared.add_argument("--json", action="store_true", help="one JSON object on stdout and nothing else")
    every = [add for names, add in TOGETHER.items() if asked in names] or TOGETHER.values()
    for add in every:
        add(commands, shared)
    return parser


def _photos(commands: Commands, shared: Parser) -> None:
    from pipeline.cli import photo_arguments as photos
    from pipeline.cli.imports.arguments import add_import

    photos.add_ingest(
        commands.add_parser("ingest", parents=[shared], help="photos of files, folders and zips to mouth crops")
    )
    photos.add_video(commands.add_parser("video", parents=[shared], help="frames of videos as photos"))
    photos.add_crawl(
        commands.add_parser("crawl", parents=[shared], help="photos of image searches or of a list of addresses")
    )
    add_import(commands, shared, photos.add_intake)
    photos.add_reprocess(
        commands.add_parser("reprocess", parents=[shared], help="detect or cut again what is there; decisions stay")
    )


def _near_copies(commands: Commands, shared: Parser) -> None:
    near = commands.add_parser("duplicates", parents=[shared], help="group the photos that are near copies")
    near.add_argument(
        "--views", type=values.given, default=None, help="compare all anew: plain, mirror, centre, joined by commas"
    )
    near.add_argument("--engine", choices=("auto", "numpy", "faiss"), default="auto", help="what searches (auto)")


def _compare(commands: Commands, shared: Parser) -> None:
    from pipeline.cli.photo_arguments import add_compare

    add_compare(commands.add_parser("compare", parents=[shared], help="two detectors on a sample of what is there"))


def _status(commands: Commands, shared: Parser) -> None:
    commands.add_parser("status", parents=[shared], help="what the workspace holds")


def _decisions(commands: Commands, shared: Parser) -> None:
    from pipeline.cli.suggest.arguments import add_predictions, add_suggest
    from pipeline.cli.team.arguments import add_consensus

    decide = commands.add_parser(
        "decide", parents=[shared], help="decisions from a CSV file; where a row is refused, none"
    )
    decide.add_argument(
        "file", type=values.path, metavar="FILE.csv", help="columns: sha256 or face_id, verdict, label, reason"
    )
    decide.add_argument("--annotator", required=True, metavar="NAME")
    decide.add_argument("--overrule", action="store_true", help="also where somebody else decided otherwise")
    add_predictions(
        commands.add_parser(
            "predictions", parents=[shared], help="what another model suggests, from a CSV file; never decisions"
        )
    )
    add_consensus(commands.add_parser("consensus", parents=[shared], help="which answer counts where people differ"))
    add_suggest(commands, shared)


def _export(commands: Commands, shared: Parser) -> None:
    from pipeline.cli.release.export_arguments import add_export

    add_export(commands, shared)


def _keep(commands: Commands, shared: Parser) -> None:
    verify = commands.add_parser(
        "verify", parents=[shared], help="check the database, the decision chain and every file"
    )
    verify.add_argument(
        "--against", type=values.path, metavar="BACKUP", help="also: does the decision log go on from this one"
    )
    verify.add_argument(
        "--delete-unnamed", action="store_true", help="first delete the workspace's files that nothing in it names"
    )
    backup = commands.add_parser("backup", parents=[shared], help="the database, consistent, to one file")
    backup.add_argument("file", type=values.path, metavar="FILE", nargs="?", help="a new file, not checked")
    backup.add_argument(
        "--rotate", action="store_true", help="one more in a folder of backups, read back whole before the oldest go"
    )
    backup.add_argument("--folder", type=values.path, help="that folder (the workspace's own, backups)")
    backup.add_argument("--keep", type=Number(ranges.BACKUPS_KEPT), help="how many --rotate keeps (14)")
    backup.add_argument(
        "--to", type=values.given, metavar="URL", help="send it there, too (s3://…, sftp://…), and keep as many there"
    )
    backup.add_argument("--with-biometrics", action="store_true", help="with descriptions of faces, too, if any")
    restore = commands.add_parser("restore", parents=[shared], help="a backup into a workspace without a database")
    restore.add_argument("file", type=values.path, metavar="FILE")
    restore.add_argument("--replace", action="store_true", help="set the present database aside, in the folder backups")
    restore.add_argument("--incomplete", action="store_true", help="also one with a damaged log, as far as it goes")


def _people(commands: Commands, shared: Parser) -> None:
    from pipeline.cli.people.arguments import add_erase, add_persons
    from pipeline.cli.team.arguments import add_people

    add_erase(commands, shared)
    add_persons(commands, shared)
    add_people(commands, shared)


TOGETHER: Final[dict[tuple[str, ...], Callable[[Commands, Parser], None]]] = {
    ("ingest", "video", "crawl", "import", "reprocess"): _photos,
    ("duplicates",): _near_copies,
    ("compare",): _compare,
    ("status",): _status,
    ("decide", "predictions", "consensus", "suggest", "similar", "classifier", "classify"): _decisions,
    ("export", "release"): _export,
    ("verify", "backup", "restore"): _keep,
    ("erase", "people", "roles", "audit", "token"): _people,
}
"""The commands whose arguments are made together, in the order of `--help`."""
