"""Whether anything was changed in a workspace since one looked last: for what is kept of it elsewhere."""

from __future__ import annotations

from pathlib import Path

from db.store.readers import open_read_only


class Watch:
    """A connection of its own: only one and the same can tell. For one thread."""

    def __init__(self, file: Path) -> None:
        """file: the database. Raises StorageError."""
        self._db = open_read_only(file)

    def version(self) -> int:
        """Another number after each commit that changed something, of this process or another."""
        (version,) = self._db.execute("PRAGMA data_version").fetchone()
        return int(version)

    def close(self) -> None:
        self._db.conn.close()
