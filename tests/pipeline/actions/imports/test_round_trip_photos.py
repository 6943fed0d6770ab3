"""Whole photos with two faces each, exported with their boxes, imported into an empty workspace and exported again, are
the same: pictures, classes, splits, boxes, landmarks; also of a face that no detector finds, and of a moved crop."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Final

import numpy as np
import pytest
from PIL import Image

from db.reads.details import image_info
from db.store.store import Store
from pipeline.__main__ import main
from pipeline.actions.manual_faces import draw_face, move_crop
from pipeline.core.geometry import BoundingBox, CropBox
from tests.pipeline.actions.imports.exported import READ
from tests.pipeline.actions.imports.importing import CLASSES, rows, run
from tests.pipeline.photos import encoded, numbered_head

SIDE: Final = 256
DRAWN: Final = BoundingBox(SIDE + 60, 40, SIDE + 190, 210)


def photo(left: int, right: int | None) -> bytes:
    """Two heads beside each other; without the second one a wall of noise that no detector takes for a face."""
    picture = Image.new("RGB", (2 * SIDE, SIDE))
    with Image.open(io.BytesIO(numbered_head(left))) as head:
        picture.paste(head.resize((SIDE, SIDE)), (0, 0))
    if right is None:
        noise = np.random.default_rng(left).integers(90, 110, (SIDE, SIDE, 3)).astype(np.uint8)
        picture.paste(Image.fromarray(noise), (SIDE, 0))
    else:
        with Image.open(io.BytesIO(numbered_head(right))) as head:
            picture.paste(head.resize((SIDE, SIDE)), (SIDE, 0))
    return encoded(picture, "PNG")


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six photos: in the last two the right face is drawn by hand; in the fourth the left one's crop is moved."""
    root = tmp_path_factory.mktemp("photos")
    (root / "given").mkdir()
    for number in range(6):
        (root / "given" / f"{number}.png").write_bytes(photo(2 * number, 2 * number + 1 if number < 4 else None))
    words = ["--workspace", str(root / "w"), "--executor", "serial"]
    assert main(["ingest", str(root / "given"), *words]) == 0
    lines = []
    with Store.open(root / "w") as store:
        shas = [sha for (sha,) in store.read(lambda db: db.execute("SELECT sha256 FROM images").fetchall())]
        names = {sha: store.read(lambda db, sha=sha: image_info(db, sha)).locations[0] for sha in shas}  # type: ignore[misc, union-attr]
        for sha in shas:
            number = int(Path(names[sha]).stem)
            if number >= 4:
                draw_face(store, sha, DRAWN)
            image = store.read(lambda db, sha=sha: image_info(db, sha))  # type: ignore[misc]
            assert image is not None
            faces = sorted(image.faces, key=lambda face: face.box.x1)
            assert len(faces) == 2
            if number == 3:
                move_crop(store, faces[0].face_id, CropBox(60, 120, 80, 80))
            for at, face in enumerate(faces):
                lines.append(f"{face.face_id},accept,{CLASSES[(number + at) % 4]}\n")
    (root / "labels.csv").write_text("face_id,verdict,label\n" + "".join(lines))
    assert main(["decide", str(root / "labels.csv"), "--annotator", "Ada", "--workspace", str(root / "w")]) == 0
    return root / "w"


def export(workspace: Path, out: Path, *formats: str) -> None:
    words = ["--workspace", str(workspace), "--out", str(out), "--name", "set", "--val", "0.3", "--content", "photo"]
    assert main(["export", *words, *(word for name in formats for word in ("--format", name))]) == 0


@pytest.fixture(scope="module")
def exported(workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("exported") / "all"
    export(workspace, root, *READ)
    return root


@pytest.mark.long
@pytest.mark.parametrize("name", READ)
def test_photos_with_two_faces_are_the_same_after_an_import(name: str, exported: Path, tmp_path: Path) -> None:
    before = sorted(READ[name](exported / name))
    assert len({sha for sha, *_ in before}) == 6
    assert len(before) == 12
    other = tmp_path / "other"
    assert run(other, exported / name, "--line", "set", annotator="Bob") == 0
    export(other, tmp_path / "again", name)
    assert sorted(READ[name](tmp_path / "again")) == before
    made = rows(other, "SELECT count(*), detector FROM faces WHERE origin = 'drawn' GROUP BY detector")
    assert made == [(2, "imported")]
    assert run(other, exported / name, "--line", "set", annotator="Bob") == 0  # once more: nothing is new
    assert rows(other, "SELECT count(*) FROM faces") == [(12,)]
