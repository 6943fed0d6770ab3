"""A workspace with a row or more in every table, and changes to it behind Moue's back."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest

from db.decisions import consensus, rules
from db.decisions.log import apply_ops
from db.decisions.ops import UndoOp
from db.decisions.verify import verify
from db.duplicates import groups
from db.images import images
from db.projection import columns
from db.store import anchors
from db.store.store import Db, Store
from db.tables import frames, jobs, releases, saved_views
from db.tables import settings as agreed
from db.tables.consensus_rules import ConsensusRule
from pipeline.core.errors import MoueError
from pipeline.core.metrics import QualityMetrics
from pipeline.core.records import Provenance, Verdict
from tests.db.copies import join
from tests.db.make import add_images, decide, make_outcome, new_uuid

UNDECIDED: Final = "SELECT face_id FROM face_state WHERE verdict IS NULL LIMIT 1"
FIGURES: Final = QualityMetrics(100, 50, 0.5, 0.2, 1, 2, 3, 0, 0.9, 0.8, 0.1, 0.6, 0.0)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A closed workspace that has a row or more in every table."""
    root = tmp_path_factory.mktemp("tampering") / "w"
    with Store.open(root) as store:
        faces = add_images(store, ["a", "b", "c"])
        store.write(measured)
        join(store, ["a", "b", "c"])
        store.write(lambda db: from_the_web(db, "d"))
        store.write(lambda db: apply_ops(db, "Ann", [decide(db, faces[0]), decide(db, faces[1], Verdict.UNSURE)]))
        store.write(lambda db: apply_ops(db, "Ann", [UndoOp(new_uuid())]))
        store.write(lambda db: apply_ops(db, "Zoë", [UndoOp(new_uuid()), decide(db, faces[2])]))
        store.write(around)
    return root


def measured(db: Db) -> None:
    source = images.ensure_source(db, "folder", "/measured")
    made = make_outcome("m")
    face = replace(made.outcome.faces[0], quality=FIGURES)
    images.record_outcomes(db, source, "job", [replace(made, outcome=replace(made.outcome, faces=(face,)))])


def from_the_web(db: Db, name: str) -> None:
    source = images.ensure_source(db, "search", "engine: smile")
    made = make_outcome(name)
    told = Provenance(
        "https://x.org/d.jpg", "https://x.org", "title", "author", "CC0 1.0", "https://cc", "engine", "smile"
    )
    ref = replace(made.outcome.ref, provenance=told)
    images.record_outcomes(db, source, None, [replace(made, outcome=replace(made.outcome, ref=ref))])


def around(db: Db) -> None:
    """Everything else that a workspace keeps."""
    rules.save_rule(db, "blurred", (("sharpness", 10.0, None),), "blurred", "Ann")
    rules.switch_on(db, "blurred", "Ann")
    (group,) = db.execute("SELECT id FROM duplicate_groups").fetchone()
    (member,) = db.execute("SELECT max(sha256) FROM duplicate_members").fetchone()
    groups.mark_distinct(db, "Ann", group, member)
    agreed.hide_suggestions(db, True)
    saved_views.save_view(db, "mine", {"state": "all"}, "Ann")
    made = releases.Written("first", 1, "0" * 64, releases.log_head(db), {"smile": 3}, b"{}", b"file\n")
    releases.add_release(db, "first", "/out", {"seed": 0}, {"train": {"smile": 1}}, "0" * 64, "Ann", made)
    frames.put_extracted_frames(db, 1, "/x/v.mp4", 9, 7, "every second", [("@1.000s", 9)])
    jobs.start_job(db, "ingest", {})
    db.execute("INSERT INTO annotator_identities VALUES ('https://id.example', '7', 'Ann')")
    of_a_team(db)
    columns.compact(db)


