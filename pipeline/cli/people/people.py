"""The command that tells persons on photos apart."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict

from db.people import persons
from db.store.store import Store
from pipeline.actions.people import told
from pipeline.core.exit_codes import FINDINGS
from pipeline.core.messages import message


def cmd_people(args: argparse.Namespace, store: Store) -> int:
    """List the persons, or say how they are told apart."""
    verb = args.verb or "list"
    return {"list": _list, "folders": _folders, "set": _set}[verb](args, store)


def _list(args: argparse.Namespace, store: Store) -> int:
    found = store.read(persons.list_persons)
    if args.json:
        print(json.dumps({"people": [asdict(one) for one in found]}, ensure_ascii=False))
        return 0
    for one in found:
        print(f"{one.id:>6}  {one.photos:>6} photos  {', '.join(one.told_by):<12}  {one.name}".rstrip())
    return 0


def _folders(args: argparse.Namespace, store: Store) -> int:
    told.set_level(store, args.source, args.level or None, args.own)
    return _list(args, store)


def _set(args: argparse.Namespace, store: Store) -> int:
    taken = told.take_table(store, args.file)
    for line, why in taken.problems:
        print(message("prediction_line", line=line, why=why).text, file=sys.stderr)
    if taken.problems:
        print(message("predictions_refused", n=len(taken.problems)).text, file=sys.stderr)
    if args.json:
        print(json.dumps({"rows": taken.rows, "refused": len(taken.problems)}))
    return FINDINGS if taken.problems else 0
