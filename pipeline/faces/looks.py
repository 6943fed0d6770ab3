"""YuNet's looks at one photo: at 640 pixels, and at more sizes and ways up where that does not suffice.

Which looks, measured: docs/adr/0023. A look is called by the longest side that the net sees, in pixels, and where the
photo was turned by the degrees that its faces stand clockwise: `640`, `320`, `1875`, `640 turned 180`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

import cv2
import numpy as np

from models.yunet import CELL
from pipeline.core.geometry import Bgr, BoundingBox
from pipeline.core.records import Detection
from pipeline.faces.detectors.classic import largest_first
from pipeline.faces.detectors.defaults import LONGEST_SIDE, RESOLVED, SMALL_SIDE, YUNET_NMS, YUNET_SCORE
from pipeline.faces.orientation import QUARTER, Scale, detection_back, turn_upright
from pipeline.faces.yunet import find_yunet
from pipeline.pixels.shrink import halved, shrink

BORDER: Final = 0.25
"""Of the longest side, on each side: a face needs something around it."""
TINY: Final = 96
"""Pixels: a photo whose longest side is less is looked at enlarged, too, where nothing is found."""
TINY_SIDE: Final = 240
"""Pixels, border included, that such a photo is seen at."""
SMOOTHED: Final = 1.2
"""Pixels: the steps of few colours (GIF) and of hard compression hide a face from the net; soft ones do not. Not
in turned looks, whose faces have to be surer."""
GREY: Final = (114, 114, 114)
WEAK_SCORE: Final = 0.8
"""A photo whose surest face is less sure is looked at again like one without."""
TILE: Final = 1280
"""Pixels: the large look goes by squares of this side, which bounds the memory that the net needs."""
TILES_SHARE: Final = 160
"""Pixels: a face in the seam of two tiles is whole in one of them; larger ones the first look sees."""
SMALL_FACE: Final = 40
"""Pixels at the net: where a face is as small, there may be some that are too small."""
UPRIGHT_SCORE: Final = 0.91
"""A face that is surer than this is upright: of 238 faces turned by right angles that were found, 3 were surer."""
MOST_TESTED: Final = 8
"""Faces a photo whose orientation is tested, the largest of the doubtful."""
PATCH_SIDE: Final = 160
PATCH_GROWN: Final = 1.7
"""Side of the patch in which an orientation is tested, in those of the face's box."""
LEAD: Final = 0.03
"""By so much a turned look must be surer: of 467 upright faces none was, of 238 turned ones all but 3."""
SUREST: Final = 0.945
"""No face scores much more: where a turned look would have to, it is spared."""
TURNED_SCORE: Final = 0.85
"""Least score of a face that only a turned or an enlarged look finds: nothing else speaks for it."""
SLANTS: Final = (45, 135, 225, 315)
"""Degrees beside the right angles, by which a face may hang over to one side: none of those sees it surely."""
_PATCH_SCORE: Final = 0.3
_INSIDE: Final = 0.6
"""Share of the smaller box that lies in another: then both are one face."""


def find_by_looks(
    bgr: Bgr,
    score: float = YUNET_SCORE,
    nms: float = YUNET_NMS,
    side: float = LONGEST_SIDE,
    level: Bgr | None = None,
) -> list[Detection]:
    """Faces with their five points, the largest first; each says which look found it. Options as of `find_yunet`.

    Nearly all photos are looked at once. One where nothing is found, or nothing surely, is looked at small inside a
    grey border, then turned; one that is much larger than the look, at more pixels. A doubtful face is tested for
    its orientation, and where it is turned, the photo is looked at in that orientation as well.
    """
    photo = halved(bgr, LONGEST_SIDE) if level is None else level
    found = _named(find_yunet(bgr, score, nms, side, level), f"{_seen_side(bgr, int(side))}")
    if _is_weak(found):
        found = merged([*found, *_small_look(bgr, photo, 0, score, nms)], nms)
    large = large_side(bgr.shape[1], bgr.shape[0], int(side))
    if large and (not found or _has_small(found, max(bgr.shape[:2]) / side)):
        found = merged([*found, *_large_look(bgr, large, score, nms)], nms)
    if not found and max(bgr.shape[:2]) < TINY:
        found = _enlarged_look(bgr, max(score, TURNED_SCORE), nms)
    if not found:
        return largest_first(_turned_looks(bgr, photo, score, nms, side))
    return largest_first(_oriented(bgr, photo, found, score, nms, side))


