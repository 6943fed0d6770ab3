"""`decide`: decisions from a file; where a row is refused, none."""

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
        print(json.dumps({**figures, "refused": done.refused, "differs": done.differing}))
    elif not done.refused:
        print(f"{done.saved:,} decisions saved, {done.repeats:,} were there already")
    said: list[str] = []
    if done.refused:
        said += [f"nothing was decided: {len(done.refused)} rows are refused", *done.refused]
    if done.differing:
        head = f"others decided otherwise on {len(done.differing)} faces: these answers are kept beside theirs"
        said += [f"{head}; --overrule makes them count", *done.differing]
    if said:
        print("\n".join(said), file=sys.stderr)
    return FINDINGS if said else 0
