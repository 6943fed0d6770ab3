"""The sample photos: their answers are known, only the planted copies are copies, and they can be exported."""

from __future__ import annotations

import hashlib
from collections import Counter
from pathlib import Path

import cv2
import numpy as np
import pytest
from scipy.fft import dctn

from pipeline.core.records import ExportItem, ImageOutcome, ImageRef, Settings
from pipeline.export.export import plan
from pipeline.export.split import SplitPlan
from pipeline.run.process_image import process_image
from pipeline.sources.samples import SamplePhoto, write_samples

Made = tuple[Path, tuple[SamplePhoto, ...], dict[str, ImageOutcome]]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp("samples")
    photos = write_samples(folder)
    outcomes = {p.name: process_image(ImageRef(str(folder / p.name), p.name, 1), Settings()) for p in photos}
    return folder, photos, outcomes


@pytest.mark.long
def test_six_photos_a_class_two_copies_and_one_without_a_face(made: Made) -> None:
    folder, photos, _ = made
    own = Counter(p.expected_class for p in photos if p.copy_of is None)
    assert own == {"none": 6, "pout": 6, "smile": 6, "openmouth": 6, None: 1}
    assert sum(p.copy_of is not None for p in photos) == 2
    assert sorted(f.name for f in folder.iterdir()) == sorted(p.name for p in photos)


def test_each_photo_has_the_one_face_that_it_should_have(made: Made) -> None:
    _, photos, outcomes = made
    faces = {p.name: len(outcomes[p.name].faces) for p in photos}
    assert faces == {p.name: int(p.expected_class is not None) for p in photos}


def _opening(outcome: ImageOutcome) -> float:
    """Height between the inner lips over the width between the corners."""
    points = outcome.faces[0].landmarks
    return float(np.linalg.norm(points[66] - points[62]) / np.linalg.norm(points[54] - points[48]))


def _width(outcome: ImageOutcome) -> float:
    """Mouth width over the distance of the outer eye corners."""
    points = outcome.faces[0].landmarks
    return float(np.linalg.norm(points[54] - points[48]) / np.linalg.norm(points[45] - points[36]))


def test_the_mouths_are_what_the_answers_say(made: Made) -> None:
    """A predictor that has never seen the warp measures an open mouth as open and a pout as narrow."""
    _, photos, outcomes = made
    by_class = {c: [outcomes[p.name] for p in photos if p.expected_class == c] for c in ("none", "pout", "smile")}
    opened = [_opening(outcomes[p.name]) for p in photos if p.expected_class == "openmouth"]
    others = [_opening(o) for o in by_class["none"] + by_class["pout"]]
    assert min(opened) > max(others)
    assert np.median([_width(o) for o in by_class["pout"]]) < np.median([_width(o) for o in by_class["none"]])
    assert np.median([_width(o) for o in by_class["none"]]) < np.median([_width(o) for o in by_class["smile"]])


def _hashes(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """256-bit perceptual (Zauner 2010) and difference hash of the whole photo."""
    grey = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    small = cv2.resize(grey, (64, 64), interpolation=cv2.INTER_AREA).astype(float)
    low = dctn(small, norm="ortho")[:16, :16].ravel()
    row = cv2.resize(grey, (17, 16), interpolation=cv2.INTER_AREA).astype(int)
    return low > np.median(low), (row[:, 1:] > row[:, :-1]).ravel()


def test_only_the_planted_copies_are_copies(made: Made) -> None:
    folder, photos, _ = made
    hashes = {p.name: _hashes(folder / p.name) for p in photos}
    near = set()
    for index, one in enumerate(photos):
        for other in photos[:index]:
            (p1, d1), (p2, d2) = hashes[one.name], hashes[other.name]
            if (p1 != p2).sum() <= 56 and (d1 != d2).sum() <= 36:
                near.add((one.name, other.name))
    assert near == {(p.name, p.copy_of) for p in photos if p.copy_of}


def test_labelled_by_their_answers_they_can_be_exported(made: Made) -> None:
    _, photos, outcomes = made
    items = []
    for photo in photos:
        for face in outcomes[photo.name].faces:
            assert photo.expected_class is not None
            sha256 = face.image_sha256
            items.append(
                ExportItem(
                    face.face_id,
                    sha256,
                    sha256,
                    photo.expected_class,
                    "me",
                    "yunet",
                    face.box,
                    face.crop,
                    "",
                    photo.name,
                )
            )
    for seed in range(5):
        chosen = plan(items, ("none", "pout", "smile", "openmouth"), SplitPlan(val=0.2, seed=seed))
        assert chosen.problems == ()
        assert min(min(by_class.values()) for by_class in chosen.counts.values()) >= 1


@pytest.mark.long
def test_the_same_bytes_each_time(made: Made, tmp_path: Path) -> None:
    folder, photos, _ = made
    assert write_samples(tmp_path) == photos
    digests = [
        {f.name: hashlib.sha256(f.read_bytes()).hexdigest() for f in place.iterdir()} for place in (folder, tmp_path)
    ]
    assert digests[0] == digests[1]
