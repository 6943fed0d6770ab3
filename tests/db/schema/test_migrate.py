from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlite_utils import Migrations
from sqlite_utils.db import Database as Db

from db.decisions import chain
from db.decisions.verify import verify
from db.projection import columns
from db.projection.filters import ReviewFilter
from db.reads.counts import workspace_counts
from db.reads.details import face_info
from db.reads.review import review_page
from db.schema import migrate
from db.store.store import Store
from pipeline.core.errors import StorageError
from pipeline.core.metrics import MISSING
from tests.db.make import add_images, new_uuid, sha_of

FIRST_STATE_SQL = """
INSERT INTO face_state (face_id, seq, source_id, proposal, proposal_rank, verdict, class_id, annotator, at,
  decision_uuid, n_decisions)
SELECT f.id, f.seq, i.source_id, i.proposal, ifnull(i.proposal, 9007199254740991), d.verdict, d.class_id, d.annotator,
  d.at, d.uuid, d.uuid IS NOT NULL
FROM faces f JOIN images i ON i.sha256 = f.sha256
LEFT JOIN decisions d ON d.face_id = f.id AND d.verdict = 'accept'
"""
"""The states of the first release: the accept stands, the reject was taken back."""


def longer() -> Migrations:
    """This code's migrations and one more, as the next version would have them."""
    made = Migrations("moue")
    for step in migrate.MIGRATIONS._migrations:
        made(name=step.name)(step.fn)

    @made(name="9999_more")
    def _more(db: Db) -> None:
        db.execute("CREATE TABLE more (x INTEGER) STRICT")

    return made


def test_a_pending_migration_makes_a_backup_first(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        add_images(store, ["a"])
        store.write(lambda db: db.execute("INSERT INTO meta VALUES ('k', 'before')"))
    conn = sqlite3.connect(tmp_path / "moue.db", isolation_level=None)
    migrate.migrate(Db(conn), tmp_path / "moue.db", tmp_path / "backups", longer())
    assert conn.execute("SELECT count(*) FROM more").fetchone() == (0,)
    conn.close()
    (copy,) = (tmp_path / "backups").iterdir()
    saved = sqlite3.connect(copy)
    assert saved.execute("SELECT value FROM meta WHERE key = 'k'").fetchone() == ("before",)
    assert saved.execute("SELECT count(*) FROM faces").fetchone() == (1,)
    assert saved.execute("SELECT count(*) FROM sqlite_master WHERE name = 'more'").fetchone() == (0,)


def test_a_newer_schema_is_refused_with_a_remedy(tmp_path: Path) -> None:
    Store.open(tmp_path).close()
    conn = sqlite3.connect(tmp_path / "moue.db", isolation_level=None)
    migrate.migrate(Db(conn), tmp_path / "moue.db", tmp_path / "backups", longer())
    conn.close()
    with pytest.raises(StorageError, match=r"9999_more.*upgrade"):
        Store.open(tmp_path)


def test_a_failing_migration_changes_nothing(tmp_path: Path) -> None:
    Store.open(tmp_path).close()
    broken = longer()

    @broken(name="99999_broken")
    def _broken(db: Db) -> None:
        db.execute("CREATE TABLE half (x INTEGER)")
        raise RuntimeError("stop")

    conn = sqlite3.connect(tmp_path / "moue.db", isolation_level=None)
    with pytest.raises(RuntimeError, match="stop"):
        migrate.migrate(Db(conn), tmp_path / "moue.db", tmp_path / "backups", broken)
    names = {name for (name,) in conn.execute("SELECT name FROM sqlite_master")}
    assert "half" not in names
    assert "more" in names
    conn.close()


def test_somebody_elses_database_is_left_alone(tmp_path: Path) -> None:
    conn = sqlite3.connect(tmp_path / "moue.db")
    conn.execute("CREATE TABLE recipes (x)")
    conn.commit()
    conn.close()
    with pytest.raises(StorageError, match="none of Moue's"):
        Store.open(tmp_path)
    assert [r[0] for r in sqlite3.connect(tmp_path / "moue.db").execute("SELECT name FROM sqlite_master")] == [
        "recipes"
    ]


def test_a_first_opening_that_was_cut_off_is_gone_on_with(tmp_path: Path) -> None:
    """The disk was full, or the process killed, when only the list of migrations was there."""
    with closing(sqlite3.connect(tmp_path / "moue.db")) as conn:
        migrate.MIGRATIONS.ensure_migrations_table(Db(conn))
        conn.execute("DROP INDEX idx__sqlite_migrations_migration_set_name")
        conn.commit()
        assert conn.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall() == [
            ("_sqlite_migrations",)
        ]
    with Store.open(tmp_path) as store:
        assert store.read(lambda db: db.execute("SELECT count(*) FROM faces").fetchone()) == (0,)
        assert store.read(verify) == []


def test_every_table_of_moue_is_strict(store: Store) -> None:
    rows = store.read(
        lambda db: db.execute("SELECT name, strict FROM pragma_table_list WHERE type = 'table'").fetchall()
    )
    loose = {name for name, strict in rows if not strict and not name.startswith("sqlite_")}
    assert loose == {"_sqlite_migrations"}


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE decisions SET took_ms = 1",
        "DELETE FROM decisions",
        "INSERT OR REPLACE INTO decisions SELECT * FROM decisions",
    ],
)
def test_the_log_refuses_to_be_changed(store: Store, sql: str) -> None:
    from db.decisions.log import apply_ops
    from tests.db.make import decide

    (face,) = add_images(store, ["a"])
    store.write(lambda db: apply_ops(db, "ann", [decide(db, face)]))
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        store.write(lambda db: db.execute(sql))


