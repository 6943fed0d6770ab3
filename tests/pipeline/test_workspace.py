"""The Python door: frames as the pages show things, writes as the command line does them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest

from db.decisions.log import apply_ops
from db.store.locks import server_lock
from db.store.store import Db, Store
from db.tables import roles
from db.tables.annotators import ensure_annotator
from db.tables.settings import hide_suggestions
from db.team import gold, pseudonyms
from pipeline import workspace
from pipeline.core.errors import DecisionError, ExportError, NotAllowedError, UsageError
from pipeline.workspace import Workspace
from tests.db.fresh import open_fresh
from tests.db.make import add_images, decide


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_fresh(tmp_path / "w") as opened:
        yield opened


def door(store: Store, annotator: str = "") -> Workspace:
    return workspace.open(store.root, annotator=annotator)


def says_smile(store: Store, face: str, annotator: str) -> None:
    def work(db: Db) -> None:
        apply_ops(db, ensure_annotator(db, annotator), [decide(db, face)])

    store.write(work)


def frame_of(ids: list[str], verdict: str = "accept", label: str | None = "smile") -> pd.DataFrame:
    return pd.DataFrame({"face_id": ids, "verdict": verdict, "label": label})


def test_to_import_it_is_light() -> None:
    heavy = ("pandas", "cv2", "sklearn", "streamlit", "onnxruntime", "dlib", "PIL", "scipy")
    told = subprocess.run(
        [sys.executable, "-c", f"import sys; from pipeline import workspace; print(set({heavy!r}) & set(sys.modules))"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.strip() == "set()"


def test_faces_come_as_review_filters_them(store: Store) -> None:
    one, two, three = add_images(store, ["one", "two", "three"])
    says_smile(store, two, "Ada")
    with door(store) as ws:
        frame = ws.faces()
        assert list(frame.face_id) == [one, two, three]
        assert list(frame.state) == ["undecided", "accepted", "undecided"]
        row = frame.iloc[1]
        assert (row.label, row.annotator, row.width, row.height) == ("smile", "Ada", 640, 480)
        assert (row.x1, row.y1, row.x2, row.y2) == (10.5, 20.0, 60.25, 80.0)
        assert list(ws.faces(state="class:smile").face_id) == [two]
        assert list(ws.faces(state="undecided").face_id) == [one, three]
        assert list(ws.faces(state="rejected").columns) == list(frame.columns)
        assert ws.classes() == ("none", "pout", "smile", "openmouth")
        assert ws.status()["by_class"]["smile"] == 1


@pytest.mark.parametrize(
    "wanted",
    [{"stat": "all"}, {"state": "class:grin"}, {"since": "yesterday"}, {"quality": "beauty:1:"}, {"order": "beauty"}],
)
def test_what_cannot_be_asked_is_refused_and_not_left_out(store: Store, wanted: dict[str, str]) -> None:
    with door(store) as ws, pytest.raises(UsageError):
        ws.faces(**wanted)


def test_decisions_of_a_frame_are_in_the_log_once(store: Store) -> None:
    ids = add_images(store, ["one", "two"])
    frame = frame_of(ids)
    with door(store, "Ada") as ws:
        assert (ws.decide(frame).saved, ws.decide(frame).saved) == (2, 0)
        assert ws.decide(frame_of(ids[:1], "reject", None), "Bert").differing != ()
        log = ws.decisions()
        assert list(log.annotator) == ["Ada", "Ada", "Bert"]
        assert list(log.label[:2]) == ["smile", "smile"]
        assert list(ws.faces().label) == ["smile", "smile"]


def test_of_a_frame_with_a_bad_row_nothing_is_taken(store: Store) -> None:
    ids = add_images(store, ["one"])
    with door(store, "Ada") as ws:
        with pytest.raises(DecisionError, match="1 rows are refused: line 3: no face"):
            ws.decide(frame_of([*ids, "0" * 32]))
        with pytest.raises(UsageError, match="verdict"):
            ws.decide(pd.DataFrame({"face_id": ids}))
        assert len(ws.decisions()) == 0
    with door(store) as ws, pytest.raises(UsageError, match="annotator"):
        ws.decide(frame_of(ids))


def test_a_viewer_decides_nothing(store: Store) -> None:
    ids = add_images(store, ["one"])
    for name in ("Olga", "Vera"):
        store.write(lambda db, name=name: ensure_annotator(db, name))
    store.write(lambda db: roles.set_role(db, "Vera", "viewer", "Olga"))
    with door(store, "Vera") as ws, pytest.raises(NotAllowedError):
        ws.decide(frame_of(ids))


def test_it_reads_and_decides_beside_a_running_server(store: Store) -> None:
    ids = add_images(store, ["one"])
    with server_lock(store.root), door(store, "Ada") as ws:
        ws.decide(frame_of(ids))
        assert list(ws.faces().state) == ["accepted"]


def test_reading_changes_no_byte_of_the_database(store: Store) -> None:
    add_images(store, ["one"])
    root = store.root
    store.close()
    before = (root / "moue.db").read_bytes()
    with workspace.open(root) as ws:
        ws.faces()
        ws.decisions()
        ws.figures()
        ws.suggestions()
    assert (root / "moue.db").read_bytes() == before


def test_a_folder_that_is_no_workspace_stays_as_it_is(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="ingest"):
        workspace.open(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_an_older_workspace_is_not_migrated_by_looking(store: Store) -> None:
    store.write(lambda db: db.execute("DELETE FROM _sqlite_migrations WHERE name = (SELECT max(name) FROM"
                                      " _sqlite_migrations)"))  # fmt: skip
    with pytest.raises(UsageError, match="pipeline status"):
        workspace.open(store.root)


def test_others_answers_to_a_blind_face_are_not_told(store: Store) -> None:
    """A face that wants three opinions and has one: Ada sees her own, Bert and nobody see none."""
    (face,) = add_images(store, ["one"])
    sql = "INSERT INTO second_opinions (face_id, wanted, chosen_by, chosen_at) VALUES (?, 3, 'share', '')"
    store.write(lambda db: db.execute(sql, [face]))
    says_smile(store, face, "Ada")
    for viewer, seen in (("Ada", ["Ada"]), ("Bert", []), ("", [])):
        with door(store, viewer) as ws:
            assert list(ws.decisions().annotator) == seen
            row = ws.faces().iloc[0]
            assert (row.label == "smile") == bool(seen)
            assert len(ws.faces(state="class:smile")) == 0  # nothing counts yet


def test_gold_that_is_to_be_answered_shows_no_answer(store: Store) -> None:
    (face,) = add_images(store, ["one"])
    says_smile(store, face, "Olga")
    store.write(lambda db: gold.make_gold(db, face, "Olga"))
    store.write(lambda db: ensure_annotator(db, "Bert"))
    store.write(lambda db: db.execute("INSERT INTO gold_served VALUES (?, 'Bert', '')", [face]))
    with door(store, "Bert") as ws:
        assert list(ws.faces().state) == ["undecided"]
        assert list(ws.decisions().annotator) == []
        assert len(ws.faces(state="accepted")) == 0
    with door(store, "Olga") as ws:
        assert list(ws.faces().label) == ["smile"]


def test_hidden_suggestions_are_told_once_the_face_is_decided_on(store: Store) -> None:
    ids = add_images(store, ["one", "two"])
    said = pd.DataFrame({"face_id": ids, "class": "smile", "confidence": 0.75})
    with door(store, "Ada") as ws:
        assert ws.predict(said, "resnet").faces == 2
        store.write(lambda db: db.execute("INSERT INTO meta VALUES ('suggester', 'resnet')"
                                          " ON CONFLICT (key) DO UPDATE SET value = excluded.value"))  # fmt: skip
        told = ws.suggestions()
        assert list(told["class"]) == ["smile", "smile"]
        assert list(told.confidence.round(3)) == [0.75, 0.75]
        store.write(lambda db: hide_suggestions(db, True, by="Olga"))
        assert len(ws.suggestions()) == 0
        assert len(ws.faces(suggested="smile")) == 0
        with pytest.raises(UsageError, match="hidden"):
            ws.faces(order="proposal")
        ws.decide(frame_of(ids[:1]))
        assert list(ws.suggestions().face_id) == ids[:1]


def test_letters_stand_where_names_are_hidden(store: Store) -> None:
    (face,) = add_images(store, ["one"])
    says_smile(store, face, "Olga")
    store.write(lambda db: pseudonyms.switch(db, True, by="Olga"))
    with door(store, "Bert") as ws:
        assert list(ws.faces().annotator) == ["Annotator A"]
        assert list(ws.decisions().annotator) == ["Annotator A"]
        with pytest.raises(UsageError, match="hidden from you"):
            ws.faces(annotator="Olga")
        with pytest.raises(UsageError, match="hidden from you"):
            ws.faces(annotator="Nobody")
    with door(store, "Olga") as ws:
        assert list(ws.faces(annotator="Olga").annotator) == ["Olga"]


def test_crops_are_the_pixels_that_lie_on_the_disk(store: Store) -> None:
    (face,) = add_images(store, ["one"])
    bgr = np.random.default_rng(0).integers(0, 256, (31, 31, 3), np.uint8)
    file = store.root / "crops" / face[:2] / f"{face}.png"
    file.parent.mkdir(parents=True)
    cv2.imwrite(str(file), bgr)
    with door(store) as ws:
        (mouth,) = ws.crops([face])
        assert mouth.dtype == np.uint8
        assert (mouth == bgr[:, :, ::-1]).all()
        assert np.stack(list(ws.crops([face, face], size=64))).shape == (2, 64, 64, 3)
        with pytest.raises(UsageError, match="0000"):
            list(ws.crops(["0" * 32]))
        with pytest.raises(UsageError, match="pixels"):
            list(ws.crops([face], size=0))


def test_an_export_that_is_refused_says_why(store: Store, tmp_path: Path) -> None:
    add_images(store, ["one"])
    with door(store, "Ada") as ws:
        with pytest.raises(ExportError, match="accepted face"):
            ws.export(tmp_path / "out")
        with pytest.raises(UsageError, match="shape"):
            ws.export(tmp_path / "out", shape="round")
    assert not (tmp_path / "out").exists()


def test_a_wrong_name_is_told_at_once(store: Store) -> None:
    with pytest.raises(UsageError, match="rule"):
        door(store, "rule:x")
