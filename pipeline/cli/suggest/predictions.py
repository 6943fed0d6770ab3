"""`predictions`: what another model says of the faces, from a file; where a row is refused, none."""

from __future__ import annotations

import argparse
import json
import sys

from db.store.store import Store
from db.tables import suggesters
from pipeline.actions.suggest.predictions import take_predictions
from pipeline.core.errors import UsageError
from pipeline.core.exit_codes import FINDINGS
from pipeline.core.messages import message
from pipeline.files.text_encoding import refuse_large


def cmd_predictions(args: argparse.Namespace, store: Store) -> int:
    try:
        refuse_large(args.file)
        data = args.file.read_bytes()
    except OSError as e:
        raise UsageError(message("decision_file_unreadable", file=args.file, why=e)) from e
    done = take_predictions(store, data, str(args.file), args.suggester, args.model_version)
    refused = [str(one) for one in done.refused]
    if args.use and not refused:
        store.write(lambda db: suggesters.choose(db, done.suggester))
    in_force = store.read(suggesters.in_force)
    if args.json:
        told = {"suggester": done.suggester, "version": done.version, "faces": done.faces, "repeats": done.repeats}
        print(json.dumps({**told, "in_force": in_force, "refused": refused}))
    elif not refused:
        print(f"{done.faces:,} faces have suggestions of {done.suggester}, {done.repeats:,} had the same already")
        print(f"in force: {in_force}")
    if refused:
        print("\n".join([str(message("predictions_refused", n=len(refused))), *refused]), file=sys.stderr)
    return FINDINGS if refused else 0
