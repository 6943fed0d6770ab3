"""`backup`, `restore` and `verify --against` as a script calls them, on a workspace of rows alone."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from db.decisions.log import apply_ops
from db.store import backup
from db.store.locks import server_lock
from db.store.store import Store
from db.tables import jobs
from tests.db.behind import behind_moue
from tests.db.make import add_images, decide
from tests.pipeline.commands import inside, one_line


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """Two decisions; `b.db` beside it is a backup of the first one."""
    root = tmp_path / "w"
    with Store.open(root) as store:
        faces = add_images(store, ["a", "b"])
        store.write(lambda db: apply_ops(db, "Ann", [decide(db, faces[0])]))
    assert inside("backup", tmp_path / "b.db", "--workspace", root).returncode == 0
    with Store.open(root) as store:
        store.write(lambda db: apply_ops(db, "Ann", [decide(db, faces[1])]))
    return root


def decisions(root: Path) -> int:
    done = inside("status", "--workspace", root, "--json")
    return int(json.loads(done.stdout)["decisions"])


def test_what_is_there_is_replaced_when_asked_and_kept(workspace: Path) -> None:
    refused = inside("restore", workspace.parent / "b.db", "--workspace", workspace)
    assert refused.returncode == 2
    assert one_line(refused.stderr)
    assert "--replace" in refused.stderr
    assert decisions(workspace) == 2
    done = inside("restore", workspace.parent / "b.db", "--workspace", workspace, "--replace", "--json")
    assert done.returncode == 0
    told = json.loads(done.stdout)
    assert (told["workspace"], told["findings"]) == (str(workspace), [])
    assert decisions(workspace) == 1
    with closing(sqlite3.connect(Path(told["set_aside"]) / "moue.db")) as conn:
        assert conn.execute("SELECT count(*) FROM decisions").fetchone() == (2,)


def test_a_running_server_is_named(workspace: Path) -> None:
    with server_lock(workspace):
        done = inside("restore", workspace.parent / "b.db", "--workspace", workspace, "--replace")
    assert done.returncode == 1
    assert one_line(done.stderr)
    assert "stop it first" in done.stderr
    assert decisions(workspace) == 2


def test_a_damaged_database_says_how_it_is_replaced(workspace: Path) -> None:
    (workspace / "moue.db").write_bytes(b"no database at all " * 999)
    done = inside("status", "--workspace", workspace)
    assert done.returncode == 1
    assert one_line(done.stderr)
    assert "restore FILE --replace" in done.stderr
    assert inside("restore", workspace.parent / "b.db", "--workspace", workspace, "--replace").returncode == 0
    assert decisions(workspace) == 1


def test_a_log_without_its_database_is_named_by_every_command(workspace: Path) -> None:
    (workspace / "moue.db").rename(workspace / "elsewhere.db")
    (workspace / "moue.db-wal").write_bytes(b"what was saved last")
    for command in (["status"], ["verify"], ["ingest", str(workspace)]):
        done = inside(*command, "--workspace", workspace)
        assert done.returncode == 1
        assert one_line(done.stderr)
        assert "moue.db is gone" in done.stderr
    assert (workspace / "moue.db-wal").read_bytes() == b"what was saved last"


def test_a_backup_that_contradicts_itself_is_restored_and_told(workspace: Path) -> None:
    with closing(behind_moue(workspace)) as conn:
        conn.execute("UPDATE faces SET x1 = 0")
    assert inside("backup", workspace.parent / "c.db", "--workspace", workspace).returncode == 0
    done = inside("restore", workspace.parent / "c.db", "--workspace", workspace.parent / "other")
    assert done.returncode == 1
    assert "restored into" in done.stdout
    assert "table faces" in done.stdout
    assert decisions(workspace.parent / "other") == 2


def test_what_ran_when_a_backup_was_made_does_not_run_in_the_restored_workspace(workspace: Path) -> None:
    with Store.open(workspace) as store:
        job = store.write(lambda db: jobs.start_job(db, "ingest", {}, 1))
        backup.backup(store, workspace.parent / "c.db")
    other = workspace.parent / "other"
    assert inside("restore", workspace.parent / "c.db", "--workspace", other).returncode == 0
    with Store.open(other) as store:
        found = store.read(lambda db: jobs.get(db, job))
    assert found is not None
    assert found.state == "interrupted"


def of_the_log(root: Path, *more: object) -> list[str]:
    """Findings, without those of photos and crops: there are none on the disk."""
    done = inside("verify", "--workspace", root, "--json", *more)
    return [text for text in json.loads(done.stdout)["findings"] if "decision" in text]


def test_a_log_is_compared_with_a_backup(workspace: Path, tmp_path: Path) -> None:
    assert of_the_log(workspace, "--against", tmp_path / "b.db") == []
    with Store.open(tmp_path / "new") as store:
        (face,) = add_images(store, ["z"])
        store.write(lambda db: apply_ops(db, "Bob", [decide(db, face)]))
    assert of_the_log(tmp_path / "new") == []
    (told,) = of_the_log(tmp_path / "new", "--against", tmp_path / "b.db")
    assert "decision 1 is another one" in told
    done = inside("verify", "--workspace", workspace, "--against", tmp_path / "none.db")
    assert (done.returncode, "no backup" in done.stderr) == (2, True)
