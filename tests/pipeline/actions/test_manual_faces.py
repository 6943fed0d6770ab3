"""Faces drawn and crops moved by hand, down to the files and the rows."""

from __future__ import annotations

import hashlib
import io
import shutil
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

from db.decisions.log import apply_ops
from db.decisions.ops import DecideOp
from db.images import faces
from db.projection.filters import ReviewFilter
from db.reads.details import ImageInfo, face_info, image_info
from db.reads.files import clean_page
from db.reads.review import review_page
from db.store.store import Store
from db.tables.annotators import ensure_annotator
from pipeline.actions.erase import erase_image
from pipeline.actions.manual_faces import draw_face, move_crop
from pipeline.actions.stored_pixels import manual
from pipeline.actions.verify import verify_workspace
from pipeline.core.errors import IntegrityError, StorageError, UsageError
from pipeline.core.geometry import BoundingBox, CropBox
from pipeline.core.records import Verdict
from pipeline.files.blobs import BlobStore
from tests.pipeline import commands as cli
from tests.pipeline.made import HEAD, LIPS, afar, sha_of, write_photos


@pytest.fixture(scope="module")
def ingested(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """photos/ and the workspace/ made of them; only copies of the workspace are written to."""
    folder = tmp_path_factory.mktemp("ingested")
    cli.ingest(folder / "workspace", write_photos(folder / "photos"))
    return folder


@pytest.fixture
def photos(ingested: Path) -> Path:
    return ingested / "photos"


@pytest.fixture
def store(ingested: Path, tmp_path: Path) -> Iterator[Store]:
    shutil.copytree(ingested / "workspace", tmp_path / "workspace")
    with Store.open(tmp_path / "workspace") as opened:
        yield opened


@pytest.fixture
def blobs(store: Store) -> BlobStore:
    return BlobStore(store.root)


Seen = Callable[[], ImageInfo]


def info_of(store: Store, photo: Path) -> ImageInfo:
    info = store.read(lambda db: image_info(db, sha_of(photo)))
    assert info is not None
    return info


@pytest.fixture
def missed(store: Store, photos: Path) -> Seen:
    """The photo whose face no detector finds, as it is now."""
    return lambda: info_of(store, photos / "afar.png")


@pytest.fixture
def found(store: Store, photos: Path) -> Seen:
    """The photo whose face was found, as it is now."""
    return lambda: info_of(store, photos / "astronaut.png")


def crop_pixels(blobs: BlobStore, face_id: str) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(blobs.read("crops", face_id, "png"))))


def test_a_drawn_face_is_stored_and_waits_for_review(store: Store, blobs: BlobStore, missed: Seen) -> None:
    before = missed()
    assert (before.outcome, before.faces) == ("no_face", ())
    done = draw_face(store, before.sha256, HEAD)

    after = missed()
    assert after.outcome == "added"
    (face,) = after.faces
    assert (face.face_id, face.detector, face.box) == (done.face_id, "drawn", HEAD)
    mouth = face.landmarks[48:68]
    assert LIPS.x1 <= mouth[:, 0].min() < mouth[:, 0].max() <= LIPS.x2
    assert LIPS.y1 <= mouth[:, 1].min() < mouth[:, 1].max() <= LIPS.y2
    crop = face.crop
    wanted = afar()[crop.y : crop.y + crop.height, crop.x : crop.x + crop.width, ::-1]
    assert (crop_pixels(blobs, face.face_id) == wanted).all()
    png = blobs.read("crops", face.face_id, "png")
    assert after.crop_versions == (hashlib.sha256(png).hexdigest()[:16],)
    waiting = store.read(lambda db: review_page(db, ReviewFilter(), 50)).items
    assert [item.face_id for item in waiting if item.sha256 == after.sha256] == [face.face_id]
    page = store.read(lambda db: clean_page(db, "no_face"))
    assert [Path(item.location).name for item in page.items] == ["cup.png"]


def test_drawing_a_face_twice_adds_nothing(store: Store, missed: Seen, found: Seen) -> None:
    sha256 = missed().sha256
    draw_face(store, sha256, HEAD)
    with pytest.raises(UsageError, match="this very box is drawn already"):
        draw_face(store, sha256, BoundingBox(937.3, 1004.8, 976.2, 1051.4))
    with pytest.raises(UsageError, match="there is a face here already"):
        draw_face(store, sha256, BoundingBox(933, 1002, 978, 1053))
    with pytest.raises(UsageError, match="there is a face here already"):
        draw_face(store, found().sha256, BoundingBox(150, 20, 305, 205))
    assert len(missed().faces) == 1
    assert len(found().faces) == 1


