"""Backs up the database while it is in use, and restores a backup."""

from __future__ import annotations

import logging
import os
import shutil
import sqlite3
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path

from sqlite_utils.db import Database as Db

from db.base.clock import now_iso
from db.base.database_files import (
    new_database,
    put_in_place,
    restoring_mark,
    side_files,
    size_of,
    temporary_database,
)
from db.base.sqlite_errors import named
from db.schema import migrate, table_digests
from db.schema.compact_copy import compact_copy
from db.store import anchors
from db.store.locks import exchange_lock
from db.store.log_damage import transactions_lost
from db.store.store import DATABASE_NAME, Store
from db.tables import audit
from db.tables.access import tokens
from pipeline.core.durable import flush, make_folder
from pipeline.core.errors import IntegrityError, StorageError, UsageError
from pipeline.core.messages import message, os_message


def backup(store: Store, file: Path, *, with_biometrics: bool = False, by: str = audit.COMMAND_LINE) -> None:
    """Write one consistent snapshot of the database to the new file `file`, durably. Writes go on meanwhile.

    with_biometrics: the descriptions of faces, where there are any, are in it, too.

    Raises UsageError where `file` or a side file of that name exists, StorageError where it cannot be written. Where
    only the audit cannot take its line, the backup stays, and a warning is logged.
    """
    store.check_in_place()
    with new_database(file) as copy:
        try:
            with closing(_open(store.file)) as conn:
                compact_copy(conn, copy, with_biometrics=with_biometrics)
        except sqlite3.Error as e:
            raise named(e, file) from e
        head = read_head(copy)
    try:
        store.write(lambda db: audit.append(db, by, "backup"))  # where to is not said
    except StorageError as e:  # the disk of the workspace is full: then the copy is worth more than the note of it
        logging.warning("the backup is whole, and the audit of %s does not tell of it: %s", store.root, e)
    anchors.try_note(store.root, head, "backup")


def read_head(file: Path) -> tuple[int, str] | None:
    """(seq, hash) of a backup's newest decision, None if it has none. Raises UsageError and StorageError."""
    if not file.is_file():
        raise UsageError(message("backup_missing", file=file))
    try:
        with closing(_open(file)) as conn:
            migrate.check_known(conn, file)
            return anchors.read_head(Db(conn, execute_plugins=False))
    except sqlite3.Error as e:
        raise named(e, file) from e


def later_decisions(store: Store, file: Path) -> int | None:
    """How many decisions of the open workspace are not in its backup `file`; None where that is of another log.

    Raises UsageError and StorageError.
    """
    return store.read(partial(_later, head=read_head(file)))


def _later(db: Db, head: tuple[int, str] | None) -> int | None:
    seq, digest = head or (0, "")
    if head is not None and db.execute("SELECT hash FROM decisions WHERE seq = ?", [seq]).fetchone() != (digest,):
        return None
    (number,) = db.execute("SELECT count(*) FROM decisions WHERE seq > ?", [seq]).fetchone()
    return int(number)


def restore(file: Path, root: Path, *, replace: bool = False, incomplete: bool = False) -> Path | None:
    """Make the backup `file` the database of the workspace folder `root`, then open and check it there.

    An earlier database, with its side files, is moved to a new folder below `backups`, which is returned; None if there
    was none. No token holds any more. An earlier database that is complete is only replaced with `replace`. A file
    whose write-ahead log is damaged is only taken with `incomplete`, as far as it can be read; it may be the
    workspace's own.

    Raises UsageError (no such file, `root` has a database), BusyError (a server, a job or another process uses it),
    StorageError (not a database of Moue, a newer one) and IntegrityError (damaged).
    """
    if not file.is_file():
        raise UsageError(message("backup_missing", file=file))
    target = Path(root).absolute() / DATABASE_NAME
    _check_readable(file, incomplete=incomplete)
    _check_replaceable(file, target, replace=replace)
    try:
        make_folder(target.parent, inside=None)
    except OSError as e:
        raise StorageError(os_message(e, "workspace_not_made", root=root)) from e
    with exchange_lock(target.parent), ExitStack() as stack:
        _check_replaceable(file, target, replace=replace)
        for left in target.parent.glob(".new-*"):  # of one that was killed
            shutil.rmtree(left, ignore_errors=True)
        copy = stack.enter_context(temporary_database(target.parent))
        head = _copy_checked(file, copy)
        aside = _new_folder(target)
        try:
            _set_aside(target, aside)
            put_in_place(copy, target)
            _check_result(target, head, aside)
        except BaseException:
            _put_back(target, copy, aside)
            restoring_mark(target).unlink(missing_ok=True)
            raise
        restoring_mark(target).unlink(missing_ok=True)
        anchors.try_note(target.parent, head, "restored")
    return aside


