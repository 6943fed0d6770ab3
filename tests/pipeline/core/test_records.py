from __future__ import annotations

import hashlib
import json

from pipeline.core.geometry import BoundingBox
from pipeline.core.records import LOOKS, Settings, face_id

SHA = "ab" * 32


def test_face_id_is_the_hash_that_the_design_names() -> None:
    box = BoundingBox(10.4, 20.6, 99.9, 120.2)
    expected = hashlib.sha256(f"{SHA}:10,21,100,120:yunet".encode()).hexdigest()[:32]
    assert face_id(SHA, box, "yunet") == expected
    assert len(expected) == 32


def test_face_id_keeps_to_rounded_pixels() -> None:
    one = face_id(SHA, BoundingBox(10.1, 20.1, 99.9, 120.2), "yunet")
    assert face_id(SHA, BoundingBox(9.9, 20.4, 100.3, 119.8), "yunet") == one
    others = [
        face_id("cd" * 32, BoundingBox(10, 20, 100, 120), "yunet"),
        face_id(SHA, BoundingBox(11, 20, 100, 120), "yunet"),
        face_id(SHA, BoundingBox(10, 20, 100, 120), "hog"),
    ]
    assert len({one, *others}) == 4


def test_what_was_noted_before_there_were_several_looks_is_one_look() -> None:
    noted = json.loads(Settings().processing)
    assert noted.pop("looks") == LOOKS
    before = Settings.of_processing(json.dumps(noted))
    assert (before.looks, before.processing == Settings().processing) == (1, False)
    assert Settings.of_processing("").looks == 1
    assert Settings.of_processing(Settings().processing) == Settings()
    assert "looks" not in json.loads(Settings(detector="hog").processing)  # it looks as it always did
