"""The command line: the one module of the pipeline that also knows the database."""

from __future__ import annotations

import sys

from pipeline.fork_server import start_fork_server

if __name__ == "__main__" and sys.argv[1:2] == ["ingest"] and "serial" not in sys.argv:
    start_fork_server()  # it loads the model on another core while the imports below run on this one

import argparse
import gc
import json
import logging
import os
import shutil
import signal
from collections.abc import Sequence
from dataclasses import asdict, replace
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

from tqdm import tqdm

from db import annotators, backup, classes, decisions, erase, images, jobs, lookup, queries, releases
from db.connect import DATABASE_NAME, Store
from db.ledger import DatabaseLedger
from db.locks import job_lock
from db.paths import to_text
from db.verify import verify as verify_database
from pipeline.arguments import build_parser, default_workspace
from pipeline.audit import check_image_files
from pipeline.blobs import BlobStore
from pipeline.decision_file import DecisionFile, DecisionRow, read_decisions
from pipeline.errors import DecisionError, MoueError, SignInError, UsageError
from pipeline.executors import open_executor
from pipeline.export import plan, write
from pipeline.records import Outcome, Settings, Verdict
from pipeline.run import Progress, RunContext, run
from pipeline.sources import SourcePlan, count_files, iter_source, plan_source
from pipeline.zips import clear_spool

INTERRUPTED = 130


class CancelledError(MoueError):
    """Somebody pressed Cancel on the page."""


class Report:
    """Brings a run's figures to the terminal and to the database, and a page's Cancel to the run."""

    def __init__(self, store: Store, job_id: str, total: int) -> None:
        self._store, self._job, self._total = store, job_id, total
        self._bar: tqdm[Any] = tqdm(total=total, unit="photo", disable=not sys.stderr.isatty(), file=sys.stderr)

    def __call__(self, progress: Progress) -> None:
        self._bar.update(progress.done - self._bar.n)
        figures = {str(k): v for k, v in progress.counts.items()} | {"faces": progress.faces}
        self._store.write(lambda db: jobs.progress(db, self._job, self._total, progress.done, figures))
        if self._store.read(lambda db: jobs.is_cancelled(db, self._job)):
            raise CancelledError("cancelled; the same command goes on where it stopped")

    def close(self) -> None:
        self._bar.close()


def cmd_ingest(args: argparse.Namespace, store: Store) -> int:
    settings = Settings(detector=args.detector)
    names = {spec.name for spec in store.read(classes.list_classes)}
    if args.class_name and args.class_name not in names:
        raise UsageError(f"no class is called {args.class_name!r}; there are {', '.join(sorted(names))}")
    spool = store.root / ".incoming" / "members"
    proposable = frozenset(names) if args.propose_classes else frozenset[str]()
    options = {"class_name": args.class_name, "class_names": proposable, "owned": bool(args.source_kind)}
    plans = [replace(plan_source(path, spool, settings.max_bytes), **options) for path in args.paths]
    strange = [p.root for p in plans if p.owned and not p.root.is_relative_to(store.root.resolve() / ".incoming")]
    if strange:  # what is owned is emptied and removed
        raise UsageError(f"{strange[0]} is no upload of this workspace; leave --source-kind out")
    with job_lock(store.root):
        if store.write(lambda db: jobs.recover(db, True, keep=args.job)):
            BlobStore(store.root).sweep()
        try:
            return _run_job(args, store, plans, settings)
        finally:
            clear_spool(spool)


