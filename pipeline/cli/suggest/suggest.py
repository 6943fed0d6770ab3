"""`suggest`: train now on what people decided; or switch suggestions on and off, and choose whose are shown."""

from __future__ import annotations

import argparse
import json
import logging
import time
from typing import Final

from db.projection import suggestions
from db.store.store import Store
from db.suggest import models, progress
from db.tables import suggesters
from pipeline.core.system.calls import lower_priority

MESHES_AT_ONCE: Final = 200
"""Photos on which the background job places meshes before it trains: about ten seconds."""
REST_S: Final = 0.1
"""Seconds between two writes of the background job: decisions of the server come between."""
NICE: Final = 15
"""How far the background job steps back behind everybody else, see nice(2)."""


def cmd_suggest(args: argparse.Namespace, store: Store) -> int:
    if args.on or args.off:
        store.write(lambda db: suggesters.switch(db, bool(args.on)))
        return _tell_state(args, store)
    if args.show is not None:
        store.write(lambda db: suggesters.choose(db, args.show))
        return _tell_state(args, store)
    return _train(args, store)


def _train(args: argparse.Namespace, store: Store) -> int:
    from pipeline.actions.suggest import meshes  # these have scikit-learn, which takes two seconds
    from pipeline.actions.suggest.descriptors import update_descriptors
    from pipeline.actions.suggest.train import train

    started = time.process_time()
    if args.background:
        lower_priority(NICE)
        store.rest_between_writes(REST_S)
    noted = progress.Noted(store.root)
    meshes.place_missing(store, MESHES_AT_ONCE if args.background else None, noted)
    if store.read(models.looks_are_used):  # or new faces would be suggested without what they look like
        update_descriptors(store, noted)
    done = train(store, show=noted)
    update_descriptors(store, noted)
    if args.background:
        progress.note_rested(store.root, store.rested_s)
    told = {
        "name": done.version.name,
        "version": done.version.version,
        "kind": done.version.kind,
        "labels": done.labels,
        "faces": done.faces,
        "seconds": round(done.seconds, 3),
        "seconds_to_take_over": round(done.to_take_over, 3),
        "cpu_seconds": round(time.process_time() - started, 3),
    }
    logging.info("suggest: %s", told)
    if args.json:
        print(json.dumps(told))
    elif not args.background:
        learned = f"learned from {done.labels:,} labels" if done.version.kind == "learned" else "by the zero-label rule"
        print(f"{done.version.name} version {done.version.version}, {learned}: {done.faces:,} faces have a suggestion")
    return 0


def _tell_state(args: argparse.Namespace, store: Store) -> int:
    on, name, now = store.read(lambda db: (suggesters.are_on(db), suggesters.in_force(db), suggestions.in_force(db)))
    version = None if now is None else now.version
    if args.json:
        print(json.dumps({"on": on, "suggester": name, "version": version}))
    else:
        shown = f"shown: those of {name}" + ("" if version is None else f", version {version}")
        print(shown if on else "suggestions are off")
    return 0
