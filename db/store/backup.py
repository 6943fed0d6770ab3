"""Copies of the database, made while it is in use, and the way back."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from contextlib import closing, suppress
from pathlib import Path

from db.base.sqlite_errors import named
from db.schema import migrate
from db.store.store import DATABASE_NAME, Store
from pipeline.core.errors import IntegrityError, StorageError, UsageError


def backup(store: Store, file: Path) -> None:
    """Write one consistent moment of the database to the new file `file`, durably. Decisions go on meanwhile.

    Raises UsageError where `file` exists, StorageError where it cannot be written.
    """
    with _new_file(file) as temporary:
        try:
            with closing(sqlite3.connect(f"{store.file.as_uri()}?mode=ro", uri=True, isolation_level=None)) as conn:
                conn.execute("VACUUM INTO ?", [str(temporary)])
        except sqlite3.Error as e:
            raise named(e, file) from e


def restore(file: Path, root: Path) -> None:
    """Make the backup `file` the database of the workspace folder `root`, which has none yet.

    Raises UsageError (no such file, `root` has a database), StorageError (not a database of Moue, a newer one),
    IntegrityError (damaged).
    """
    if not file.is_file():
        raise UsageError(f"there is no backup {file}")
    target = Path(root).absolute() / DATABASE_NAME
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as e:
        raise StorageError(f"the workspace {root} cannot be created ({e.strerror}); choose another folder") from e
    with _new_file(target) as temporary:
        try:
            uri = f"{file.absolute().as_uri()}?mode=ro"
            with closing(sqlite3.connect(uri, uri=True, isolation_level=None)) as conn:
                migrate.check_known(conn, file)
                bad = [line for (line,) in conn.execute("PRAGMA integrity_check") if line != "ok"]
                if bad:
                    raise IntegrityError(f"the backup {file} is damaged ({bad[0]}): use another one")
                conn.execute("VACUUM INTO ?", [str(temporary)])
        except sqlite3.Error as e:
            raise named(e, file) from e


class _new_file:  # noqa: N801 - used as a function
    """A temporary name beside `target`; on success its file is flushed and linked to `target`, never over one."""

    def __init__(self, target: Path) -> None:
        self._target = target

    def __enter__(self) -> Path:
        if self._target.exists():
            raise UsageError(f"{self._target} exists already: choose another name or move it away")
        try:
            self._folder = Path(tempfile.mkdtemp(prefix=".new-", dir=self._target.absolute().parent))
        except OSError as e:
            raise StorageError(f"{self._target} cannot be written ({e.strerror}): choose another folder") from e
        return self._folder / "copy.db"

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        copy = self._folder / "copy.db"
        try:
            if kind is None:
                _flush(copy)
                os.link(copy, self._target)  # unlike a rename, it fails where the name was taken meanwhile
                _flush(self._target.absolute().parent)
        except FileExistsError as e:
            raise UsageError(f"{self._target} exists already: choose another name or move it away") from e
        except OSError as e:
            raise StorageError(f"{self._target} cannot be written ({e.strerror}): choose another folder") from e
        finally:
            with suppress(FileNotFoundError):
                copy.unlink()
            self._folder.rmdir()


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
