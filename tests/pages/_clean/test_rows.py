"""A file as the Clean page shows it: what became of it, why, and what can be done."""

from __future__ import annotations

from typing import Any

import pytest

from db.reads.files import CleanFace, CleanItem
from pages._clean import rows
from pipeline.core.geometry import BoundingBox
from pipeline.core.messages import message, verbatim


def item(outcome: str = "added", faces: tuple[CleanFace, ...] = (), **other: Any) -> CleanItem:
    known: dict[str, Any] = {
        "sighting_id": 7, "location": "/photos/a b/one.jpg", "sha256": "a" * 64,
        "reason": message("no_face_found", detector="yunet"),
        "width": 640, "height": 480, "format": "JPEG", "source_id": 1, "source_kind": "folder", "proposal": None,
    }  # fmt: skip
    return CleanItem(outcome=outcome, faces=faces, **(known | other))


FACE = CleanFace("f" * 32, "0123456789abcdef", BoundingBox(1.04, 2, 30.27, 40), "accept")


def test_a_row_says_what_became_of_the_file_and_why() -> None:
    row = rows.row(item("no_face"))
    assert (row["name"], row["folder"], row["badge"]) == ("one.jpg", "/photos/a b/", "No face found")
    assert row["reason"] == "yunet found no face."  # a name stays as it is
    assert "draw its box" in row["remedy"]
    added = rows.row(item("added", (FACE,), reason=verbatim("1 face")))
    assert (added["reason"], added["remedy"]) == ("1 face.", "")
    assert added["faces"] == [{"id": "f" * 32, "v": "0123456789abcdef", "box": [1.0, 2, 30.3, 40], "verdict": "accept"}]


@pytest.mark.parametrize(
    "outcome", ["undecodable", "too_large", "unsupported", "unavailable", "quarantined", "passed_over"]
)
def test_every_failure_has_a_remedy_and_no_image(outcome: str) -> None:
    row = rows.row(item(outcome, sha256=None, width=None, height=None, reason=message("file_empty")))
    assert (row["sha"], row["reason"]) == ("", "The file is empty.")
    assert row["remedy"].endswith(".")


def test_the_overlay_has_a_new_address_when_a_face_or_a_crop_changes() -> None:
    moved = CleanFace(FACE.face_id, "f" * 16, FACE.box, FACE.verdict)
    versions = {rows.overlay_version(faces) for faces in ((), (FACE,), (moved,), (FACE, moved))}
    assert len(versions) == 4
    decided = CleanFace(FACE.face_id, FACE.crop_version, FACE.box, None)
    assert rows.overlay_version((FACE,)) == rows.overlay_version((decided,))