def _run_job(args: argparse.Namespace, store: Store, plans: Sequence[SourcePlan], settings: Settings) -> int:
    options = ("detector", "copy", "propose_classes", "class_name", "source_kind", "source_name")
    params = {"paths": [to_text(str(p.root)) for p in plans]} | {name: getattr(args, name) for name in options}
    job_id = store.write(lambda db: jobs.start_job(db, "ingest", params, os.getpid(), job_id=args.job))
    state, error, code = "failed", None, 1
    progress = Progress()
    try:
        _ingest_all(args, store, plans, settings, job_id, progress)
        state, code = "done", 0
    except (KeyboardInterrupt, CancelledError) as e:
        state, code, error = "cancelled", INTERRUPTED, str(e) or "interrupted; the same command goes on"
        print(f"moue: {error}", file=sys.stderr)
    except MoueError as e:
        error = str(e)
        raise
    finally:
        figures = {str(k): v for k, v in progress.counts.items()} | {"faces": progress.faces}
        logging.info("ingest %s: %s %s", job_id, state, figures)
        store.write(lambda db: jobs.finish(db, job_id, state, error))
    _print_ingest(args, progress, job_id)
    return code


def _ingest_all(
    args: argparse.Namespace,
    store: Store,
    plans: Sequence[SourcePlan],
    settings: Settings,
    job_id: str,
    progress: Progress,
) -> None:
    executor = open_executor(args.executor)
    report = Report(store, job_id, sum(map(count_files, plans)))
    try:
        for (kind, location), group in _by_source(plans).items():
            named = (args.source_kind or kind, args.source_name or location)
            source = store.write(partial(_ensure_source, *named))
            ledger = DatabaseLedger(store, source, job_id)
            context = RunContext(settings, BlobStore(store.root), ledger, args.copy, report)
            run(chain.from_iterable(map(iter_source, group)), executor, context, progress)
            for chosen in group:
                if chosen.owned:
                    shutil.rmtree(chosen.root, ignore_errors=True)
    finally:
        executor.close()
        report.close()


def _ensure_source(kind: str, location: str, db: Any) -> int:
    return images.ensure_source(db, kind, location)


def _by_source(plans: Sequence[SourcePlan]) -> dict[tuple[str, str], list[SourcePlan]]:
    """Single files of one folder are one source, or a shell's `*.jpg` would make hundreds."""
    groups: dict[tuple[str, str], list[SourcePlan]] = {}
    for chosen in plans:
        place = chosen.root.parent if chosen.kind == "file" else chosen.root
        groups.setdefault((chosen.kind, str(place)), []).append(chosen)
    return groups


def _print_ingest(args: argparse.Namespace, progress: Progress, job_id: str) -> None:
    counts = {str(o): progress.counts[o] for o in Outcome}
    if args.json:
        stages = {name: round(seconds, 4) for name, seconds in sorted(progress.stages.items())}
        figures = {"images": counts, "faces": progress.faces, "seconds": round(progress.seconds, 3)}
        print(json.dumps(figures | {"stages": stages, "job": job_id}))
        return
    told = ", ".join(f"{number:,} {name}" for name, number in counts.items() if number)
    print(f"{told or 'no files'}; {progress.faces:,} new faces in {progress.seconds:.1f} s")


def cmd_status(args: argparse.Namespace, store: Store) -> int:
    counts = store.read(queries.counts)
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
    }
    if args.json:
        print(json.dumps(figures))
        return 0
    for name, value in figures.items():
        rows = value.items() if isinstance(value, dict) else ()
        print(name if rows else f"{name:<12}{value:>12,}")
        for inner, number in rows:
            print(f"  {inner:<16}{number:>6,}")
    return 0


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
    results = decisions.apply_ops(db, annotator, [op for _, op in ops])
    problems += [f"line {r.line}: {done.message}" for (r, _), done in zip(ops, results, strict=True)
                 if done.status == "refused"]  # fmt: skip
    if problems:
        raise DecisionError("\n".join(problems))
    return sum(result.status == "saved" for result in results)


def _op(db: Any, row: DecisionRow, step: str, labels: dict[str, int]) -> decisions.DecideOp:
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
    return decisions.DecideOp(row.uuid, step, face_id, sha256, row.verdict, class_id, row.reason or None)


