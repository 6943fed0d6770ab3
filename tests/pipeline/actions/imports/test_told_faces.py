"""Boxes that others draw: which face each is for, and what becomes of one that no detector finds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from db.reads import import_doubts
from db.reads.details import image_info
from db.store.store import Store
from pipeline.__main__ import main
from pipeline.actions.imports.matching import Entry
from pipeline.actions.imports.run import take
from pipeline.actions.imports.told_faces import told_of
from pipeline.actions.manual_faces import draw_face
from pipeline.actions.stored_pixels.requests import Made
from pipeline.core.errors import UndecodableError
from pipeline.core.geometry import BoundingBox
from pipeline.core.messages import message
from pipeline.export.readers.labelled import LabelledPicture
from pipeline.export.readers.syntax.points import of_pairs
from tests.pipeline.actions.imports.importing import rows, run, told
from tests.pipeline.actions.imports.test_round_trip_photos import SIDE, photo

HEADS = ((70, 90, 75, 90), (SIDE + 112, 115, 75, 95))
"""Left, top, width, height: loosely around the left and the right head."""
FAR_AROUND = (30, 20, 200, 230)


def coco(root: Path, picture: bytes, *labelled: tuple[str, tuple[int, int, int, int]]) -> Path:
    (root / "images").mkdir(parents=True, exist_ok=True)
    (root / "images" / "a.png").write_bytes(picture)
    names = ["none", "pout", "smile", "openmouth"]
    told = {
        "images": [{"id": 1, "file_name": "a.png"}],
        "categories": [{"id": at, "name": name} for at, name in enumerate(names)],
        "annotations": [
            {"id": at, "image_id": 1, "category_id": names.index(name), "bbox": box}
            for at, (name, box) in enumerate(labelled)
        ],
    }
    (root / "result.json").write_text(json.dumps(told))
    return root


def labels_by_side(workspace: Path) -> list[tuple[object, ...]]:
    sql = (
        "SELECT c.name, f.x1 > ?, f.detector FROM face_state s JOIN faces f ON f.id = s.face_id"
        " JOIN classes c ON c.id = s.class_id ORDER BY 2"
    )
    return rows(workspace, sql.replace("?", str(SIDE / 2)))


@pytest.mark.parametrize("left", [HEADS[0], FAR_AROUND])
def test_each_label_lands_on_its_own_face(
    tmp_path: Path, left: tuple[int, int, int, int], capsys: pytest.CaptureFixture[str]
) -> None:
    data = coco(tmp_path / "set", photo(0, 1), ("smile", HEADS[1]), ("none", left))
    assert run(tmp_path / "w", data) == 0
    assert labels_by_side(tmp_path / "w") == [("none", 0, "yunet"), ("smile", 1, "yunet")]
    assert told(capsys)["notes"] == []


def test_a_box_that_no_detector_finds_becomes_a_face_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = coco(tmp_path / "set", photo(0, None), ("smile", HEADS[1]), ("none", HEADS[0]))
    for _ in range(2):
        assert run(tmp_path / "w", data) == 0
        assert labels_by_side(tmp_path / "w") == [("none", 0, "yunet"), ("smile", 1, "imported")]
    first, second = capsys.readouterr().out.splitlines()
    assert [one["code"] for one in json.loads(first)["notes"]] == ["import_box_face"]
    assert json.loads(second)["notes"] == []
    assert main(["verify", "--workspace", str(tmp_path / "w")]) == 0


def test_two_labels_for_one_box_are_told_and_make_one_face(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = coco(tmp_path / "set", photo(0, None), ("smile", HEADS[1]), ("none", HEADS[1]))
    assert run(tmp_path / "w", data) == 1
    assert [one["code"] for one in told(capsys)["unmatched"]] == ["import_contradiction"]  # type: ignore[attr-defined]
    assert rows(tmp_path / "w", "SELECT count(*) FROM faces WHERE detector = 'imported'") == [(1,)]


LARGER = (60, 80, 100, 115)
"""Around the left head as well, with an IoU of .59 with the first."""
ASIDE = (98, 95, 75, 90)
"""Of the left head, but less of it: the face that is found at the box is the one that is there."""
AROUND_BOTH = (20, 10, 460, 240)


@pytest.mark.parametrize(
    ("boxes", "codes", "labels"),
    [
        ([("none", HEADS[0]), ("smile", LARGER)], ["import_contradiction"], []),
        ([("none", HEADS[0]), ("none", LARGER)], [], [("none", 0, "yunet")]),
        ([("none", HEADS[0]), ("smile", ASIDE)], ["import_contradiction"], []),
        ([("none", HEADS[0]), ("smile", FAR_AROUND)], ["import_no_face_there"], [("none", 0, "yunet")]),
        ([("smile", AROUND_BOTH)], ["import_one_of_faces"], []),
    ],
)
def test_no_box_makes_a_second_face_where_one_is(
    tmp_path: Path, boxes: list[Any], codes: list[str], labels: list[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(2):  # the second time nothing is otherwise
        data = coco(tmp_path / "set", photo(0, 1), *boxes)
        assert run(tmp_path / "w", data) == (1 if codes else 0)
        assert [one["code"] for one in told(capsys)["unmatched"]] == codes  # type: ignore[attr-defined]
        assert labels_by_side(tmp_path / "w") == labels
        assert rows(tmp_path / "w", "SELECT count(*) FROM faces") == [(2,)]


def test_a_box_too_small_for_a_face_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = coco(tmp_path / "set", photo(0, None), ("smile", (SIDE + 100, 100, 6, 6)), ("none", HEADS[0]))
    assert run(tmp_path / "w", data) == 1
    assert [one["code"] for one in told(capsys)["unmatched"]] == ["import_box_refused"]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "box",
    [(2 * SIDE + 60, 10, 60, 60), (10, SIDE + 200, 60, 60), (-900, 10, 60, 60), (10, -900, 60, 60),
     (2 * SIDE - 20, SIDE - 20, 9000, 9000)],
)  # fmt: skip
def test_a_box_outside_of_its_photo_is_told_and_is_nobody_s(
    tmp_path: Path, box: tuple[int, int, int, int], capsys: pytest.CaptureFixture[str]
) -> None:
    """It ended the program that decodes; one far larger that touches a corner counted as the whole photo."""
    data = coco(tmp_path / "set", photo(None, 1), ("smile", box))
    assert run(tmp_path / "w", data) in (0, 1)
    found = told(capsys)
    codes = [(one["code"], one["params"]["place"]) for one in found["unmatched"]]  # type: ignore[attr-defined]
    beside = box[2] > SIDE  # its 20 pixels in the corner are large enough for a face
    assert codes == ([] if beside else [("import_box_refused", "images/a.png")])
    assert labels_by_side(tmp_path / "w") == ([("smile", 1, "imported")] if beside else [])


def test_a_face_that_a_person_drew_stays_as_it_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    workspace = tmp_path / "w"
    data = coco(tmp_path / "set", photo(0, None), ("smile", HEADS[1]), ("none", HEADS[0]))
    assert main(["ingest", str(data / "images"), "--workspace", str(workspace), "--executor", "serial"]) == 0
    with Store.open(workspace) as store:
        ((sha,),) = store.read(lambda db: db.execute("SELECT sha256 FROM images").fetchall())
        mine = draw_face(store, sha, BoundingBox(SIDE + 110, 110, SIDE + 190, 215)).face_id
        before = store.read(lambda db: image_info(db, sha))
    assert run(workspace, data) == 0
    assert labels_by_side(workspace) == [("none", 0, "yunet"), ("smile", 1, "drawn")]
    with Store.open(workspace) as store:
        after = store.read(lambda db: image_info(db, sha))
    assert before is not None
    assert after is not None
    assert [(f.face_id, f.box, f.crop, f.landmarks.tolist()) for f in after.faces] == [
        (f.face_id, f.box, f.crop, f.landmarks.tolist()) for f in before.faces
    ]
    assert mine in {face.face_id for face in after.faces}


class Dying:
    """A maker whose program ends at each request."""

    def told(self, *_: object) -> Made:
        raise UndecodableError(message("decoder_failed", why="it died"))


def test_a_decoder_that_dies_costs_its_own_label(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The job itself decodes nothing: what it takes in is made by the maker that it is given."""
    monkeypatch.setattr("pipeline.actions.imports.run.Elsewhere", Dying)
    data = coco(tmp_path / "set", photo(0, None), ("smile", HEADS[1]), ("none", HEADS[0]))
    assert run(tmp_path / "w", data) == 1
    (why,) = told(capsys)["unmatched"]  # type: ignore[misc]
    assert (why["code"], why["params"]["place"]) == ("import_left", "images/a.png")
    assert why["params"]["why"]["code"] == "decoder_failed"
    assert labels_by_side(tmp_path / "w") == [("none", 0, "yunet")]