@pytest.mark.parametrize(
    ("box", "words"), [((5, 5, 12, 60), "too small"), ((9000, 10, 9100, 110), "outside the photo")]
)
def test_a_box_that_shows_nothing_is_refused(
    store: Store, box: tuple[float, float, float, float], words: str, missed: Seen
) -> None:
    with pytest.raises(UsageError, match=words):
        draw_face(store, missed().sha256, BoundingBox(*box))
    assert missed().outcome == "no_face"


def test_a_moved_crop_keeps_the_face_and_its_decision(store: Store, blobs: BlobStore, found: Seen) -> None:
    image = found()
    (face,) = image.faces
    key = str(uuid.uuid4())
    op = DecideOp(key, key, face.face_id, image.sha256, Verdict.ACCEPT, 3, None, 100)
    store.write(lambda db: ensure_annotator(db, "Ann"))
    store.write(lambda db: apply_ops(db, "Ann", [op]))
    done = move_crop(store, face.face_id, CropBox(180, 100, 80, 80))

    after = found()
    assert done.face_id == face.face_id
    assert [one.face_id for one in after.faces] == [face.face_id]
    assert after.faces[0].crop == CropBox(180, 100, 80, 80)
    assert (after.faces[0].landmarks == face.landmarks).all()
    assert after.crop_versions != image.crop_versions
    original = cv2.imread(found().original)
    assert (crop_pixels(blobs, face.face_id) == original[100:180, 180:260, ::-1]).all()
    info = store.read(lambda db: face_info(db, face.face_id))
    assert info is not None
    assert (info.state.verdict, info.state.class_id, len(info.history)) == ("accept", 3, 1)


def test_a_moved_crop_stays_turned(store: Store, blobs: BlobStore, found: Seen) -> None:
    image = found()
    (face,) = image.faces
    down = replace(face.crop, angle=180.0)
    store.write(lambda db: faces.replace_crop(db, face.face_id, down, None, "v"))
    move_crop(store, face.face_id, CropBox(180, 100, 80, 80))
    assert found().faces[0].crop == CropBox(180, 100, 80, 80, 180.0)
    original = cv2.imread(image.original)
    assert (crop_pixels(blobs, face.face_id) == original[100:180, 180:260, ::-1][::-1, ::-1]).all()


def test_a_crop_whose_row_cannot_be_written_stays_as_it_was(
    store: Store, blobs: BlobStore, monkeypatch: pytest.MonkeyPatch, found: Seen
) -> None:
    (face,) = found().faces
    before = blobs.read("crops", face.face_id, "png")

    def full(*_: object) -> None:
        raise StorageError("the disk is full")

    monkeypatch.setattr(faces, "replace_crop", full)
    with pytest.raises(StorageError, match="disk is full"):
        move_crop(store, face.face_id, CropBox(180, 100, 80, 80))
    assert blobs.read("crops", face.face_id, "png") == before
    assert found().faces[0].crop == face.crop


def test_who_draws_a_face_notes_the_hash_that_an_older_moue_did_not(
    store: Store, missed: Seen, photos: Path, tmp_path: Path
) -> None:
    written, sha256 = missed().unified_sha256, missed().sha256
    store.write(lambda db: db.execute("UPDATE images SET unified_sha256 = NULL, original = 'gone'"))
    assert missed().unified_sha256 is None
    draw_face(store, sha256, HEAD)
    assert written is not None
    assert missed().unified_sha256 == written


@pytest.mark.parametrize("name", ["face_from_box", "recrop"])
def test_a_crop_that_is_drawn_or_moved_while_its_photo_is_erased_is_not_left(
    store: Store, missed: Seen, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    sha256 = missed().sha256
    face_id = draw_face(store, sha256, HEAD).face_id
    cut = getattr(manual, name)

    def erased_meanwhile(*given: Any) -> Any:
        made = cut(*given)
        erase_image(store, sha256)
        return made

    monkeypatch.setattr(manual, name, erased_meanwhile)
    beside = BoundingBox(HEAD.x1 - 90, HEAD.y1, HEAD.x2 - 90, HEAD.y2)
    work = {
        "recrop": partial(move_crop, store, face_id, CropBox(180, 100, 80, 80)),
        "face_from_box": partial(draw_face, store, sha256, beside),
    }
    with pytest.raises(IntegrityError):
        work[name]()
    assert verify_workspace(store).findings == ()
