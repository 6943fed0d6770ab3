"""The commands that tell of people: `roles` and `audit`."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, replace

from db.store.store import Db, Store
from db.tables import audit, roles
from db.tables.annotators import clean_name, ensure_annotator
from db.team import history
from db.team.history import Wanted
from db.team.pseudonyms import Aliases, for_terminal, hide, in_sentence
from pipeline.core.errors import SignInError, UsageError
from pipeline.core.messages import message
from pipeline.core.roles import as_role
from pipeline.files.safe_csv import csv_lines


def cmd_roles(args: argparse.Namespace, store: Store) -> int:
    """List who has which role, or give one: to a person who is not here yet, too."""
    if args.name is not None:
        if args.role is None:
            raise UsageError(message("role_missing", name=args.name))
        role = as_role(args.role)
        try:
            name = clean_name(args.name)
        except SignInError as e:
            raise UsageError(e.message) from e

        def give(db: Db) -> None:
            roles.set_role(db, ensure_annotator(db, name), role, audit.COMMAND_LINE)

        store.write(give)
    people, newcomers = store.read(lambda db: (roles.list_people(db), roles.newcomers_role(db)))
    called = store.read(lambda db: for_terminal(db, args.names))
    people = [replace(one, name=called.get(one.name, one.name)) for one in people]
    if args.json:
        told = [hide(asdict(one), called) for one in people]
        print(json.dumps({"people": told, "newcomers": newcomers}))
        return 0
    for one in people:
        print(f"{one.role:<10} {one.name}")
    print(f"{newcomers:<10} (newcomers)")
    return 0


def cmd_audit(args: argparse.Namespace, store: Store) -> int:
    """Print what was done, newest first."""
    wanted = Wanted(args.annotator or "", args.action or "")
    called = store.read(lambda db: for_terminal(db, args.names))
    if args.json:
        print(json.dumps([hide(asdict(one), called) for one in history.all_entries(store.read, wanted)]))
        return 0
    if args.csv:
        sys.stdout.writelines(csv_lines(_called(history.table(store.read, wanted), called)))
        return 0
    for one in history.all_entries(store.read, wanted):
        params = json.dumps(hide(one.params, called), ensure_ascii=False)
        print(f"{one.at}  {called.get(one.annotator, one.annotator)}  {one.action}  {params}")
    return 0


def _called(rows: Iterable[Sequence[str]], called: Aliases) -> Iterator[Sequence[str]]:
    """The table's rows with letters for names: who it was, and in the parameters."""
    for at, who, *between, params in rows:
        yield at, called.get(who, who), *between, in_sentence(params, called)