def cmd_export(args: argparse.Namespace, store: Store) -> int:
    items = store.read(queries.accepted_items)
    names = [spec.name for spec in store.read(classes.list_classes)]
    blobs = BlobStore(store.root)
    chosen = plan(items, names, args.val, args.seed)
    done = write(chosen, lambda face: blobs.path("crops", face, "png"), args.out, overwrite=args.overwrite)
    counts: dict[str, Any] = {split: dict(by_class) for split, by_class in done.counts.items()}
    params = {"val": args.val, "seed": args.seed, "format": args.format}
    name = args.name or done.out.name
    store.write(lambda db: releases.add_release(db, name, str(done.out), params, counts, done.digest, args.annotator))
    figures = {"out": str(done.out), "files": done.files, "counts": counts, "digest": done.digest}
    print(json.dumps(figures) if args.json else f"{done.files:,} crops in {done.out}")
    return 0


def cmd_verify(args: argparse.Namespace, store: Store) -> int:
    blobs = BlobStore(store.root)
    findings = store.read(verify_database)
    stored = store.read(lambda db: list(lookup.stored_files(db)))
    findings += chain.from_iterable(
        check_image_files(blobs, f.sha256, store.root / f.original, f.unified, f.faces) for f in stored
    )
    if args.json:
        print(json.dumps({"images": len(stored), "findings": findings}))
    else:
        print("\n".join(findings) if findings else f"{len(stored):,} images, nothing is wrong")
    return 1 if findings else 0


def cmd_backup(args: argparse.Namespace, store: Store) -> int:
    backup.backup(store, args.file)
    print(json.dumps({"file": str(args.file)}) if args.json else f"saved to {args.file}")
    return 0


def cmd_restore(args: argparse.Namespace, root: Path) -> int:
    backup.restore(args.file, root)
    print(json.dumps({"workspace": str(root)}) if args.json else f"restored into {root}")
    return 0


def cmd_erase(args: argparse.Namespace, store: Store) -> int:
    with job_lock(store.root):
        doomed = store.read(lambda db: erase.plan_erase(db, args.sha256))
        # Files first: while the rows are there, an interrupted erase can be done again.
        for name in doomed.files:
            (store.root / name).unlink(missing_ok=True)
        store.write(lambda db: erase.erase(db, args.sha256))
    if args.json:
        print(json.dumps(asdict(doomed)))
        return 0
    print(f"erased: {doomed.faces} faces, {len(doomed.files)} files; {doomed.decisions} decisions stay, as hashes")
    for outside in doomed.outside:
        print(f"the original stays where it is: {outside}")
    return 0


_COMMANDS = {
    "ingest": cmd_ingest,
    "status": cmd_status,
    "decide": cmd_decide,
    "export": cmd_export,
    "verify": cmd_verify,
    "backup": cmd_backup,
    "erase": cmd_erase,
}


def _log_to(root: Path) -> None:
    logging.basicConfig(
        filename=root / "moue.log", level=logging.INFO, format="%(asctime)s %(process)d %(levelname)s %(message)s"
    )


def _terminate(_signal: int, _frame: object) -> None:
    raise KeyboardInterrupt


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code (see the design: 0, 1 findings, 2 usage, 130 interrupted)."""
    args = build_parser().parse_args(argv)
    root: Path = (args.workspace or default_workspace()).absolute()
    signal.signal(signal.SIGTERM, _terminate)
    try:
        if args.command == "restore":
            return cmd_restore(args, root)
        if args.command != "ingest" and not (root / DATABASE_NAME).is_file():
            raise UsageError(f"{root} is not a workspace: ingest something first, or give --workspace")
        missing = [p for p in getattr(args, "paths", ()) if not os.path.exists(p)]
        if missing:
            raise UsageError(f"{missing[0]} does not exist; nothing was ingested")
        with Store.open(root) as store:
            _log_to(root)
            return _COMMANDS[args.command](args, store)
    except KeyboardInterrupt:
        return INTERRUPTED
    except MoueError as e:
        print(f"moue: {e}", file=sys.stderr)
        return 2 if isinstance(e, UsageError) else 1


if __name__ == "__main__":
    code = main()
    gc.freeze()  # else the interpreter's last collection looks at every object of every library: 0.15 s
    sys.exit(code)