def test_boxes_and_points_of_a_smaller_copy_are_scaled_and_those_of_another_shape_are_not_taken() -> None:
    pairs = [(float(at), at / 2 + 10) for at in range(68)]
    picture = LabelledPicture(
        Path("a.jpg"), "smile", box=BoundingBox(0, 10, 68, 50), drawn_on=(200, 100), points=of_pairs(pairs)
    )
    found = told_of(Entry(picture, "a.jpg", "0" * 64), (400, 200))
    assert found is not None
    assert found.face == BoundingBox(0, 20, 136, 100)
    assert found.points is not None
    assert found.points.tolist() == [[2 * x, 2 * y] for x, y in pairs]
    assert told_of(Entry(picture, "a.jpg", "0" * 64), (100, 200)) is None


BESIDE = (SIDE + 99, 137, 46, 55)
"""Its right part lies on the right face, its middle in front of it: IoU .26."""


def test_a_box_beside_a_face_waits_for_a_person(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    workspace, data = tmp_path / "w", coco(tmp_path / "set", photo(0, 1), ("smile", BESIDE))
    for _ in range(2):
        assert run(workspace, data) == 1
        done = told(capsys)
        assert labels_by_side(workspace) == []
        assert (done["waiting"], done["saved"]) == (1, 0)
        assert [one["code"] for one in done["doubts"]] == ["import_box_aside"]  # type: ignore[attr-defined]
    with Store.open(workspace) as store:
        (doubt,) = store.read(import_doubts.kept)
        assert (doubt.why, doubt.label) == ("box", "smile")
        take(store, [doubt.face_id])
    assert labels_by_side(workspace) == [("smile", 1, "yunet")]


def test_a_box_beside_a_face_is_taken_where_doubts_are(tmp_path: Path) -> None:
    data = coco(tmp_path / "set", photo(0, 1), ("smile", BESIDE))
    assert run(tmp_path / "w", data, "--take-doubts") == 1  # it is told all the same
    assert labels_by_side(tmp_path / "w") == [("smile", 1, "yunet")]
