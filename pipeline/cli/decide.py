"""`decide`: decisions from a file, all or nothing."""

from __future__ import annotations

import argparse
import json
import sys

from db.store.store import Store
from pipeline.actions.decide import decide_from_file
from pipeline.core.exit_codes import FINDINGS


def cmd_decide(args: argparse.Namespace, store: Store) -> int:
    done = decide_from_file(store, args.file, args.annotator)
    if args.json:
        print(json.dumps({"decisions": done.saved, "repeats": done.repeats, "refused": done.refused}))
    if done.refused:
        print("\n".join([f"nothing was decided: {len(done.refused)} rows are refused", *done.refused]), file=sys.stderr)
        return FINDINGS
    if not args.json:
        print(f"{done.saved:,} decisions saved, {done.repeats:,} were there already")
    return 0
