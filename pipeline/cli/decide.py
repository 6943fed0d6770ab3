"""`decide`: decisions from a file, all or nothing."""

from __future__ import annotations

import argparse
import json
import sys

from db.store.store import Store
from pipeline.actions.decide import decide_from_file
from pipeline.core.exit_codes import FINDINGS


def cmd_decide(args: argparse.Namespace, store: Store) -> int:
    done = decide_from_file(store, args.file, args.annotator, overrule=args.overrule)
    if args.json:
        figures = {"decisions": done.saved, "repeats": done.repeats}
        print(json.dumps({**figures, "refused": done.refused, "conflicts": done.conflicts}))
    if done.refused or done.conflicts:
        said = []
        if done.refused:
            said += [f"nothing was decided: {len(done.refused)} rows are refused", *done.refused]
        if done.conflicts:
            head = f"nothing was decided: others decided otherwise on {len(done.conflicts)} rows; --overrule overrules"
            said += [f"{head} them", *done.conflicts]
        print("\n".join(said), file=sys.stderr)
        return FINDINGS
    if not args.json:
        print(f"{done.saved:,} decisions saved, {done.repeats:,} were there already")
    return 0
