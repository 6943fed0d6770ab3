"""One more backup in a folder of backups: it counts once it was read back whole; only then the oldest go.

The names say when: `moue-20261128T103000Z.db`. Nothing else in the folder, or where they are sent to, is touched.
"""

from __future__ import annotations

import logging
import os
import re
import shlex
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from db.reads import backup_check
from db.store import backup
from db.store.store import Store
from db.tables import audit
from pipeline.core.durable import flush, make_folder
from pipeline.core.errors import IntegrityError, StorageError
from pipeline.core.messages import message, os_message
from pipeline.files.upload import RemoteFolder

KEEP: Final = 14
_NAME: Final = re.compile(r"moue-(\d{8}T\d{6})Z\.db")
_TIME: Final = "%Y%m%dT%H%M%S"
_UNCHECKED: Final = ".unchecked-"


@dataclass(frozen=True, slots=True)
class Kept:
    """A backup that was checked. made_at: UTC. size: bytes."""

    file: Path
    made_at: datetime
    size: int


@dataclass(frozen=True, slots=True)
class Made:
    """What came of one more. decisions: how many are in it. deleted: names of older ones that went, here and there."""

    file: Path
    size: int
    decisions: int
    deleted: tuple[str, ...]
    sent_to: str


def folder_of(root: Path) -> Path:
    """Where a workspace keeps its backups: erasing a photo looks through them, too."""
    return root / "backups"


def kept(folder: Path) -> list[Kept]:
    """The checked backups in a folder, the newest first; none where there is no such folder. Raises StorageError."""
    try:
        names = sorted((name for name in os.listdir(folder) if _NAME.fullmatch(name)), reverse=True)
        return [Kept(folder / name, _made_at(name), (folder / name).stat().st_size) for name in names]
    except FileNotFoundError:
        return []
    except OSError as e:
        raise StorageError(os_message(e, "path_unreadable", file=folder)) from e


def make(
    store: Store,
    *,
    folder: Path | None = None,
    keep: int = KEEP,
    to: str = "",
    with_biometrics: bool = False,
    now: datetime | None = None,
    by: str = audit.COMMAND_LINE,
) -> Made:
    """Back up the database, read the backup back whole, give it its name, send it to the URL `to`, let the oldest go.

    folder: None for the workspace's own. keep: how many stay, at least one, here and at `to`. Whatever fails, older
    backups stay. Raises StorageError, IntegrityError where what was written is not what is there, UsageError (the URL).
    """
    place = folder_of(store.root) if folder is None else folder
    there = RemoteFolder(to) if to else None
    name = _name(now or datetime.now(UTC), [one.file.name for one in kept(place)], there.paths if there else ())
    try:
        make_folder(place, inside=store.root if folder is None else None)
        for left in place.glob(f"{_UNCHECKED}*"):  # of one that was killed, or failed
            left.unlink()
    except OSError as e:
        raise StorageError(os_message(e, "place_unwritable", place=place)) from e
    unchecked = place / f"{_UNCHECKED}{name}"
    backup.backup(store, unchecked, with_biometrics=with_biometrics, by=by)
    found = backup_check.check(unchecked)
    if found.findings:
        raise IntegrityError(message("backup_not_whole", file=unchecked, why=found.findings[0]))
    target = place / name
    try:
        size = unchecked.stat().st_size
        os.link(unchecked, target)
        try:
            flush(place)
        except OSError:  # told as refused: then it does not count
            target.unlink()
            raise
        unchecked.unlink()
    except FileExistsError as e:
        raise StorageError(message("file_exists", file=target)) from e
    except OSError as e:
        raise StorageError(os_message(e, "place_unwritable", place=target)) from e
    gone = _rotate(place, keep)
    if there is not None:
        there.send(place, [name])
        gone += _rotate_there(there, name, keep)
    return Made(target, size, found.decisions, tuple(gone), to)


def restore_line(file: Path, root: Path) -> str:
    """What to type to put a backup in the place of the workspace's database."""
    return shlex.join(["python", "-m", "pipeline", "restore", str(file), "--replace", "--workspace", str(root)])


def _name(now: datetime, *taken: Iterable[str]) -> str:
    """The name of one made now: behind the newest that is there, also where the clock was set back since, or the new
    one would count as the oldest."""
    newest = _newest(one for names in taken for one in names)
    moment = max([now, *(_made_at(name) + timedelta(seconds=1) for name in newest[:1])])
    return f"moue-{moment.strftime(_TIME)}Z.db"


def _rotate(place: Path, keep: int) -> list[str]:
    old = kept(place)[keep:]
    try:
        for one in old:
            one.file.unlink(missing_ok=True)
    except OSError as e:
        raise StorageError(os_message(e, "place_unwritable", place=place)) from e
    try:
        flush(place)
    except OSError as e:  # the new one is whole; an old one may come back after a power cut, and goes with the next
        logging.warning("%s could not be flushed: %s", place, e)
    return [one.file.name for one in old]


def _rotate_there(there: RemoteFolder, sent: str, keep: int) -> list[str]:
    old = _newest({*there.paths, sent})[keep:]
    there.delete(old)
    return [f"{there.url}/{name}" for name in old]


def _newest(names: Iterable[str]) -> list[str]:
    return sorted((name for name in names if _NAME.fullmatch(name)), reverse=True)


def _made_at(name: str) -> datetime:
    found = _NAME.fullmatch(name)
    assert found is not None
    return datetime.strptime(found[1], _TIME).replace(tzinfo=UTC)