def of_a_team(db: Db) -> None:
    """A row in each table of a team's and of suggestions; no consensus changes with them."""
    (face,) = db.execute(UNDECIDED).fetchone()
    at = "2026-01-31T09:05:07.123Z"
    consensus.set_rule(db, ConsensusRule(), "Ann")
    db.execute("INSERT INTO second_opinions VALUES (?, 2, 'share', ?)", [face, at])
    db.execute("INSERT INTO handouts VALUES (1, '{}', 'Ann', 'Zoë', ?, NULL, NULL)", [at])
    db.execute("INSERT INTO gold VALUES (?, 'accept', 1, NULL, 'Ann', ?)", [face, at])
    db.execute("INSERT INTO gold_served VALUES (?, 'Ann', ?)", [face, at])
    db.execute("INSERT INTO notes VALUES (?, ?, 'Ann', 'a note', ?)", [new_uuid(), face, at])
    db.execute("INSERT INTO resolved_notes VALUES (?, 'Ann', ?)", [face, at])
    db.execute("INSERT INTO guidelines VALUES (1, 'words', 'Ann', ?)", [at])
    db.execute("INSERT INTO guideline_examples VALUES (1, ?, 0, 1, 'Ann', ?)", [face, at])
    db.execute(
        "INSERT INTO suggestion_models VALUES (1, 'moue', 1, 'learned', ?, 'Ann', '[1, 2]', '[]', '', 9,"
        " '{}', '{}', 1)",
        [at],
    )
    db.execute("INSERT INTO suggestion_blocks VALUES (1, 0, zeroblob(8192))")
    db.execute("INSERT INTO kept_labels VALUES (?, 1, 'Ann', ?)", [face, at])
    db.execute("INSERT INTO random_draws VALUES (?, ?, 'Ann', 1, 1, 0.5)", [face, at])
    db.execute("INSERT INTO refused_ops VALUES (?, 'Ann', 'face_removed', ?)", ["0" * 32, at])
    told = [face.ljust(64, "0"), at]
    db.execute("INSERT INTO tokens VALUES (1, 'Ann', 'x', 'viewer', ?, 'Ann', ?, NULL, NULL, NULL, NULL)", told)
    db.execute("INSERT INTO persons VALUES (1, 'Zoë', ?)", [at])
    db.execute("INSERT INTO person_names VALUES (0, 'Zoë', 1)")
    db.execute("INSERT INTO person_levels SELECT min(id), 1, 0 FROM sources")
    db.execute("INSERT INTO sighting_persons SELECT min(id), 1, 'folder' FROM sightings WHERE sha256 IS NOT NULL")
    db.execute("INSERT INTO face_persons VALUES (?, 1, 'hand')", [face])
    db.execute("INSERT INTO face_embeddings VALUES (?, zeroblob(512))", [face])
    db.execute("INSERT INTO told_together SELECT ?, sha256 FROM images", ["0" * 64])
    db.execute("INSERT INTO placements SELECT 'set', sha256, 1, 'val' FROM faces WHERE id = ?", [face])


@pytest.fixture
def root(whole: Path, tmp_path: Path) -> Path:
    shutil.copytree(whole, tmp_path / "w")
    return tmp_path / "w"


def findings(root: Path) -> list[str]:
    try:
        with Store.open(root) as store:
            return store.read(lambda db: [*verify(db), *anchors.check(db, root)])
    except MoueError as e:  # it does not even open: the command says so and ends with 1
        return [str(e)]


def attack(root: Path, *statements: str, **values: Any) -> int:
    """Run them as one who takes all triggers off first and puts them back. Returns the rows of the last statement."""
    with closing(sqlite3.connect(root / "moue.db", isolation_level=None)) as conn:
        conn.execute("PRAGMA ignore_check_constraints = ON")
        conn.execute("PRAGMA synchronous = OFF")
        conn.execute("BEGIN")
        triggers = conn.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            conn.execute(f'DROP TRIGGER "{name}"')
        done = 0
        for statement in statements:
            done = conn.execute(statement, values).rowcount
        for _, sql in triggers:
            conn.execute(sql)
        conn.execute("COMMIT")  # not reached after an error: then nothing has changed
        return done