def first_workspace(file: Path) -> None:
    """A database as the first release wrote it: three faces of one image, one accepted, one decided and taken back."""
    first = Migrations("moue")
    step = migrate.MIGRATIONS._migrations[0]
    first(name=step.name)(step.fn)
    conn = sqlite3.connect(file, isolation_level=None)
    db = Db(conn)
    migrate.migrate(db, file, file.parent / "backups", first)
    sha, at = sha_of("old"), "2026-01-31T09:05:07.123Z"
    db.execute("INSERT INTO sources VALUES (1, 'folder', '/x', ?)", [at])
    db.execute(
        "INSERT INTO images VALUES"
        " (?, 'added', '', 640, 480, 'JPEG', 9, 'referenced', '/x/a', 0, 1, 2, 'yunet', 1.5, ?)",
        [sha, at],
    )
    db.execute(
        "INSERT INTO sightings (source_id, location, size, mtime_ns, sha256, outcome, reason, seen_at, outcome_rank)"
        " VALUES (1, '/x/a', 9, 7, ?, 'added', '', ?, 6)",
        [sha, at],
    )
    for n in range(3):
        db.execute(
            "INSERT INTO faces (id, sha256, rank, detector, score, x1, y1, x2, y2, landmarks, crop_x, crop_y,"
            " crop_width, crop_height, crop_version, origin, created_at)"
            " VALUES (?, ?, ?, 'yunet', 0.9, 1, 2, 3, 4, zeroblob(544), 5, 6, 7, 8, 'v', 'detector', ?)",
            [f"{n:032x}", sha, n, at],
        )
    db.execute("INSERT INTO annotators VALUES ('Ann', ?)", [at])
    log: list[tuple[int, str, int | None, str | None]] = [(0, "accept", 3, None), (1, "reject", None, None)]
    before = ""
    for n, verdict, class_id, undoes in [*log, (1, "undo", None, "before")]:
        key = new_uuid()
        values = {"uuid": key, "step": key, "annotator": "Ann", "face_id": f"{n:032x}", "sha256": sha}
        values |= {"verdict": verdict, "class_id": class_id, "reason": None, "at": at, "took_ms": 5}
        chain.append(db, values | {"undoes": before if undoes else None})
        before = key
    chain.remember_head(db)
    db.execute(FIRST_STATE_SQL)
    conn.close()


def test_a_workspace_of_the_first_release_keeps_everything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first_workspace(tmp_path / "moue.db")
    monkeypatch.setattr(columns, "COMPACT_AT", 2)  # what the migration leaves is folded in at once
    with Store.open(tmp_path) as store:
        assert store.read(verify) == []
        assert store.read(lambda db: db.execute("SELECT count(*) FROM face_changes").fetchone()) == (0,)
        numbers = store.read(workspace_counts)
        assert (numbers.faces, numbers.undecided, numbers.accepted, numbers.decisions) == (3, 2, 1, 3)
        for order in ("import", "proposal", "side", "-side", "doubtful"):  # never measured: listed all the same
            page = store.read(lambda db, o=order: review_page(db, ReviewFilter("all", order=o), 9))
            assert [item.face_id for item in page.items] == [f"{n:032x}" for n in range(3)]
            assert {(item.quality, item.proposal) for item in page.items} == {(None, 2)}
        info = store.read(lambda db: face_info(db, f"{0:032x}"))
        assert info is not None
        assert (info.state.verdict, info.state.class_id, len(info.history), info.face.crop.angle) == ("accept", 3, 1, 0)
    (copy,) = (tmp_path / "backups").iterdir()
    assert copy.name.startswith("before-0002_cleaning")