def _check_readable(file: Path, *, incomplete: bool) -> None:
    try:
        lost = transactions_lost(file)
    except sqlite3.Error as e:
        raise named(e, file) from e
    if lost and not incomplete:
        raise IntegrityError(message("log_damaged", file=file, n=lost))


def _check_replaceable(file: Path, target: Path, *, replace: bool) -> None:
    if not os.path.lexists(target):
        return
    if os.path.samefile(file, target) and not transactions_lost(file):
        raise UsageError(message("backup_is_database", file=file))
    if not replace:
        raise UsageError(message("backup_would_replace", file=target))


def _copy_checked(file: Path, copy: Path) -> tuple[int, str] | None:
    """Copy the backup, with the log that belongs to it, and return where its decisions end."""
    _check_no_foreign_log(file)
    try:
        with closing(_open(file)) as conn:
            migrate.check_known(conn, file)
            _check_intact(conn, "backup_damaged", file)
            compact_copy(conn, copy, with_biometrics=True)
        _revoke_tokens(copy)
        return read_head(copy)
    except sqlite3.Error as e:
        raise named(e, file) from e


def _revoke_tokens(copy: Path) -> None:
    """Else those that were revoked since the backup would hold again. In the copy: a process that is killed behind the
    exchange would leave them."""
    with closing(sqlite3.connect(copy, isolation_level=None)) as conn:
        table_digests.register(conn)
        if conn.execute("SELECT 1 FROM sqlite_master WHERE name = 'tokens'").fetchone():
            tokens.revoke_all(Db(conn, execute_plugins=False))


def _check_no_foreign_log(file: Path) -> None:
    """A backup is written without a log: SQLite would apply what lies there under that name, from another database."""
    with file.open("rb") as stream:
        header = stream.read(20)
    beside = [path for path in side_files(file) if path.name.endswith("-wal") and size_of(path)]
    if beside and header[18:20] == b"\x01\x01":
        raise UsageError(message("backup_foreign_log", log=beside[0], file=file.name))


def _parts(target: Path) -> list[Path]:
    """The database, its side files and its anchors, those that are there, the database first."""
    noted = [target.with_name(name) for name in anchors.LOGS]
    return [path for path in (target, *side_files(target), *noted) if os.path.lexists(path)]


def _new_folder(target: Path) -> Path | None:
    """A new folder below `backups` for what is there, None where nothing is."""
    if not _parts(target):
        return None
    folder = target.parent / "backups" / f"before-restore-{now_iso().replace(':', '')}"
    try:
        make_folder(folder.parent, inside=target.parent)
        folder.mkdir()
    except OSError as e:
        raise StorageError(os_message(e, "folder_not_made", folder=folder)) from e
    return folder


def _set_aside(target: Path, aside: Path | None) -> None:
    """Move all parts there. Killed on the way, the database is gone and the mark says where it is: see `Store.open`."""
    if aside is None:
        return
    try:
        restoring_mark(target).write_text(aside.name, "ascii")
        for path in (restoring_mark(target), aside.parent, target.parent):
            flush(path)
        for path in _parts(target):
            os.rename(path, aside / path.name)
        for folder in (aside, target.parent):
            flush(folder)
    except OSError as e:
        raise StorageError(os_message(e, "not_set_aside", file=target)) from e


def _put_back(target: Path, copy: Path, aside: Path | None) -> None:
    """As it was before: what was restored goes, what was set aside comes back.

    Raises StorageError where it cannot; the mark stays then, and says where the database is: see `Store.open`.
    """
    if os.path.lexists(target) and os.path.samefile(copy, target):
        for path in (target, *side_files(target)):
            path.unlink(missing_ok=True)
    if aside is not None:
        try:
            for path in sorted(aside.iterdir(), key=lambda path: path.name == target.name):  # the database last
                os.rename(path, target.with_name(path.name))
            aside.rmdir()
        except OSError as e:
            raise StorageError(os_message(e, "not_put_back", file=target, folder=aside)) from e


def _check_result(target: Path, head: tuple[int, str] | None, aside: Path | None) -> None:
    """Open what is in place now, as the next command will. Raises IntegrityError and StorageError."""
    damaged, differs = "restored_damaged", "restored_differs"
    if aside is not None:  # what was there before is in its place again
        damaged, differs = "restored_damaged_kept", "restored_differs_kept"
    try:
        with closing(_open(target)) as conn:
            _check_intact(conn, damaged, target)
        if read_head(target) != head:
            raise IntegrityError(message(differs, file=target))
    except sqlite3.Error as e:
        raise named(e, target) from e


def _check_intact(conn: sqlite3.Connection, code: str, file: Path) -> None:
    bad = [line for (line,) in conn.execute("PRAGMA integrity_check") if line != "ok"]
    if bad:
        raise IntegrityError(message(code, file=file, why=bad[0]))


def _open(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)
