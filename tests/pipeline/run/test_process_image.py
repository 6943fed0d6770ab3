from __future__ import annotations

import hashlib
import io
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import get_args

import cv2
import numpy as np
import pytest
from PIL import Image

from pipeline.core.border import Border
from pipeline.core.errors import ModelError, UsageError
from pipeline.core.geometry import Bgr, BoundingBox
from pipeline.core.messages import verbatim
from pipeline.core.outcome import Outcome
from pipeline.core.records import Detection, ImageOutcome, ImageRef, Settings, face_id
from pipeline.faces.crop import cut, mouth_crop
from pipeline.faces.detect import DETECTORS, DetectorInfo
from pipeline.pixels.decode import load_upright
from pipeline.run import process_image as process_image_module
from pipeline.run.process_image import process_image
from tests.pipeline.photos import astronaut, bgr_of, coffee, encoded, hopper


def ref_of(path: Path) -> ImageRef:
    return ImageRef(str(path), str(path), path.stat().st_size)


def test_a_sound_jpeg_is_used_as_it_is() -> None:
    result = process_image(ref_of(hopper()), Settings())
    assert (result.outcome, result.format, result.reason.text) == (Outcome.ADDED, "JPEG", "1 face")
    assert result.unified is None
    with Image.open(hopper()) as image:
        assert (result.width, result.height) == image.size
    assert result.sha256 == hashlib.sha256(hopper().read_bytes()).hexdigest()


def test_a_png_gets_face_crop_thumbnail_and_unified_jpeg() -> None:
    result = process_image(ref_of(astronaut()), Settings())
    (face,), (png,) = result.faces, result.crops
    assert result.sha256 is not None
    assert face.face_id == face_id(result.sha256, face.box, "yunet")
    assert (face.rank, face.detector, face.image_sha256) == (0, "yunet", result.sha256)
    assert face.crop == mouth_crop(face.landmarks, 1.5)
    pixels = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR)
    assert np.array_equal(pixels, cut(bgr_of(astronaut()), face.crop, "black"))
    assert result.unified is not None
    assert result.thumb is not None
    with Image.open(io.BytesIO(result.unified)) as image:
        assert image.size == (512, 512)
        close = np.abs(np.asarray(image).astype(int) - bgr_of(astronaut())[:, :, ::-1])
        assert close.mean() < 2
    with Image.open(io.BytesIO(result.thumb)) as image:
        assert image.size == (480, 480)


