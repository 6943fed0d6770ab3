"""`classify`: class and probability of the faces of photos; `classifier`: what is used for it, as a file."""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from db.base.database_files import left_of
from db.base.workspace import VARIABLE
from db.store.store import DATABASE_NAME, Store
from pipeline.actions.suggest.classifier import current_classifier, read_classifier, write_classifier
from pipeline.actions.suggest.classify import Classified, classify, classify_pixels, photos
from pipeline.actions.suggest.webcam import webcam_pictures
from pipeline.core.errors import UsageError
from pipeline.core.messages import message
from pipeline.core.records import ImageRef, Settings
from pipeline.frames.options import VideoOptions
from pipeline.suggest.classifier import DEFAULT_NAMES, Classifier


def cmd_classifier(args: argparse.Namespace, store: Store) -> int:
    made = current_classifier(store)
    write_classifier(made, args.file, overwrite=args.overwrite)
    if args.json:
        print(json.dumps({"file": str(args.file), **_told(made)}))
    else:
        print(f"{args.file}: {_words(made)}")
    return 0


def cmd_classify(args: argparse.Namespace, root: Path) -> int:
    if not args.paths and not args.video and args.webcam is None:
        raise UsageError(message("classify_nothing"))
    classifier = _classifier(args, root)
    with tempfile.TemporaryDirectory(prefix="moue-") as folder:
        spool = Path(folder) / "spool" / "here"
        spool.mkdir(parents=True)
        refs = photos(args.paths, args.video, VideoOptions("seconds", args.every), spool)
        return _run(args, classifier, refs)


def _run(args: argparse.Namespace, classifier: Classifier, refs: Iterator[ImageRef]) -> int:
    started, counts, told = time.monotonic(), Counter[str](), []
    if not args.json:
        print(_words(classifier))
    for found in _all(args, classifier, refs):
        counts[found.outcome] += 1
        told.append(_json_of(found))
        if not args.json:
            print(_line(found), flush=True)
    if args.json:
        print(json.dumps({"classifier": _told(classifier), "photos": told, "counts": dict(counts),
                          "seconds": round(time.monotonic() - started, 3)}, ensure_ascii=False))  # fmt: skip
    elif not told:
        print("no files", file=sys.stderr)
    return 0


def _classifier(args: argparse.Namespace, root: Path) -> Classifier:
    """Of the file, else of the workspace, else, where none is meant, the zero-label rule for the usual classes."""
    if args.model is not None:
        if args.workspace is not None:
            raise UsageError(message("classify_model_and_workspace"))
        return read_classifier(args.model)
    database = root / DATABASE_NAME
    if not database.is_file() and not left_of(database):
        if args.workspace is not None or os.environ.get(VARIABLE):
            raise UsageError(message("folder_without_workspace", root=root))
        return Classifier(DEFAULT_NAMES)
    with Store.open(root) as store:
        return current_classifier(store)


def _all(args: argparse.Namespace, classifier: Classifier, refs: Iterator[ImageRef]) -> Iterator[Classified]:
    settings = Settings(landmarks=classifier.landmark_model)
    for ref in refs:
        yield classify(ref, classifier, settings, args.draw)
    if args.webcam is not None:
        for seconds, bgr in webcam_pictures(args.webcam, args.every, args.frames):
            location = f"webcam{args.webcam}@{seconds:.3f}s"
            yield classify_pixels(bgr, location, "0" * 64, classifier, settings, args.draw)


def _told(classifier: Classifier) -> dict[str, Any]:
    return {
        "name": classifier.name, "version": classifier.version, "kind": classifier.kind,
        "labels": classifier.n_labels, "classes": list(classifier.classes),
    }  # fmt: skip


def _words(classifier: Classifier) -> str:
    if classifier.learned is None:
        return "the zero-label rule: no labels were learned from"
    return f"{classifier.name} version {classifier.version}, learned from {classifier.n_labels:,} labels"


def _json_of(found: Classified) -> dict[str, Any]:
    """location, of a frame also its seconds; outcome and reason; the faces, the largest first; the drawn copy."""
    path, mark, seconds = found.location.rpartition("@")
    at = float(seconds.removesuffix("s")) if mark and _is_time(seconds) else None
    return {
        "path": path if at is not None else found.location, **({} if at is None else {"seconds": at}),
        "outcome": found.outcome, "reason": str(found.reason), "width": found.width, "height": found.height,
        "faces": [
            {"box": [round(v, 1) for v in (one.box.x1, one.box.y1, one.box.x2, one.box.y2)],
             "score": None if one.score is None else round(one.score, 4), "class": one.suggested,
             "probability": round(one.probabilities[one.suggested], 4) if one.suggested is not None else None,
             "probabilities": {name: round(value, 4) for name, value in one.probabilities.items()}}
            for one in found.faces
        ],
        "drawn": None if found.drawn is None else str(found.drawn),
    }  # fmt: skip


def _is_time(text: str) -> bool:
    return text.endswith("s") and text[:-1].replace(".", "", 1).isdecimal()


def _line(found: Classified) -> str:
    if not found.faces:
        return f"{found.location}: {found.outcome}: {found.reason}"
    faces = ", ".join(
        "no suggestion" if one.suggested is None else f"{one.suggested} {one.probabilities[one.suggested]:.0%}"
        for one in found.faces
    )
    return f"{found.location}: {faces}" + ("" if found.drawn is None else f" -> {found.drawn}")
