"""One person's photo out of the workspace for good: its files, then its rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from db.base.workspace import LOG_NAME
from db.images import erase
from db.images.erase import ErasePlan
from db.store.locks import job_lock
from db.store.store import Store
from pipeline.core.errors import StorageError
from pipeline.core.messages import message


@dataclass(frozen=True, slots=True)
class Erased:
    """What went. log_emptied: whether SQLite's log was emptied, too; else what it held of the image is readable there
    until the last page and command close the workspace."""

    plan: ErasePlan
    log_emptied: bool


def erase_image(store: Store, sha256: str) -> Erased:
    """Delete an image with its faces, crops and the names of its files. Decisions stay in the log, as hashes.

    Raises UsageError for an unknown image, BusyError while a job runs, StorageError where a file cannot be deleted.
    """
    with job_lock(store.root):
        plan = store.read(lambda db: erase.plan_erase(db, sha256))
        # Files first: while the rows are there, an interrupted erase can be done again.
        delete_files(store.root, plan.files)
        names = store.read(lambda db: erase.names_of(db, sha256))
        store.write(lambda db: erase.erase(db, sha256))
        _forget_lines(store.root / LOG_NAME, (sha256, *names))
        return Erased(plan, store.empty_log())


def _forget_lines(log: Path, words: Sequence[str]) -> None:
    """Take the lines that name one of these out of a log file. Raises StorageError."""
    try:
        with log.open("r+", encoding="utf-8", errors="surrogateescape", newline="") as stream:
            lines = stream.readlines()
            kept = [line for line in lines if not any(word in line for word in words)]
            if len(kept) < len(lines):
                stream.seek(0)
                stream.writelines(kept)
                stream.truncate()
    except FileNotFoundError:
        return
    except OSError as e:
        raise StorageError(message("undeletable", file=log, why=e.strerror or e)) from e


def delete_files(root: Path, names: Iterable[str]) -> None:
    """Delete files, by names relative to the workspace's `root`; one that is gone is no error. Raises StorageError."""
    for name in names:
        try:
            (root / name).unlink(missing_ok=True)
        except OSError as e:
            raise StorageError(message("undeletable", file=root / name, why=e.strerror or e)) from e
