"""A workspace open for reading alone: beside a server or a job, without a lock that they need."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TypeVar

from sqlite_utils.db import Database as Db

from db.base.database_files import size_of
from db.schema import migrate
from db.store.locks import InUse, migration_lock
from db.store.log_damage import check_log
from db.store.readers import Readers, open_read_only
from db.store.store import DATABASE_NAME
from pipeline.core.errors import UsageError
from pipeline.core.messages import message

T = TypeVar("T")


class Reading:
    """Nothing is migrated or written; only `restore` waits until it is closed."""

    def __init__(self, root: Path) -> None:
        """Raises UsageError where there is no workspace, or an older Moue's; StorageError for a newer one's, a damaged
        log, and while a backup is being put in place."""
        self.root = Path(root).absolute()
        self.file = self.root / DATABASE_NAME
        if not self.file.is_file():
            raise UsageError(message("folder_without_workspace", root=self.root))
        self._in_use = InUse(self.root)
        try:
            if size_of(self.file.with_name(f"{DATABASE_NAME}-wal")):
                with migration_lock(self.root):
                    check_log(self.file, self._in_use)
            with closing(open_read_only(self.file).conn) as conn:
                migrate.check_known(conn, self.file)
                pending = migrate.MIGRATIONS.pending(Db(conn, execute_plugins=False))
            if pending:
                raise UsageError(message("workspace_of_older", root=self.root))
        except BaseException:
            self._in_use.release()
            raise
        self._readers = Readers(self.file, most=1)

    def read(self, fn: Callable[[Db], T]) -> T:
        """Run `fn` on a read-only connection, in one snapshot; it returns values, not cursors. Raises StorageError."""
        return self._readers.read(fn)

    def close(self) -> None:
        """A second call does nothing."""
        self._readers.close()
        self._in_use.release()
