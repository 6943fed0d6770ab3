"""What annotations tell of a face, a box or 68 points, as a face with its crop. Pure, like `process_image`.

Coordinates: upright original pixels.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
import numpy.typing as npt

from pipeline.core.border import Border
from pipeline.core.geometry import Bgr, BoundingBox, CropBox, Points, Told
from pipeline.core.records import Detection, Face, Settings, face_id
from pipeline.faces.crop import cut, mouth_crop, placed
from pipeline.faces.landmarker.values import find_mesh, values_kept
from pipeline.faces.landmarks import MOUTH, place_landmarks
from pipeline.faces.manual import clip_box, face_from_box, find_overlapping, square_from_drawn
from pipeline.faces.match import extent
from pipeline.faces.quality import with_metrics
from pipeline.pixels.encode import encode_png

IMPORTED: Final = "imported"
"""The detector name of a face that a data set told of and no detector found."""
LEAST_POINTS: Final = 34
"""So many labelled points, half of them, and the mouth's corners among them, place the others."""
_CORNERS: Final = (48, 54)
_FACE_OF_MOUTH: Final = (2.6, 0.77)
"""Side of a face's box over its mouth's width, and how far down in it the mouth's middle lies."""
USUAL_MARGIN: Final = Settings().margin
SAME: Final = 0.02
"""Pixels: formats write hundredths."""
_SHARE: Final = 2e-6
"""The same of a side, where they write shares of six digits."""


def face_from_told(bgr: Bgr, sha256: str, told: Told, settings: Settings) -> tuple[Face, bytes]:
    """The face, rank 0, and its crop as PNG bytes. settings: as for `manual.face_from_box`; detector: the face's.

    Raises UsageError for a box that is empty, outside the photo or under 16 pixels.
    """
    height, width = bgr.shape[:2]
    told = _told_apart(bgr, told) if told.either else told
    points = told.points if _enough(told.points) else None
    if told.face is not None:
        box = told.face
    elif points is not None:
        box = extent(points[labelled(points)])
    else:
        assert told.mouth is not None
        box = _around_mouth(told.mouth)
    box = clip_box(box, width, height)
    detected = find_overlapping(bgr, box)
    usual = place_landmarks(bgr, detected or Detection(_square(box, told), None), settings.landmarks)
    placed_points = told_points(told, usual, width, height)
    identity = face_id(sha256, box, settings.detector)
    face = Face(
        identity, sha256, 0, box, settings.detector, detected.score if detected else None, placed_points,
        _crop(told, placed_points, settings, width, height), five=detected.five if detected else None,
        landmark_model=settings.landmarks,
    )  # fmt: skip
    mesh = find_mesh(bgr, face.landmarks)
    face = replace(with_metrics(bgr, face, mesh), mesh=values_kept(mesh))
    return face, encode_png(cut(bgr, face.crop, settings.border))


def face_of_crop(bgr: Bgr, sha256: str, told: Told, settings: Settings) -> tuple[Face, bytes]:
    """The face of a picture that is a mouth crop itself, and its PNG bytes: the crop is the whole picture, pixel for
    pixel. Where no face is found its landmarks lie in the middle of it and mean little, but for those that are told.
    Raises UsageError for a picture under 16 pixels."""
    height, width = bgr.shape[:2]
    face, _ = face_from_box(bgr, sha256, BoundingBox(0.0, 0.0, float(width), float(height)), settings)
    points = told_points(told, face.landmarks, width, height)
    changed = replace(face, crop=CropBox(0, 0, width, height), landmarks=points, quality=None)
    return with_metrics(bgr, changed, None), encode_png(bgr)


def as_told(face: Face, told: Told, settings: Settings, width: int, height: int) -> Face | None:
    """A face that a detector found with the landmarks and the crop that are told of it, to be `measured`; None where it
    has them, and where its crop is not where its landmarks put it: a person moved it. width, height: the photo's."""
    usual = placed(
        mouth_crop(face.landmarks, settings.margin, upright=settings.upright), width, height, settings.border
    )
    if face.crop != usual:
        return None
    points = told_points(told, face.landmarks, width, height)
    if float(np.abs(points - face.landmarks).max()) <= max(SAME, _SHARE * max(width, height)):
        points = face.landmarks
    crop = _crop(told, points, settings, width, height)
    if points is face.landmarks and crop == face.crop:
        return None
    return replace(face, landmarks=points, crop=crop, quality=None, mesh=None)


def measured(bgr: Bgr, face: Face, border: Border) -> tuple[Face, bytes]:
    """A face whose landmarks and crop are new, with its metrics, and its crop as PNG bytes."""
    return with_metrics(bgr, face, find_mesh(bgr, face.landmarks)), encode_png(cut(bgr, face.crop, border))


