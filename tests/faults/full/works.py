"""What is done on a disk that gets full: prepared on a small workspace, done, and looked at.

Each is made for a folder with the workspace `w` (as the fixture `decided` makes it) and photos in `in`. `do` raises
MoueError where it cannot be done. `check` is called when it failed, `done` when it was done: what must hold then.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from db.decisions.log import apply_ops
from db.decisions.ops import DecideOp
from db.store.store import Store
from db.tables import settings
from db.team import notes
from pipeline.actions.release.accepted import read_accepted
from pipeline.actions.releases import write_zip
from pipeline.core.errors import ERRORS_VARIABLE, MoueError, last_message
from pipeline.core.records import Verdict
from pipeline.export.export import plan
from pipeline.export.split import SplitPlan
from tests.faults.whole import named, stems, verified
from tests.pipeline.commands import inside, rows

AFTER_A_FAILURE: Final = "is named by nothing in the database: do again"
"""What `verify` may say where a job or a release was broken off."""


_BEFORE: Final = 3
"""Decisions that the fixture made."""


@dataclass
class Work:
    """One of them, with nothing to look at."""

    root: Path
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def workspace(self) -> Path:
        return self.root / "w"

    def prepare(self) -> None:
        """What is there before, with room."""

    def do(self) -> None:
        raise NotImplementedError

    def check(self) -> None:
        found = verified(self.workspace).splitlines()
        assert [line for line in found if AFTER_A_FAILURE not in line and "findings" not in line] == []

    def take_out(self) -> None:
        """What is there, and whole, although it was said refused: the workspace went just behind the commit."""

    def done(self) -> None:
        assert verified(self.workspace) == ""

    def command(self, *words: object) -> None:
        """A command in this process. Raises MoueError with what it said last."""
        os.environ[ERRORS_VARIABLE] = "json"
        done = inside(*words, "--workspace", self.workspace)
        assert "Traceback" not in done.stderr, done.stderr
        if done.returncode:
            told = last_message(done.stderr)
            assert told is not None, done
            raise MoueError(told)


class Decisions(Work):
    """Six answers one after the other, each sent again where it was refused, with a note and a setting."""

    def prepare(self) -> None:
        self.store = Store.open(self.workspace)
        self.faces = self.store.read(lambda db: db.execute("SELECT id, sha256 FROM faces ORDER BY id").fetchall())
        self.acknowledged: list[str] = []

    def do(self) -> None:
        for number in range(len(self.acknowledged), 6):
            key = str(UUID(int=number, version=4))
            op = DecideOp(key, key, *self.faces[number % len(self.faces)], Verdict.REJECT, None, None)
            (result,) = self.store.write(partial(apply_ops, annotator="Ann", ops=[op]))
            assert result.status in ("saved", "repeat"), result
            self.acknowledged.append(key)
        face = self.faces[0][0]
        self.store.write(
            partial(notes.add_note, annotator="Ann", face_id=face, key=str(UUID(int=7, version=4)), text="?")
        )
        self.store.write(partial(settings.hide_suggestions, hidden=True))

    def check(self) -> None:
        """Asked of the file as another process sees it: what was acknowledged is there."""
        kept = [key for (key,) in rows(self.workspace, "SELECT uuid FROM decisions ORDER BY seq")][_BEFORE:]
        assert kept[: len(self.acknowledged)] == self.acknowledged
        assert len(kept) <= len(self.acknowledged) + 1, "one may be saved whose answer did not come"

    def done(self) -> None:
        self.check()
        assert len(self.acknowledged) == 6
        assert rows(self.workspace, "SELECT (SELECT count(*) FROM notes), (SELECT count(*) FROM decisions)") == [(1, 9)]
        self.store.close()
        super().done()


class Ingest(Work):
    """Photos copied into the workspace."""

    def do(self) -> None:
        self.command("ingest", self.root / "in", "--copy", "--executor", "serial")

    def check(self) -> None:
        super().check()
        for original in (self.workspace / "originals").rglob("*.jpg"):
            if not original.name.startswith("."):  # under its name it is whole
                assert hashlib.sha256(original.read_bytes()).hexdigest() == original.stem

    def done(self) -> None:
        super().done()
        assert stems(self.workspace) == named(self.workspace)
        assert rows(self.workspace, "SELECT count(*) FROM images") == [(5,)]


class ExportFolder(Work):
    def do(self) -> None:
        self.command("export", "--val", ".5", "--overwrite", "--name", "data", "--out", self.root / "out")

    def check(self) -> None:
        super().check()
        assert {path.name for path in self.root.iterdir()} <= {"in", "w", "out"}
        if (self.root / "out").exists():  # whole, but it could not be noted
            assert self.command("release", "verify", self.root / "out") is None

    def done(self) -> None:
        super().done()
        assert {path.name for path in self.root.iterdir()} == {"in", "w", "out"}
        assert len(list((self.root / "out").rglob("*.png"))) == 3


class ExportZip(Work):
    noted: bool = False

    def prepare(self) -> None:
        self.store = Store.open(self.workspace)

    def do(self) -> None:
        accepted = read_accepted(self.store)
        write_zip(self.store, plan(accepted.items, accepted.class_names, SplitPlan(val=0.5, seed=0)), "set", None)

    def check(self) -> None:
        found = verified(self.workspace).splitlines()
        assert [line for line in found if not line.startswith("releases/") and "finding" not in line] == []
        assert all(path.suffix == ".zip" for path in (self.workspace / "releases").glob("*")), "left"

    def take_out(self) -> None:
        self.noted = bool(rows(self.workspace, "SELECT name FROM releases"))

    def done(self) -> None:
        zips = list((self.workspace / "releases").iterdir())
        assert len({path.read_bytes() for path in zips}) == 1
        assert rows(self.workspace, "SELECT count(*) FROM releases") == [(1 + self.noted,)]
        self.store.close()


class ExportRemote(Work):
    """By way of a folder in the workspace; the place itself has room."""

    def do(self) -> None:
        self.command("export", "--val", ".5", "--overwrite", "--name", "data", "--out", "memory://full/out")

    def check(self) -> None:
        super().check()
        assert list((self.workspace / "releases").glob(".*")) == []

    def done(self) -> None:
        super().done()
        assert list((self.workspace / "releases").glob(".*")) == []


class Backup(Work):
    def do(self) -> None:
        self.command("backup", self.root / "b" / "backup.db")

    def prepare(self) -> None:
        (self.root / "b").mkdir()
        self.before = rows(self.workspace, "SELECT * FROM decisions ORDER BY seq")

    def check(self) -> None:
        super().check()
        assert list((self.root / "b").iterdir()) == []

    def take_out(self) -> None:
        """One that is there although it could not be noted any more: it is whole."""
        for path in (self.root / "b").iterdir():
            self._is_whole(path)
            path.unlink()

    def done(self) -> None:
        super().done()
        assert [path.name for path in (self.root / "b").iterdir()] == ["backup.db"]
        self._is_whole(self.root / "b" / "backup.db")

    def _is_whole(self, file: Path) -> None:
        assert file.name == "backup.db"
        with closing(sqlite3.connect(file)) as conn:
            assert conn.execute("SELECT * FROM decisions ORDER BY seq").fetchall() == self.before


class BackupRotated(Work):
    """Earlier ones stay, whatever happens to the new one."""

    def prepare(self) -> None:
        folder = self.workspace / "backups"
        folder.mkdir(exist_ok=True)
        self.old = [folder / f"moue-2026010{day}T000000Z.db" for day in (1, 2)]
        for file in self.old:
            file.write_bytes(b"old")

    def do(self) -> None:
        self.command("backup", "--rotate", "--keep", "2")

    def check(self) -> None:
        super().check()
        assert all(file.exists() for file in self.old)

    def done(self) -> None:
        super().done()
        left = sorted(path.name for path in (self.workspace / "backups").iterdir())
        assert len(left) == 2
        assert not self.old[0].exists()


class Erase(Work):
    def prepare(self) -> None:
        (self.sha,) = rows(self.workspace, "SELECT sha256 FROM images ORDER BY rowid LIMIT 1")[0]

    def do(self) -> None:
        if rows(self.workspace, f"SELECT 1 FROM images WHERE sha256 = '{self.sha}'"):
            self.command("erase", self.sha)

    def check(self) -> None:
        super().check()
        assert stems(self.workspace) == named(self.workspace)

    def done(self) -> None:
        self.check()
        assert self.sha not in stems(self.workspace)


class Restore(Work):
    def prepare(self) -> None:
        self.command("backup", self.root / "b.db")
        with Store.open(self.workspace) as store:
            store.write(partial(settings.hide_suggestions, hidden=True))

    def do(self) -> None:
        self.command("restore", self.root / "b.db", "--replace")

    def check(self) -> None:
        super().check()
        assert len(rows(self.workspace, "SELECT 1 FROM decisions")) == 3

    def done(self) -> None:
        self.check()
        assert rows(self.workspace, "SELECT 1 FROM meta WHERE key = 'hide_suggestions'") == []


class Thumbnail(Work):
    """One that a page asks for and that is not there: it is shown also where it cannot be kept."""

    def prepare(self) -> None:
        from pages._server import workspace

        os.environ["MOUE_WORKSPACE"] = str(self.workspace)
        (self.sha,) = rows(self.workspace, "SELECT sha256 FROM images ORDER BY rowid LIMIT 1")[0]
        workspace.get_store()
        self.file = self.workspace / "thumbs" / self.sha[:2] / f"{self.sha}.jpg"
        self.file.unlink()

    def do(self) -> None:
        from pages._routes._render import render

        data, _ = render("thumb", self.sha, "")
        assert data.startswith(b"\xff\xd8")
        assert data.endswith(b"\xff\xd9")

    def check(self) -> None:
        raise AssertionError("a full disk kept a picture from being shown")

    def done(self) -> None:
        assert self.file.read_bytes().endswith(b"\xff\xd9")


class NewWorkspace(Work):
    def do(self) -> None:
        self.command("ingest", self.root / "in" / "4.jpg", "--executor", "serial")

    def prepare(self) -> None:
        self.root = self.root / "new"
        self.root.mkdir()
        os.link(self.root.parent / "in" / "4.jpg", self.root / "4.jpg")
        (self.root / "in").symlink_to(self.root)

    def check(self) -> None:
        """Whatever is there, the next call goes on from it."""

    def done(self) -> None:
        super().done()
        assert rows(self.workspace, "SELECT count(*) FROM images") == [(1,)]


WORKS: Final[dict[str, Callable[[Path], Work]]] = {
    "decisions": Decisions, "ingest": Ingest, "export": ExportFolder, "zip": ExportZip, "remote": ExportRemote,
    "backup": Backup, "rotate": BackupRotated, "erase": Erase, "restore": Restore, "thumbnail": Thumbnail,
    "new": NewWorkspace,
}  # fmt: skip
