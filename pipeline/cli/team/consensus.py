"""`consensus`: which answer counts where people differ; what another rule would change; choosing it, and taking it
back."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

from db.decisions.consensus import NOTHING_COUNTS, Preview
from db.reads.counts import workspace_counts
from db.store.store import Store
from db.tables import annotators, classes
from db.tables.consensus_rules import ConsensusRule, current_rule
from pipeline.actions.team import consensus
from pipeline.core.errors import SignInError, UsageError
from pipeline.core.messages import message


def cmd_consensus(args: argparse.Namespace, store: Store) -> int:
    chosen = args.rule and ConsensusRule(args.rule, args.quorum, args.least)
    figures: dict[str, Any] = {}
    if chosen and args.preview:
        figures = _figures(consensus.preview_rule(store, chosen), _names(store))
    elif chosen:
        figures["changed"] = consensus.set_rule(store, chosen, _name(args))
    elif args.refit:
        figures["changed"] = consensus.refit(store, _name(args))
    elif args.undo:
        consensus.undo_rule(store, _name(args))
    rule, counts = store.read(lambda db: (current_rule(db), workspace_counts(db)))
    figures |= {"rule": rule.slug, "waiting": counts.by_waiting}
    if args.json:
        print(json.dumps(figures))
        return 0
    print(f"{rule.slug}: {rule.describe()}")
    for name in ("gain", "lose", "change", "changed"):
        if name in figures:
            print(f"  {name:<12}{figures[name]:>8,}")
    for move in figures.get("moves", ()):
        print(f"    {move['faces']:>6,}  {move['from']} -> {move['to']}")
    for why, number in counts.by_waiting.items():
        if number:
            print(f"  waiting: {why:<12}{number:>8,}")
    return 0


def _name(args: argparse.Namespace) -> str:
    if args.annotator is None:
        raise UsageError(message("consensus_by_whom"))
    try:
        return annotators.clean_name(args.annotator)
    except SignInError as e:
        raise UsageError(e.message) from e


def _names(store: Store) -> dict[str, str]:
    known = store.read(lambda db: [*classes.list_classes(db), *classes.list_classes(db, archived=True)])
    return {f"accept:{spec.id}": spec.name for spec in known} | {NOTHING_COUNTS: "nothing"}


def _figures(found: Preview, names: dict[str, str]) -> dict[str, Any]:
    if found.rule.model is not None:
        print(f"fitted to the answers of {len(found.rule.model.confusion) - 1} people", file=sys.stderr)
    moves = [
        {"from": names.get(before, before), "to": names.get(after, after), "faces": n}
        for (before, after), n in found.moves.items()
    ]
    figures = {"gain": found.gain, "lose": found.lose, "change": found.change, "moves": moves}
    return {"preview": found.rule.slug, **figures}
