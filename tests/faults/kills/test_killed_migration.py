"""kill -9 before each statement of the migrations: opened again a database is at one version, whole, and goes on.

From the first version all migrations run, from a later one those behind it. What an interrupted run left is compared
with the kept databases of the versions between, which were written when these were new. Where every step is tried, a
later version is killed in its next two migrations alone: what comes behind those is what the version after it begins
with.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import pytest

from db.decisions.verify import verify
from db.store.store import Store
from tests.db.schema.make_fixtures import versions
from tests.db.schema.test_released import contents, master, opened
from tests.faults.kills.killed import ALL, Killer, sampled

OPEN: Final = """
from pathlib import Path
from db.store.store import Store
Store.open(Path(args[0])).close()
"""
STARTS: Final = versions() if os.environ.get(ALL) else ["0001_first", "0018_covered"]
MOST: Final = 8
MADE: Final = (
    (
        "decisions",
        "seq, uuid, step, annotator, face_id, sha256, verdict, class_id, reason, undoes, at, prev_hash, hash",
    ),
    ("annotators", "name, created_at"),
    ("classes", "id, name"),
)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The kept database of each version, in a workspace folder of its own."""
    folders = {name: tmp_path_factory.mktemp("kept") for name in versions()}
    return {name: opened(name, folder) for name, folder in folders.items()}


def tables(file: Path) -> list[tuple[str, str, str, str | None]]:
    """Tables, indexes and triggers, without those of digests, which are taken off while a migration runs."""
    return [row for row in master(file) if not row[1].startswith("digest_")]


def applied(file: Path) -> list[str]:
    if not any(row[1] == "_sqlite_migrations" for row in master(file)):
        return []
    with closing(sqlite3.connect(file)) as conn:
        return [name for (name,) in conn.execute("SELECT name FROM _sqlite_migrations ORDER BY id")]


def rows_of(file: Path) -> dict[str, Any]:
    """What people made; of the columns those of the first version, in their order."""
    with closing(sqlite3.connect(file)) as conn:
        return {table: conn.execute(f"SELECT {columns} FROM {table} ORDER BY 1").fetchall() for table, columns in MADE}


def lasting(file: Path) -> dict[str, list[Any]]:
    """`contents`, but the tokens that a migration draws anew for what is kept of descriptors in memory."""
    found: dict[str, list[Any]] = dict(contents(file))
    return {**found, "descriptor_blocks": [block for block, _token in found["descriptor_blocks"]]}


def killed_copies(killing: Killer, made: Path, folder: Path, most: int) -> Iterator[tuple[Path, int]]:
    """Copies of the workspace `made`, each opened for the first time and killed on the way; (copy, step)."""
    shutil.copytree(made, folder / "undisturbed")
    whole = killing.run(folder / "undisturbed", code=OPEN, statements=True)
    assert whole.code == 0, whole.words
    for step in sampled(whole.steps, most):
        workspace = folder / f"w{step}"
        shutil.copytree(made, workspace)
        assert killing.run(workspace, code=OPEN, before=step, statements=True).was_killed, step
        yield workspace, step
        shutil.rmtree(workspace)


@pytest.mark.long
@pytest.mark.parametrize("version", STARTS)
def test_an_older_database_killed_at_every_statement(
    killing: Killer, kept: dict[str, Path], version: str, tmp_path: Path
) -> None:
    before = rows_of(kept[version])
    seen: set[int] = set()
    for workspace, step in killed_copies(killing, kept[version].parent, tmp_path, MOST):
        file = workspace / "moue.db"
        done = applied(file)
        assert done == versions()[: len(done)], step
        assert len(done) >= versions().index(version) + 1, step
        assert tables(file) == tables(kept[done[-1]]), step  # one version, nothing of the next
        assert rows_of(file) == before, step
        seen.add(len(done))
        backups = sorted((workspace / "backups").glob("before-*"))
        for copy in backups:  # under its name a backup is whole
            assert (applied(copy), rows_of(copy)) == (versions()[: versions().index(version) + 1], before), step
        assert backups or len(done) == versions().index(version) + 1, step
        with Store.open(workspace) as store:
            assert store.read(verify) == [], step
        assert master(file) == master(tmp_path / "undisturbed" / "moue.db"), step
        assert lasting(file) == lasting(tmp_path / "undisturbed" / "moue.db"), step
        assert not list((workspace / "backups").glob(".*/*")), step  # no unfinished copy stays: it holds people's names
        if os.environ.get(ALL) and version != versions()[0] and len(done) > versions().index(version) + 3:
            break
    assert len(seen) > 1 or version == versions()[-1]  # some of them before the first migration, some between two


@pytest.mark.long
def test_a_new_database_killed_at_every_statement(killing: Killer, tmp_path: Path) -> None:
    (tmp_path / "none").mkdir()
    for workspace, step in killed_copies(killing, tmp_path / "none", tmp_path, MOST):
        done = applied(workspace / "moue.db")
        assert done == versions()[: len(done)], step
        with Store.open(workspace) as store:
            assert store.read(verify) == [], step
        assert master(workspace / "moue.db") == master(tmp_path / "undisturbed" / "moue.db"), step
