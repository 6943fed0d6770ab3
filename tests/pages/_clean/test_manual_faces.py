"""What the photo list asks for, and the sentence that it gets."""

from __future__ import annotations

from pathlib import Path

import pytest

from db.reads.details import image_info
from pages._clean import manual_faces
from pages._server import identity, workspace
from pipeline.core.geometry import CropBox
from tests.pipeline.made import sha_of


@pytest.fixture(autouse=True)
def signed_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identity, "identify", lambda cookies, headers: "Ann")


@pytest.mark.usefixtures("full")
def test_the_answer_carries_the_token_and_a_sentence(ingested: Path) -> None:
    sha256 = sha_of(ingested / "photos" / "afar.png")
    box = [947, 1006, 995, 1064]
    done = manual_faces.answer({"token": "t1", "do": "draw", "sha": sha256, "box": box})
    assert (done["ok"], done["token"], done["sha"]) == (True, "t1", sha256)
    assert done["message"].startswith("Face added")
    moved = manual_faces.answer({"token": "t2", "do": "move", "face": done["face"], "crop": [955, 1030, 30]})
    assert (moved["ok"], moved["face"]) == (True, done["face"])
    image = workspace.get_store().read(lambda db: image_info(db, sha256))
    assert image is not None
    assert image.faces[0].crop == CropBox(955, 1030, 30, 30)
    assert "is moved" in moved["message"]
    pushed = manual_faces.answer({"token": "t3", "do": "move", "face": done["face"], "crop": [2380, 1980, 30]})
    image = workspace.get_store().read(lambda db: image_info(db, sha256))
    assert image is not None
    assert image.faces[0].crop == CropBox(2370, 1970, 30, 30)  # the photo has 2400 x 2000 pixels
    assert "pushed inside" in pushed["message"]


@pytest.mark.usefixtures("full")
@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"do": "draw", "sha": "0" * 64, "box": [1, 2, 60, 70]}, "not in the workspace"),
        ({"do": "move", "face": "0" * 32, "crop": [1, 2, 60]}, "not in the workspace"),
        ({"do": "draw", "sha": "0" * 64, "box": [1, 2, 60]}, "a place that is none"),
        ({"do": "draw", "sha": "0" * 64, "box": [1, 2, 60, "x"]}, "a place that is none"),
        ({"do": "draw", "sha": "0" * 64, "box": [1, 2, 60, float("nan")]}, "a place that is none"),
        ({"do": "move", "face": "0" * 32, "crop": None}, "a place that is none"),
        ({"do": "erase"}, "something unknown"),
        ({}, "something unknown"),
    ],
)
def test_what_the_page_sends_is_checked(asked: dict[str, object], words: str) -> None:
    said = manual_faces.answer({"token": "t", **asked})
    assert (said["ok"], said["token"]) == (False, "t")
    assert words in said["message"]
    assert said["message"][0].isupper()
    assert said["message"].endswith(".")
