"""Cards of one layout are no copies; copies of a photo are, however they were made."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import cv2
import numpy as np
import pytest

from pipeline.copies.same_faces import FaceView, faces_agree
from pipeline.core.geometry import Bgr
from pipeline.core.records import Settings
from pipeline.faces.detect import find_faces
from pipeline.faces.landmarks import place_landmarks
from pipeline.pixels.shrink import shrink
from pipeline.sources import warp
from tests.bench.edits import EDITS
from tests.pipeline.photos import astronaut, bgr_of, coffee, hopper


def seen(bgr: Bgr) -> FaceView:
    """As an ingest stores it: the thumbnail, and landmarks in the original's pixels."""
    settings = Settings()
    points = [place_landmarks(bgr, detection) for detection in find_faces(bgr, settings)]
    return FaceView.of(shrink(bgr, settings.thumb_side)[0], points, bgr.shape[1])


def portrait(path: Path) -> Bgr:
    bgr = bgr_of(path)
    return np.ascontiguousarray(bgr[0:300, 80:380] if path == astronaut() else bgr[20:380, 80:440])


def card(*portraits: Bgr, side: int = 200) -> Bgr:
    """An identity card: a bar, lines of text, and portraits beneath each other."""
    bgr = np.full((640, 1000, 3), 250, np.uint8)
    bgr[:120] = (160, 60, 20)
    for line in range(6):
        bgr[180 + 60 * line : 210 + 60 * line, 340 : 900 - 30 * line] = 60
    for n, one in enumerate(portraits):
        top = 140 + n * (side + 20)
        bgr[top : top + side, 60 : 60 + side] = cv2.resize(one, (side, side), interpolation=cv2.INTER_AREA)
    return bgr


def two_tone(bgr: Bgr) -> Bgr:
    grey = cv2.cvtColor(bgr, cv2.COLOR_BGR2GRAY)
    return np.ascontiguousarray(
        np.where(grey[..., None] > np.median(grey), (240, 200, 120), (60, 20, 90)).astype(np.uint8)
    )


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.name)
@pytest.mark.parametrize("path", [astronaut(), hopper()], ids=lambda path: path.stem)
def test_every_copy_agrees_both_ways(path: Path, edit: object) -> None:
    bgr = bgr_of(path)
    one, other = seen(bgr), seen(edit.make(bgr))  # type: ignore[attr-defined]
    mirrored = edit.kind == "mirror"  # type: ignore[attr-defined]
    assert one.points
    assert faces_agree(one, other, mirrored=mirrored)
    assert faces_agree(other, one, mirrored=mirrored)


@pytest.mark.parametrize("side", [130, 160, 200])
def test_two_people_on_cards_of_one_layout_do_not_agree(side: int) -> None:
    one, other = (seen(card(portrait(path), side=side)) for path in (astronaut(), hopper()))
    assert one.points
    assert other.points
    assert not faces_agree(one, other)
    assert not faces_agree(other, one)
    again = card(portrait(astronaut()), side=side)
    again[480:510, 340:700] = 250  # another line of text
    assert faces_agree(one, seen(again))


@pytest.mark.parametrize("side", [143, 179], ids=["a portrait of 3 % of the card", "of 5 %"])
def test_one_person_on_two_cards_agrees_where_it_is_the_same_photo(side: int) -> None:
    """Another line of text is a copy; the same person with an open mouth is another sample."""
    bgr = bgr_of(astronaut())
    points = place_landmarks(bgr, find_faces(bgr, Settings())[0])
    shots = [bgr, warp.render(bgr, points, warp.opened(1.0))]
    made = [card(np.ascontiguousarray(shot[0:300, 80:380]), side=side) for shot in shots]
    assert (side**2 / (640 * 1000)) == pytest.approx(0.03 if side == 143 else 0.05, abs=0.002)
    one, open_mouth = map(seen, made)
    assert len(one.points) == len(open_mouth.points) == 1
    made[0][480:510, 340:700] = 250
    again = seen(made[0])
    assert faces_agree(one, again)
    assert faces_agree(again, one)
    assert not faces_agree(one, open_mouth)
    assert not faces_agree(open_mouth, one)