def large_side(width: int, height: int, side: int) -> int:
    """The longest side of the large look, 0 where the first look shows about as much."""
    large = int(max(width, height) / RESOLVED) // CELL * CELL
    return large if large >= side * 1.25 else 0


def merged(found: Iterable[Detection], nms: float) -> list[Detection]:
    """One box a face, the surest first: of two that overlap by `nms` (IoU) or lie in one another the surer stays."""
    kept: list[Detection] = []
    for one in sorted(found, key=lambda d: -(d.score or 0.0)):
        if not any(_same(one.box, other.box, nms) for other in kept):
            kept.append(one)
    return kept


def _same(one: BoundingBox, other: BoundingBox, nms: float) -> bool:
    width = min(one.x2, other.x2) - max(one.x1, other.x1)
    height = min(one.y2, other.y2) - max(one.y1, other.y1)
    shared = max(0.0, width) * max(0.0, height)
    return one.iou(other) > nms or shared > _INSIDE * min(one.area, other.area)


def _named(found: Iterable[Detection], look: str, turn: int = 0) -> list[Detection]:
    name = f"{look} turned {QUARTER * turn}" if turn else look
    return [replace(one, look=name) for one in found]


def _seen_side(bgr: Bgr, side: int) -> int:
    return min(max(int(bgr.shape[0]), int(bgr.shape[1])), side)


def _is_weak(found: Sequence[Detection]) -> bool:
    return all((one.score or 0.0) < WEAK_SCORE for one in found)


def _has_small(found: Sequence[Detection], factor: float) -> bool:
    return any(max(one.box.width, one.box.height) < SMALL_FACE * factor for one in found)


def _small_look(bgr: Bgr, photo: Bgr, turn: int, score: float, nms: float) -> list[Detection]:
    """Faces of this turn in the photo shrunk inside a grey border; photo: `bgr`, or its level."""
    small, _ = shrink(photo, round(SMALL_SIDE / (1 + 2 * BORDER)))
    smooth = small if turn else np.asarray(cv2.GaussianBlur(small, (0, 0), SMOOTHED), np.uint8)
    return _framed_look(bgr, smooth, SMALL_SIDE, turn, score, nms)


def _enlarged_look(bgr: Bgr, score: float, nms: float) -> list[Detection]:
    """Faces in a tiny photo enlarged inside a grey border: at a few dozen pixels the net misses one in forty."""
    factor = TINY_SIDE / (1 + 2 * BORDER) / max(bgr.shape[:2])
    size = max(1, round(bgr.shape[1] * factor)), max(1, round(bgr.shape[0] * factor))
    large = np.asarray(cv2.resize(bgr, size, interpolation=cv2.INTER_CUBIC), np.uint8)
    return _framed_look(bgr, large, TINY_SIDE, 0, score, nms)


def _framed_look(bgr: Bgr, small: Bgr, side: int, turn: int, score: float, nms: float) -> list[Detection]:
    """Faces of this turn in a smaller or larger copy of the photo inside a grey border; side: of both, at most."""
    edge = round(BORDER * max(small.shape[:2]))
    framed = cv2.copyMakeBorder(small, edge, edge, edge, edge, cv2.BORDER_CONSTANT, value=GREY)
    found = find_yunet(turn_upright(np.asarray(framed, np.uint8), turn), score, nms, side)
    scale = np.array([bgr.shape[1] / small.shape[1], bgr.shape[0] / small.shape[0]], np.float32)
    height, width = framed.shape[:2]
    corner = (-edge * float(scale[0]), -edge * float(scale[1]))
    placed = (detection_back(one, turn, width, height, scale, corner) for one in found)
    return _named((one for one in placed if _centred_inside(one.box, bgr)), str(side), turn)


