"""The command that tells persons on photos apart."""

from __future__ import annotations

import argparse
import json
import logging
import sys
from collections.abc import Callable
from dataclasses import asdict
from typing import Final

from db.people import by_hand, embeddings, persons, switch
from db.store.store import Store
from pipeline.actions.people import looks, told
from pipeline.core.exit_codes import FINDINGS
from pipeline.core.messages import message
from pipeline.core.system.calls import lower_priority

NICE: Final = 15
"""How far the background job steps back behind everybody else, see nice(2)."""
REST_S: Final = 0.1
"""Seconds between two writes of the background job: decisions of the server come between."""


def cmd_people(args: argparse.Namespace, store: Store) -> int:
    """List the persons, or say how they are told apart."""
    verb = args.verb or "list"
    return _VERBS[verb](args, store)


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


def _looks(args: argparse.Namespace, store: Store) -> int:
    """Switch it on or off, or describe and group now."""
    if args.switch is not None:
        done = looks.switch_looks(store, args.switch == "on")
        if done.forgotten and not args.json:
            print(f"forgotten: {done.forgotten:,} descriptions of faces")
        if not done.log_emptied:
            print("moue.db-wal still holds what was forgotten: close the server to empty it", file=sys.stderr)
    elif store.read(switch.is_on):
        if args.background:
            lower_priority(NICE)
            store.rest_between_writes(REST_S)
        told_apart = looks.tell_apart(store)
        logging.info("people: %s", told_apart)
    on, described = store.read(lambda db: (switch.is_on(db), embeddings.count(db)))
    if args.json:
        print(json.dumps({"on": on, "described": described}))
    elif not args.background:
        print(f"faces are {'described' if on else 'not described'} to tell people apart; descriptions: {described:,}")
    return 0


def _name(args: argparse.Namespace, store: Store) -> int:
    store.write(lambda db: by_hand.rename(db, args.person, args.name))
    return _list(args, store)


def _merge(args: argparse.Namespace, store: Store) -> int:
    store.write(lambda db: by_hand.merge(db, args.person, args.others))
    return _list(args, store)


def _split(args: argparse.Namespace, store: Store) -> int:
    made = store.write(lambda db: by_hand.split(db, args.faces))
    print(json.dumps({"person": made}) if args.json else f"these faces are of person {made} now")
    return 0


_VERBS: Final[dict[str, Callable[[argparse.Namespace, Store], int]]] = {
    "list": _list, "folders": _folders, "set": _set, "looks": _looks, "name": _name, "merge": _merge, "split": _split,
}  # fmt: skip
