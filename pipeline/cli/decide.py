"""`decide`: decisions from a file, all or nothing."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

from db.decisions import log
from db.reads import lookup
from db.store.store import Store
from db.tables import annotators, classes
from pipeline.cli.decision_file import DecisionFile, DecisionRow, read_decisions
from pipeline.core.errors import DecisionError, SignInError, UsageError
from pipeline.core.records import Verdict


def cmd_decide(args: argparse.Namespace, store: Store) -> int:
    try:
        name = annotators.clean_name(args.annotator)
    except SignInError as e:
        raise UsageError(str(e)) from e
    given = read_decisions(args.file, name)
    labels = {spec.name: spec.id for spec in store.read(classes.list_classes)}
    try:
        saved = store.write(lambda db: _decide_all(db, name, given, labels))
    except DecisionError as e:
        problems = str(e).splitlines()
        if args.json:
            print(json.dumps({"decisions": 0, "repeats": 0, "refused": problems}))
        print("\n".join([f"nothing was decided: {len(problems)} rows are refused", *problems]), file=sys.stderr)
        return 1
    repeats = len(given.rows) - saved
    figures = {"decisions": saved, "repeats": repeats, "refused": []}
    print(json.dumps(figures) if args.json else f"{saved:,} decisions saved, {repeats:,} were there already")
    return 0


def _decide_all(db: Any, annotator: str, given: DecisionFile, labels: dict[str, int]) -> int:
    problems = list(given.problems)
    ops = []
    for row in given.rows:
        try:
            ops.append((row, _op(db, row, given.step, labels)))
        except DecisionError as e:
            problems.append(f"line {row.line}: {e}")
    results = log.apply_ops(db, annotator, [op for _, op in ops])
    problems += [f"line {r.line}: {done.message}" for (r, _), done in zip(ops, results, strict=True)
                 if done.status == "refused"]  # fmt: skip
    if problems:
        raise DecisionError("\n".join(problems))
    return sum(result.status == "saved" for result in results)


def _op(db: Any, row: DecisionRow, step: str, labels: dict[str, int]) -> log.DecideOp:
    face_id, sha256 = row.face_id, row.sha256
    if face_id:
        sha256 = lookup.image_of_face(db, face_id) or ""
        if not sha256:
            raise DecisionError(f"no face is called {face_id}")
    else:
        faces = lookup.faces_of_image(db, sha256)
        if len(faces) != 1:
            what = f"has {len(faces)} faces: name one by face_id" if faces else "is unknown or has no face"
            raise DecisionError(f"the image {sha256} {what}")
        face_id = faces[0]
    class_id = labels.get(row.label)
    if row.verdict is Verdict.ACCEPT and class_id is None:
        raise DecisionError(f"no class is called {row.label!r}; there are {', '.join(labels)}")
    return log.DecideOp(row.uuid, step, face_id, sha256, row.verdict, class_id, row.reason or None)
