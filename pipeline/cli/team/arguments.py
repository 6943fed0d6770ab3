"""The words of the commands for a team: a contract that scripts are written against, as `pipeline.cli.arguments`."""

from __future__ import annotations

import argparse
from typing import Any

from db.tables.consensus_rules import RULES
from pipeline.cli import values
from pipeline.cli.values import Number
from pipeline.core import ranges
from pipeline.core.roles import ROLES


def add_people(commands: argparse._SubParsersAction[Any], shared: argparse.ArgumentParser) -> None:
    given = commands.add_parser("roles", parents=[shared], help="who has which role; give one")
    given.add_argument("name", nargs="?", type=values.given, default=None, metavar="NAME")
    given.add_argument("role", nargs="?", default=None, metavar="ROLE", help="owner, reviewer, annotator or viewer")
    told = commands.add_parser("audit", parents=[shared], help="what was done, by whom and when")
    told.add_argument("--csv", action="store_true", help="as a table: at, who, action, params")
    told.add_argument("--annotator", default=None, metavar="NAME", help="what this person did")
    told.add_argument("--action", default=None, metavar="ACTION", help="only this, as decisions, role, export")
    for one in (given, told):
        _add_names(one)
    _add_token(commands.add_parser("token", parents=[shared], help="tokens for scripts: list, make, revoke"))


def _add_names(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--names", action="store_true", help="also where the workspace shows letters instead")


def _add_token(parser: argparse.ArgumentParser) -> None:
    _add_names(parser)
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--for", dest="person", type=values.given, default=None, metavar="PERSON",
                      help="make one that speaks for this person, and print it, once")  # fmt: skip
    what.add_argument("--revoke", type=Number(ranges.ROW), default=None, metavar="NUMBER",
                      help="let this one hold no longer")  # fmt: skip
    parser.add_argument("--name", default="script", metavar="NAME", help="with --for: what it is for")
    parser.add_argument("--role", choices=ROLES, default="viewer", help="with --for: what it may do at most (viewer)")
    parser.add_argument("--days", type=Number(ranges.TOKEN_DAYS), default=None, metavar="N",
                        help="with --for: how long it holds (for good)")  # fmt: skip


def add_consensus(parser: argparse.ArgumentParser) -> None:
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--rule", choices=RULES, default=None, help="let this rule hold from now on")
    what.add_argument("--undo", action="store_true", help="take the newest change of the rule back")
    what.add_argument("--refit", action="store_true", help="fit the Dawid-Skene rule to the answers of today")
    parser.add_argument(
        "--quorum", type=Number(ranges.QUORUM), default=1, metavar="N", help="people who must answer (1)"
    )
    parser.add_argument("--least", type=Number(ranges.LEAST_CHANCE), default=0.8, metavar="P",
                        help="least probability of what counts, for dawid-skene (0.8)")  # fmt: skip
    parser.add_argument(
        "--preview", action="store_true", help="with --rule: tell what it would change, and change nothing"
    )
    parser.add_argument("--annotator", default=None, metavar="NAME", help="who changes it")