@pytest.mark.parametrize("folded", [False, True])
def test_a_workspace_of_the_second_release_can_be_filtered_by_its_stories(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folded: bool
) -> None:
    file = tmp_path / "moue.db"
    first_workspace(file)
    second = Migrations("moue")
    for step in migrate.MIGRATIONS._migrations[:2]:
        second(name=step.name)(step.fn)
    conn = sqlite3.connect(file, isolation_level=None)
    migrate.migrate(Db(conn), file, tmp_path / "backups", second)
    conn.execute(
        "INSERT INTO sightings (source_id, location, size, mtime_ns, sha256, outcome, reason, seen_at, outcome_rank)"
        " VALUES (1, '/x/again', 9, 7, ?, 'already_present', '', '2026-01-31T09:05:07.123Z', 7)",
        [sha_of("old")],
    )
    if folded:
        with monkeypatch.context() as patch:
            states, *_, metrics = columns.GROUPS
            states = states._replace(sql=states.sql.replace(f"WHEN t.waiting <> '' THEN {columns.ANSWERED}", ""))
            later = ("likeness", "filled", "covered", "mouth_disagreement")
            sql = metrics.sql
            for name in later:
                sql = sql.replace(f", ifnull(q.{name}, {MISSING})", "")
            then = metrics._replace(names=tuple(name for name in metrics.names if name not in later), sql=sql)
            patch.setattr(columns, "GROUPS", (states, then))
            columns.compact(Db(conn))
    names = [row[0] for row in conn.execute("SELECT name FROM sqlite_master")]
    assert "views" not in names
    conn.close()
    with Store.open(tmp_path) as store:
        assert store.read(verify) == []
        asked = (
            (ReviewFilter("all", annotator="Ann"), [0]),
            (ReviewFilter("all", decided_from=29_497_505, decided_to=29_497_506), [0]),  # 2026-01-31 09:05
            (ReviewFilter("all", decided_from=29_497_506), []),
            (ReviewFilter("all", outcome="already_present"), [0, 1, 2]),
            (ReviewFilter("all", outcome="no_face"), []),
            (ReviewFilter("all", disagreement=True), []),
        )
        for flt, wanted in asked:
            page = store.read(lambda db, f=flt: review_page(db, f, 9))
            assert [item.face_id for item in page.items] == [f"{n:032x}" for n in wanted], flt
    assert any(copy.name.startswith("before-0003_review") for copy in (tmp_path / "backups").iterdir())


def test_a_script_is_cut_into_its_statements(monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked at each letter, SQLite took .1 s of the .3 in which a workspace was made."""
    table = "CREATE TABLE a (b TEXT DEFAULT 'x;y') -- c;d\n;"
    trigger = "CREATE TRIGGER t AFTER INSERT ON a BEGIN\n DELETE FROM a; /* e;f */ SELECT 1;\nEND;"
    asked: list[str] = []

    def is_complete(statement: str) -> bool:
        asked.append(statement)
        return complete(statement)

    complete = sqlite3.complete_statement
    monkeypatch.setattr(migrate.sqlite3, "complete_statement", is_complete)
    script = f"\n{table}\n\n{trigger}\nSELECT 2"
    assert list(migrate.statements(script)) == [table, trigger, "SELECT 2"]
    assert len(asked) == script.count(";")
    assert list(migrate.statements(" \n")) == []


def test_a_script_that_fails_in_the_middle_leaves_nothing(tmp_path: Path) -> None:
    file = tmp_path / "moue.db"
    with sqlite3.connect(file) as connection:
        half = migrate._in_order(
            {"0001_half": "CREATE TABLE a (b); INSERT INTO a VALUES (1); INSERT INTO c VALUES (1)"}
        )
        with pytest.raises(sqlite3.OperationalError, match="no such table: c"):
            half.apply(Db(connection))
        assert not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'a'").fetchall()
