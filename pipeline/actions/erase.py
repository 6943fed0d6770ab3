"""Erases a photo from the workspace for good, for example when a person asks for it: its rows, then its files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from db.base.workspace import LOG_NAME
from db.images import erase
from db.images.erase import ErasePlan
from db.store import copies
from db.store.deletions import delete_listed
from db.store.locks import job_lock
from db.store.store import Store
from db.tables import audit
from pipeline.core.errors import StorageError
from pipeline.core.messages import os_message
from pipeline.core.system.regular import only_regular


@dataclass(frozen=True, slots=True)
class Erased:
    """What was erased. log_emptied: whether SQLite's write-ahead log was emptied; if not, data of the image stays
    readable in it until the last process closes the workspace. copies: copies of the database below `backups` that held
    the image. copies_deleted: whether these were deleted."""

    plan: ErasePlan
    log_emptied: bool
    copies: tuple[Path, ...]
    copies_deleted: bool


@dataclass(frozen=True, slots=True)
class ErasePreview:
    """What erasing an image would mean. copies: copies of the database below `backups` that hold it."""

    plan: ErasePlan
    copies: tuple[Path, ...]


def preview_erase(store: Store, sha256: str) -> ErasePreview:
    """What `erase_image` would do; nothing is changed. Raises UsageError for an unknown image."""
    plan = store.read(lambda db: erase.plan_erase(db, sha256))
    names = store.read(lambda db: erase.names_of(db, sha256))
    return ErasePreview(plan, tuple(copies.holding(copies.copies_of(store.root), sha256, names)))


def erase_image(store: Store, sha256: str, *, backups: bool = False, by: str = audit.COMMAND_LINE) -> Erased:
    """Delete an image with its faces, crops and the names of its files. Decisions stay in the log, as hashes.

    backups: copies of the database below `backups` that hold it are deleted, too.

    Raises UsageError for an unknown image, BusyError while a job runs, StorageError where a file cannot be deleted: its
    rows are gone then, and it is tried again whenever the workspace is opened.
    """
    with job_lock(store.root):
        names = store.read(lambda db: [erase.plan_erase(db, sha256).sha256, *erase.names_of(db, sha256)])
        holding = copies.holding(copies.copies_of(store.root), sha256, names[1:])
        if backups:
            copies.delete(holding)  # while the rows are there, all of this can be done again
        _forget_lines(store.root / LOG_NAME, names)  # while the rows are there, they say what to look for
        plan = store.write(lambda db: erase.erase(db, sha256, by=by))
        delete_listed(store)
        return Erased(plan, store.empty_log(), tuple(holding), backups)


def _forget_lines(log: Path, words: Sequence[str]) -> None:
    """Take the lines that name one of these out of a log file. Raises StorageError."""
    try:
        with open(log, "r+", encoding="utf-8", errors="surrogateescape", newline="", opener=only_regular) as stream:
            lines = stream.readlines()
            kept = [line for line in lines if not any(word in line for word in words)]
            if len(kept) < len(lines):
                stream.seek(0)
                stream.writelines(kept)
                stream.truncate()
    except FileNotFoundError:
        return
    except OSError as e:
        raise StorageError(os_message(e, "undeletable", file=log)) from e