def _large_look(bgr: Bgr, large: int, score: float, nms: float) -> list[Detection]:
    """Faces in the photo at `large` pixels, seen tile by tile."""
    small, _ = shrink(bgr, large)
    scale = np.array([bgr.shape[1] / small.shape[1], bgr.shape[0] / small.shape[0]], np.float32)
    found = []
    for top in _starts(small.shape[0]):
        for left in _starts(small.shape[1]):
            tile = np.ascontiguousarray(small[top : top + TILE, left : left + TILE])
            offset = (float(left * scale[0]), float(top * scale[1]))
            found += [detection_back(one, 0, 0, 0, scale, offset) for one in find_yunet(tile, score, nms, TILE)]
    return _named(found, str(large))


def _starts(length: int) -> list[int]:
    """Where tiles begin along a side of this length: evenly, sharing TILES_SHARE or more."""
    tiles = max(1, math.ceil((length - TILES_SHARE) / (TILE - TILES_SHARE)))
    return [round(at) for at in np.linspace(0, max(0, length - TILE), tiles).tolist()]


def _turned_looks(bgr: Bgr, photo: Bgr, score: float, nms: float, side: float) -> list[Detection]:
    """Faces of a photo that lies on its side or stands on its head: the turn with the surest one."""
    best: tuple[float, int, list[Detection]] = (max(score, TURNED_SCORE), 0, [])
    for turn in (2, 1, 3):
        found = _small_look(bgr, photo, turn, score, nms)
        surest = max((one.score or 0.0 for one in found), default=0.0)
        if surest >= best[0]:
            best = (surest, turn, found)
    return merged([*best[2], *_whole_look(bgr, best[1], score, nms, side)], nms) if best[2] else []


def _whole_look(bgr: Bgr, turn: int, score: float, nms: float, side: float) -> list[Detection]:
    """Faces of this turn in the photo at `side` pixels."""
    small, _ = shrink(bgr, int(side))
    found = find_yunet(turn_upright(small, turn), score, nms, side)
    scale = np.array([bgr.shape[1] / small.shape[1], bgr.shape[0] / small.shape[0]], np.float32)
    placed = (detection_back(one, turn, small.shape[1], small.shape[0], scale, (0.0, 0.0)) for one in found)
    return _named(placed, str(_seen_side(bgr, int(side))), turn)


def _oriented(bgr: Bgr, photo: Bgr, found: list[Detection], score: float, nms: float, side: float) -> list[Detection]:
    """`found` with those faces that are turned replaced by what a look in their orientation finds."""
    doubtful = [one for one in largest_first(found) if (one.score or 0.0) < UPRIGHT_SCORE][:MOST_TESTED]
    tested = [(one, turned_face(bgr, one.box)) for one in doubtful]
    wrong = [(one, better) for one, better in tested if better is not None]
    if not wrong:
        return found
    turned = [better for _, better in wrong]
    for turn in sorted({_turn_in(better.look) for better in turned if not _is_slanted(better.look)}):
        turned += [*_whole_look(bgr, turn, score, nms, side), *_small_look(bgr, photo, turn, score, nms)]
    upright = [one for one in found if all(one is not bad for bad, _ in wrong)]
    return merged([*upright, *turned], nms)


def _is_slanted(look: str) -> bool:
    return int(look.rpartition(" ")[2]) % QUARTER != 0


def _turn_in(look: str) -> int:
    return int(look.rpartition(" ")[2]) // QUARTER