def test_where_another_face_lies_one_size_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousand cards of one layout are half a million pairs: what a pair costs is the searches."""
    searches: list[int] = []
    search = cv2.matchTemplate

    def counted(*given: object) -> object:
        searches.append(1)
        return search(*given)  # type: ignore[call-overload]

    one, other = (seen(card(portrait(path))) for path in (astronaut(), hopper()))
    monkeypatch.setattr(cv2, "matchTemplate", counted)
    assert not faces_agree(one, other)
    assert len(searches) == 1
    assert one.templates is one.templates  # made once, however many photos it is looked for in


@pytest.mark.parametrize("cut", [0.03, 0.05, 0.08])
def test_a_face_of_another_size_is_found_though_the_first_size_does_not_fit(cut: float) -> None:
    """The middle of a photo, enlarged, without landmarks: only the search can find the face."""
    whole = seen(bgr_of(hopper()))
    height, width = whole.grey.shape
    y, x = round(height * cut / 2), round(width * cut / 2)
    middle = cv2.resize(whole.grey[y : height - y, x : width - x], (width, height), interpolation=cv2.INTER_LINEAR)
    assert faces_agree(whole, FaceView(np.asarray(middle, np.float32), ()))


def test_a_face_that_is_mirrored_on_its_card_is_another_photo() -> None:
    face = portrait(hopper())
    one, other = seen(card(face)), seen(card(np.ascontiguousarray(face[:, ::-1])))
    assert not faces_agree(one, other)
    assert faces_agree(one, seen(np.ascontiguousarray(card(face)[:, ::-1])), mirrored=True)


def test_of_several_faces_each_must_agree_at_its_place() -> None:
    a, b = portrait(astronaut()), portrait(hopper())
    both = seen(card(a, b))
    assert len(both.points) == 2
    assert faces_agree(both, seen(card(a, b)[::2, ::2].copy()))
    assert not faces_agree(both, seen(card(b, a)))
    assert not faces_agree(both, seen(card(a, a)))
    assert not faces_agree(both, seen(card(a)))


def test_a_face_that_was_not_found_is_looked_for() -> None:
    """The landmarks of one photo are enough; without any there is nothing that could differ."""
    one, other = seen(card(portrait(astronaut()))), seen(card(portrait(hopper())))
    assert faces_agree(one, FaceView(one.grey, ()))
    assert not faces_agree(one, FaceView(other.grey, ()))
    assert not faces_agree(FaceView(other.grey, ()), one)
    cups = seen(bgr_of(coffee()))
    assert faces_agree(FaceView(cups.grey, ()), FaceView(other.grey, ()))


def test_two_tone_photos_of_two_people_do_not_agree() -> None:
    views = [(seen(portrait(path)), two_tone(portrait(path))) for path in (astronaut(), hopper())]
    toned = []
    for plain, bgr in views:  # landmarks of the photo: few detectors find a face of two tones
        grey = cv2.cvtColor(bgr, cv2.COLOR_BGR2GRAY).astype(np.float32)
        size = plain.grey.shape[::-1]
        toned.append(FaceView(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), plain.points))
    assert not faces_agree(*toned)
    assert all(faces_agree(one, FaceView(cv2.GaussianBlur(one.grey, (0, 0), 1), one.points)) for one in toned)


def test_of_many_people_on_one_card_no_two_agree(shared_faces: Path) -> None:
    photos = sorted((shared_faces / "closeups").glob("*.jpg"))[::8]
    cards = [seen(card(np.asarray(cv2.imread(str(path)), np.uint8), side=160)) for path in photos]
    cards = [one for one in cards if one.points]
    assert len(cards) > 10
    assert [pair for pair in combinations(range(len(cards)), 2) if faces_agree(*(cards[n] for n in pair))] == []