def test_a_turned_jpeg_is_unified_upright(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    with Image.open(astronaut()) as image:
        turned = image.convert("RGB").transpose(Image.Transpose.ROTATE_90)  # what a phone held sideways stores
    path = tmp_path / "a.jpg"
    path.write_bytes(encoded(turned, "JPEG", quality=97, exif=exif))
    result = process_image(ref_of(path), Settings())
    assert result.outcome is Outcome.ADDED
    upright = process_image(ref_of(astronaut()), Settings())
    assert result.faces[0].box.iou(upright.faces[0].box) > 0.9
    assert result.unified is not None
    with Image.open(io.BytesIO(result.unified)) as image:
        assert image.getexif().get(0x0112, 1) == 1
        assert np.abs(np.asarray(image).astype(int) - bgr_of(astronaut())[:, :, ::-1]).mean() < 4


def test_no_face_is_stored_too() -> None:
    result = process_image(ref_of(coffee()), Settings())
    assert (result.outcome, result.reason.text, result.faces, result.crops) == (
        Outcome.NO_FACE, "yunet found no face at 640, 320 pixels, upright or turned", (), ())  # fmt: skip
    assert result.thumb
    assert result.unified


def test_the_margin_is_the_settings() -> None:
    crops = {m: process_image(ref_of(astronaut()), Settings(margin=m)).faces[0].crop for m in (1.5, 3.0)}
    assert abs(crops[3.0].width - 2 * crops[1.5].width) <= 1


@pytest.mark.parametrize("name", [pytest.param(n, marks=pytest.mark.long) if n == "mmod" else n for n in DETECTORS])
def test_the_same_file_gives_the_same_bytes(name: str) -> None:
    def fingerprint(r: ImageOutcome) -> tuple[object, ...]:
        return ([(f.face_id, f.box, f.landmarks.tobytes(), f.crop) for f in r.faces], r.crops, r.unified, r.thumb)

    one, other = (process_image(ref_of(astronaut()), Settings(detector=name)) for _ in range(2))
    assert one.outcome is Outcome.ADDED
    assert fingerprint(one) == fingerprint(other)


@pytest.mark.parametrize(
    ("data", "outcome"),
    [
        (b"", Outcome.UNDECODABLE),
        (b"hello, I am text", Outcome.UNSUPPORTED),
        (bytes(range(256)), Outcome.UNDECODABLE),  # its name says .jpg
        (b"<html><body>not found</body></html>", Outcome.UNSUPPORTED),
        (hopper().read_bytes()[:20_000], Outcome.UNDECODABLE),
        (b"x" * 70_000, Outcome.TOO_LARGE),
    ],
)
def test_a_bad_file_has_an_outcome_and_a_reason(tmp_path: Path, data: bytes, outcome: Outcome) -> None:
    path = tmp_path / "x.jpg"
    path.write_bytes(data)
    result = process_image(ref_of(path), Settings(max_bytes=65_000))
    assert result.outcome is outcome
    assert result.reason.text
    assert (result.faces, result.crops, result.thumb, result.unified) == ((), (), None, None)


def test_a_vanished_file_is_unavailable(tmp_path: Path) -> None:
    gone = ImageRef(str(tmp_path / "gone.jpg"), "gone.jpg", 5)
    assert process_image(gone, Settings()).outcome is Outcome.UNAVAILABLE


def test_a_photo_that_was_replaced_since_it_was_listed_has_the_size_that_was_read(tmp_path: Path) -> None:
    path = tmp_path / "x.png"
    path.write_bytes(encoded(Image.new("RGB", (9, 9)), "PNG"))
    listed = ref_of(path)
    later = encoded(Image.new("RGB", (99, 99)), "PNG")
    path.write_bytes(later)
    result = process_image(listed, Settings())
    assert (result.ref.size, result.width) == (len(later), 99)
    assert result.sha256 == hashlib.sha256(later).hexdigest()
    assert replace(result.ref, size=listed.size) == listed


def test_a_failure_met_earlier_is_passed_on() -> None:
    ref = ImageRef("/x", "/x", 5, failure=(Outcome.UNSUPPORTED, verbatim("a zip")))
    result = process_image(ref, Settings())
    assert (result.outcome, result.reason.text) == (Outcome.UNSUPPORTED, "a zip")


def _replace_detector(monkeypatch: pytest.MonkeyPatch, find: Callable[[Bgr], object]) -> None:
    monkeypatch.setattr(DetectorInfo, "find", lambda _, bgr, **_options: find(bgr))


@pytest.mark.parametrize("error", [cv2.error("no memory"), MemoryError(), RuntimeError("dlib")])
def test_an_error_of_a_library_costs_one_photo(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def broken(_: object) -> list[Detection]:
        raise error

    _replace_detector(monkeypatch, broken)
    result = process_image(ref_of(coffee()), Settings())
    assert result.outcome is Outcome.QUARANTINED
    assert result.reason.text.startswith("processing failed: ")
    assert len(result.reason.text) > len("processing failed: ")


@pytest.mark.parametrize("error", [ModelError("weights"), UsageError("name")])
def test_what_no_photo_survives_ends_the_run(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def broken(_: object) -> list[Detection]:
        raise error

    _replace_detector(monkeypatch, broken)
    with pytest.raises(type(error)):
        process_image(ref_of(coffee()), Settings())


def test_two_boxes_with_one_id_are_one_face(monkeypatch: pytest.MonkeyPatch) -> None:
    boxes = [BoundingBox(170.1, 70, 280, 200), BoundingBox(169.9, 70, 280, 200), BoundingBox(100, 70, 200, 200)]
    _replace_detector(monkeypatch, lambda _: [Detection(b, None) for b in boxes])
    result = process_image(ref_of(astronaut()), Settings())
    assert [f.box for f in result.faces] == [boxes[0], boxes[2]]
    assert [f.rank for f in result.faces] == [0, 1]
    assert len(result.crops) == 2


@pytest.mark.parametrize("border", get_args(Border))
def test_a_face_at_the_corner_gets_a_whole_square(tmp_path: Path, border: Border) -> None:
    """The photo ends in the middle of the mouth: the crop is pushed inside or filled, never shrunk."""
    whole = process_image(ref_of(astronaut()), Settings()).faces[0].crop
    cropped = bgr_of(astronaut())[: whole.y + whole.height // 2 + 6]
    path = tmp_path / "a.png"
    cv2.imwrite(str(path), cropped)
    result = process_image(ref_of(path), Settings(border=border))
    assert result.outcome is Outcome.ADDED
    (face,) = result.faces
    crop, below = face.crop, face.crop.y + face.crop.height - cropped.shape[0]
    assert crop.width == crop.height
    assert face.quality is not None
    assert face.quality.filled == pytest.approx(max(0, below) / crop.height)
    pixels = cv2.imdecode(np.frombuffer(result.crops[0], np.uint8), cv2.IMREAD_COLOR)
    assert pixels is not None
    assert pixels.shape[:2] == (crop.height, crop.width)
    if border == "push":
        assert below == 0
        assert np.array_equal(pixels, cropped[crop.y :, crop.x : crop.x + crop.width])
        assert crop.x == process_image(ref_of(path), Settings(border="black")).faces[0].crop.x
    else:
        assert below > 0
        filled = pixels[-below:]
        mirrored = cropped[-below:, crop.x : crop.x + crop.width][::-1]
        assert np.array_equal(filled, mirrored if border == "reflect" else np.zeros_like(filled))
    assert np.array_equal(load_upright(path, Settings())[0].bgr, cropped)


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP", "TIFF"])
def test_no_face_in_the_first_of_several_pictures_tells_of_the_others(kind: str, tmp_path: Path) -> None:
    title, path = Image.new("RGB", (60, 60), "white"), tmp_path / "x"
    title.paste((0, 0, 0), (10, 10, 30, 20))
    title.save(path, kind, save_all=True, append_images=[Image.new("RGB", (60, 60), "red")])
    told = process_image(ref_of(path), Settings())
    assert (told.outcome, "`--frames all`" in told.reason.text) == (Outcome.NO_FACE, True)
    title.save(path, kind)
    assert "--frames" not in process_image(ref_of(path), Settings()).reason.text


def test_the_bytes_of_the_file_are_gone_while_faces_are_looked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(hopper().read_bytes() + bytes(20_000_000))
    held: list[int] = []

    def nothing(*_given: object) -> list[Detection]:
        held.append(tracemalloc.get_traced_memory()[0])
        return []

    monkeypatch.setattr(process_image_module, "find_faces", nothing)
    tracemalloc.start()
    try:
        assert process_image(ref_of(path), Settings()).outcome is Outcome.NO_FACE
    finally:
        tracemalloc.stop()
    assert held[0] < 5_000_000