def told_points(told: Told, usual: Points, width: int, height: int) -> Points:
    """The landmarks that are told; those that are not are moved with them from their usual places. Where a box of the
    mouth is all that is told, the usual ones are stretched into it."""
    base = usual if told.mouth is None else stretched(usual, told.mouth)
    if told.points is None:
        return base
    known = labelled(told.points)
    if _enough(told.points):
        from_usual = np.column_stack([usual, np.ones(len(usual))]).astype(np.float64)
        fitted, *_ = np.linalg.lstsq(from_usual[known], told.points[known].astype(np.float64), rcond=None)
        base = np.asarray(from_usual @ fitted, np.float32)
    elif not told.outside:
        return base
    points = np.where(known[:, None], told.points, base).astype(np.float32)
    return _outside(points, ~known, told.mouth, (width, height)) if told.outside else points


def stretched(points: Points, mouth: BoundingBox) -> Points:
    """The 68 points moved and scaled, each axis by itself, so that the box around landmarks 48 to 67 is `mouth`."""
    low, high = points[MOUTH].min(axis=0).astype(np.float64), points[MOUTH].max(axis=0).astype(np.float64)
    start, end = np.array([mouth.x1, mouth.y1]), np.array([mouth.x2, mouth.y2])
    scale = (end - start) / np.maximum(high - low, 1e-6)
    return np.asarray((points - low) * scale + start, np.float32)


def _outside(points: Points, moved: npt.NDArray[np.bool_], mouth: BoundingBox | None, size: tuple[int, int]) -> Points:
    """Those points that lie in the picture are put beyond its nearest edge; of the mouth beyond one that its box
    touches, since that was cut off there."""
    width, height = size
    put = points.copy()
    for at in np.flatnonzero(moved).tolist():
        x, y = points[at].tolist()
        lip = mouth is not None and at in range(*MOUTH.indices(len(points)))
        if lip and mouth is not None:
            x, y = min(max(x, mouth.x1), mouth.x2), min(max(y, mouth.y1), mouth.y2)
        elif not (0 <= x < width and 0 <= y < height):
            continue
        edges = {(-1.0, y): x, (float(width), y): width - x, (x, -1.0): y, (x, float(height)): height - y}
        put[at] = min(edges, key=lambda edge: edges[edge])
    return put


def labelled(points: Points) -> npt.NDArray[np.bool_]:
    """Which of the points are told, bool (68,)."""
    return np.asarray(~np.isnan(points).any(axis=1), np.bool_)


def _enough(points: Points | None) -> bool:
    if points is None:
        return False
    known = labelled(points)
    if known.sum() < LEAST_POINTS or not known[list(_CORNERS)].all():
        return False
    spread = points[known].max(axis=0) - points[known].min(axis=0)
    mouth = points[MOUTH][known[MOUTH]]
    return bool((spread >= 1).all() and (mouth.max(axis=0) > mouth.min(axis=0)).any())


def _told_apart(bgr: Bgr, told: Told) -> Told:
    """Of a mouth where no face lies in the box, and one around it has its mouth there."""
    box = told.face
    if box is None or find_overlapping(bgr, box) is not None:
        return told
    around = find_overlapping(bgr, _around_mouth(box))
    if around is None or around.five is None:
        return told
    x, y = around.five[3:].mean(axis=0).tolist()
    within = box.x1 <= x <= box.x2 and box.y1 <= y <= box.y2
    return replace(told, mouth=box, face=around.box) if within else told


def _around_mouth(mouth: BoundingBox) -> BoundingBox:
    """A face as it usually lies around its mouth."""
    scale, down = _FACE_OF_MOUTH
    side = scale * max(mouth.width, mouth.height)
    x, y = (mouth.x1 + mouth.x2) / 2, (mouth.y1 + mouth.y2) / 2
    return BoundingBox(x - side / 2, y - down * side, x + side / 2, y + (1 - down) * side)


def _square(box: BoundingBox, told: Told) -> BoundingBox:
    return box if told.face is None else square_from_drawn(box)


def _crop(told: Told, points: Points, settings: Settings, width: int, height: int) -> CropBox:
    """The told one, where it is a square that lies in the photo as a person may put it, and crops here are no others by
    the settings of this workspace."""
    crop = told.crop if settings.margin == USUAL_MARGIN and not settings.upright else None
    if crop is not None and crop.width == crop.height and 2 <= crop.width <= max(width, height):
        x, y = crop.x + crop.width / 2, crop.y + crop.height / 2
        if 0 <= x < width and 0 <= y < height:
            return crop
    return placed(mouth_crop(points, settings.margin, upright=settings.upright), width, height, settings.border)
