"""`release`: what was exported, whether it is whole, how two differ, and the same once more."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

from db.store.store import DATABASE_NAME, Store
from db.tables.releases import list_releases
from db.team.pseudonyms import for_terminal
from pipeline.actions.release.again import make_again
from pipeline.actions.release.kept import text
from pipeline.core.errors import UsageError
from pipeline.core.exit_codes import FINDINGS
from pipeline.core.messages import message
from pipeline.export.release.by_lines import compared
from pipeline.export.release.compare import Change, Differences, ReleasedFace
from pipeline.export.release.verify import verify_release

_MOST_LINES: Final = 20
"""Of each kind of change that is printed for people; JSON has them all."""


def cmd_release(args: argparse.Namespace, root: Path) -> int:
    return _ACTIONS[args.action](args, root)


def _list(args: argparse.Namespace, root: Path) -> int:
    with _workspace(root) as store:
        rows, called = store.read(lambda db: (list_releases(db), for_terminal(db)))
    if args.json:
        told = [
            {"line": one.line, "number": one.number, "name": one.name, "path": one.path, "made_at": one.created_at,
             "annotator": called.get(one.annotator or "", one.annotator), "head": one.head,
             "counts": one.counts, "options": one.params, "digest": one.digest} for one in rows
        ]  # fmt: skip
        print(json.dumps(told))
        return 0
    for one in rows:
        files = sum(n for by_class in one.counts.values() for n in by_class.values())
        print(f"{one.title:<24} {one.created_at[:16]}  {files:>9,} files  {one.path}")
    return 0


def _verify(args: argparse.Namespace, root: Path) -> int:
    said, findings = verify_release(args.place)
    title = f"{said.line} #{said.number}"
    if args.json:
        told = {"line": said.line, "number": said.number, "files": len(said.files), "own_sum": said.summed}
        coded = [{"code": one.code, "params": one.json_params()} for one in findings]
        print(json.dumps({**told, "findings": list(map(str, findings)), "finding_messages": coded}))
    elif findings:
        print("\n".join(map(str, findings)))
    else:
        without = "" if said.summed else "; its release.json is an earlier one, without a sum of its own"
        print(f"{title}: {len(said.files):,} files, all as they were made{without}")
    return FINDINGS if findings else 0


def _diff(args: argparse.Namespace, root: Path) -> int:
    with ExitStack() as stack:
        there = (root / DATABASE_NAME).is_file()
        store = stack.enter_context(_workspace(root)) if there else None
        before, after = text(store, args.before), text(store, args.after)
    found = compared(before, after)
    if args.json:
        print(json.dumps(_as_json(found)))
        return 0
    print(", ".join(f"{kind} {n:,}" for kind, n in found.counts.items()))
    for kind, changes in _by_kind(found).items():
        for one in changes[:_MOST_LINES]:
            print(f"{kind}: {_line(one)}")
        if len(changes) > _MOST_LINES:
            print(f"{kind}: and {len(changes) - _MOST_LINES:,} more (--json lists all)")
    return 0


def _again(args: argparse.Namespace, root: Path) -> int:
    with _workspace(root) as store:
        made = make_again(store, args.name, args.out)
    told = {"out": str(made.out), "files": made.files}
    print(json.dumps(told) if args.json else f"{made.files:,} files in {made.out}")
    return 0


def _workspace(root: Path) -> Store:
    if not (root / DATABASE_NAME).is_file():
        raise UsageError(message("folder_without_workspace", root=root))
    return Store.open(root)


def _by_kind(found: Differences) -> dict[str, tuple[ReleasedFace | Change, ...]]:
    return {
        "added": found.added, "removed": found.removed, "relabelled": found.relabelled, "moved": found.moved,
        "recropped": found.recropped,
    }  # fmt: skip


def _line(one: ReleasedFace | Change) -> str:
    return one.file if isinstance(one, ReleasedFace) else f"{one.before.file} -> {one.after.file}"


def _as_json(found: Differences) -> dict[str, Any]:
    def told(one: ReleasedFace | Change) -> dict[str, str]:
        if isinstance(one, ReleasedFace):
            return {"face_id": one.face_id, "file": one.file, "class": one.label, "split": one.split}
        return {"face_id": one.before.face_id, "before": one.before.file, "after": one.after.file}

    return {"counts": found.counts} | {kind: [told(one) for one in faces] for kind, faces in _by_kind(found).items()}


_ACTIONS: Final[dict[str, Callable[[argparse.Namespace, Path], int]]] = {
    "list": _list, "verify": _verify, "diff": _diff, "again": _again
}  # fmt: skip