def turned_face(bgr: Bgr, box: BoundingBox) -> Detection | None:
    """The face in a box as the net sees it turned by a right angle, where it is surer of that by LEAD; else None."""
    patch, left, top, scale = _patch_around(bgr, box)
    best: Detection | None = None
    least = YUNET_SCORE
    for turn in (0, 2, 1, 3):
        seen = find_yunet(turn_upright(patch, turn), _PATCH_SCORE, YUNET_NMS, PATCH_SIDE)
        surest = max(seen, key=lambda d: d.score or 0.0, default=None)
        if surest is None or surest.score is None:
            continue
        if turn == 0:
            least = max(least, surest.score + LEAD)
            if least > SUREST:
                return None
        elif surest.score > least and (best is None or surest.score > (best.score or 0.0)):
            placed = detection_back(surest, turn, PATCH_SIDE, PATCH_SIDE, scale, (left, top))
            best = replace(placed, look=f"{PATCH_SIDE} turned {QUARTER * turn}")
    surest_yet = max(least, (best.score or 0.0) + LEAD if best else 0.0)
    slant, slanted = _slanted_face(patch, surest_yet, scale, (left, top)) if surest_yet <= SUREST else (0, None)
    upright = slant in (SLANTS[0], SLANTS[-1])  # a head on one side stays what it is
    return best if slanted is None or upright else slanted


def _slanted_face(patch: Bgr, least: float, scale: Scale, offset: tuple[float, float]) -> tuple[int, Detection | None]:
    """The slant by which the net sees the face in a patch surest, and the face, where it is surer than `least`."""
    slant, best = 0, None
    middle = ((PATCH_SIDE - 1) / 2, (PATCH_SIDE - 1) / 2)
    for angle in SLANTS:
        turn = cv2.getRotationMatrix2D(middle, angle, 1.0)  # counter-clockwise on the screen
        turned = cv2.warpAffine(patch, turn, (PATCH_SIDE, PATCH_SIDE), borderMode=cv2.BORDER_CONSTANT, borderValue=GREY)
        seen = find_yunet(np.asarray(turned, np.uint8), _PATCH_SCORE, YUNET_NMS, PATCH_SIDE)
        surest = max(seen, key=lambda d: d.score or 0.0, default=None)
        if surest is None or surest.score is None or surest.five is None or surest.score <= least:
            continue
        least = surest.score
        back = cv2.invertAffineTransform(turn)
        x, y = back[:, :2] @ ((surest.box.x1 + surest.box.x2) / 2, (surest.box.y1 + surest.box.y2) / 2) + back[:, 2]
        half = (surest.box.width + surest.box.height) / 4
        five = (surest.five @ back[:, :2].T + back[:, 2]).astype(np.float32)
        found = Detection(BoundingBox(x - half, y - half, x + half, y + half), surest.score, five)
        best = replace(detection_back(found, 0, 0, 0, scale, offset), look=f"{PATCH_SIDE} turned {angle}")
        slant = angle
    return slant, best


def _patch_around(bgr: Bgr, box: BoundingBox) -> tuple[Bgr, float, float, Scale]:
    """The square around a box as PATCH_SIDE pixels, grey where it leaves the photo; its corner and scale."""
    reach = max(1, math.ceil(max(box.width, box.height) * PATCH_GROWN / 2))
    left, top = round((box.x1 + box.x2) / 2) - reach, round((box.y1 + box.y2) / 2) - reach
    height, width = bgr.shape[:2]
    right, bottom = left + 2 * reach, top + 2 * reach
    part = bgr[max(0, top) : min(height, bottom), max(0, left) : min(width, right)]
    edges = (max(0, -top), max(0, bottom - height), max(0, -left), max(0, right - width))
    if any(edges):
        part = np.asarray(cv2.copyMakeBorder(part, *edges, cv2.BORDER_CONSTANT, value=GREY), np.uint8)
    method = cv2.INTER_AREA if 2 * reach > PATCH_SIDE else cv2.INTER_LINEAR
    patch = np.asarray(cv2.resize(part, (PATCH_SIDE, PATCH_SIDE), interpolation=method), np.uint8)
    return patch, float(left), float(top), np.full(2, 2 * reach / PATCH_SIDE, np.float32)


def _centred_inside(box: BoundingBox, bgr: Bgr) -> bool:
    """A box whose middle lies in the border is none of the photo's."""
    x, y = (box.x1 + box.x2) / 2, (box.y1 + box.y2) / 2
    return bool(0 <= x < bgr.shape[1] and 0 <= y < bgr.shape[0])
