"""Face detectors by name, with their options. Each takes an upright BGR image and reports boxes in its pixels.

This module names them; the one that is used is imported at its first photo, so that to name them costs no OpenCV.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Any, Final

from pipeline.core.errors import UsageError
from pipeline.core.geometry import DLIB, Bgr
from pipeline.core.messages import Message, message
from pipeline.core.ranges import MARGIN
from pipeline.core.records import COURSE, SEVERAL_LOOKS, Detection, FacesThatCount, Settings
from pipeline.faces.detectors.defaults import LONGEST_SIDE, RESOLVED, SMALL_SIDE, YUNET_NMS, YUNET_SCORE

LEAST_MARGIN: Final = float(MARGIN.least)
MOST_MARGIN: Final = float(MARGIN.most)
"""Side of a crop over the longer edge of the mouth: what may be asked for."""


@dataclass(frozen=True, slots=True)
class Option:
    """One setting of a detector: low and high are allowed; a whole `step` allows only its multiples."""

    name: str
    default: float
    low: float
    high: float
    step: float
    help: str

    @property
    def span(self) -> Message:
        """In words: `0.3 to 0.95`, or `320 to 1280 in steps of 32`."""
        if self._whole:
            return message("range_in_steps", low=self.low, high=self.high, step=self.step)
        return message("range", low=self.low, high=self.high)

    @property
    def _whole(self) -> bool:
        return self.step >= 1

    def allows(self, value: float) -> bool:
        return self.low <= value <= self.high and not (self._whole and value % self.step)


@dataclass(frozen=True, slots=True)
class DetectorInfo:
    """A detector as a person chooses it.

    function: module:function of `find`. takes_level: that also takes `level`, the image already halved.
    """

    name: str
    function: str
    good_at: str
    licence: str
    options: tuple[Option, ...] = ()
    takes_level: bool = False

    def find(self, bgr: Bgr, **options: Any) -> list[Detection]:
        """Boxes in an image, the largest first; options go in by name."""
        module, _, function = self.function.partition(":")
        found: list[Detection] = getattr(import_module(module), function)(bgr, **options)
        return found


_SIDE_HELP: Final = "pixels: larger photos are shrunk to this longest side first"
DETECTORS: Final = {
    info.name: info
    for info in (
        DetectorInfo(
            SEVERAL_LOOKS,
            "pipeline.faces.looks:find_by_looks",
            "close-ups, crowds and turned heads; the default",
            "MIT",
            (
                Option("score", YUNET_SCORE, 0.3, 0.95, 0.05, "least certainty of a face; lower finds more"),
                Option("nms", YUNET_NMS, 0.1, 0.7, 0.05, "overlap (IoU) above which two boxes are one face"),
                Option("side", LONGEST_SIDE, 320, 1920, 32, f"{_SIDE_HELP}; more finds smaller faces"),
            ),
            takes_level=True,
        ),
        DetectorInfo(
            "hog",
            "pipeline.faces.detectors.classic:find_hog",
            "few false boxes on frontal faces; misses small ones",
            "Boost (dlib)",
            (
                Option("upsample", 0, 0, 2, 1, "doublings of the shrunken photo; each finds faces half the size"),
                Option("threshold", 0.0, -0.5, 1.5, 0.1, "least score of a face; below 0 finds more"),
            ),
        ),
        DetectorInfo(
            "haar",
            "pipeline.faces.detectors.classic:find_haar",
            "a comparison with older work; misses half of the close-ups",
            "Intel (BSD-like)",
            (
                Option("scale", 1.1, 1.05, 1.5, 0.05, "from one size of face to the next; closer to 1 finds more"),
                Option("neighbours", 5, 1, 12, 1, "boxes that must agree on a face; fewer finds more, also wrongly"),
            ),
        ),
        DetectorInfo(
            "course",
            "pipeline.faces.detectors.classic:find_course",
            "the published course recipe, pixel for pixel",
            "Intel (BSD-like)",
        ),
        DetectorInfo(
            "mmod",
            "pipeline.faces.detectors.classic:find_mmod",
            "frontal and turned faces of 80 pixels and more, few false boxes; many times slower without a GPU",
            "CC0 (dlib-models)",
            (
                Option("threshold", 0.0, 0.0, 1.5, 0.1, "least score of a face; more keeps only the certain ones"),
                Option("side", LONGEST_SIDE, 320, 1280, 32, _SIDE_HELP),
                Option(
                    "upsample", 0, 0, 1, 1, "1 doubles a photo of at most 640: faces of 40 pixels, four times the work"
                ),
            ),
        ),
    )
}


def detector(name: str) -> DetectorInfo:
    """Raises UsageError that lists the names."""
    try:
        return DETECTORS[name]
    except KeyError as e:
        raise UsageError(message("detector_unknown", name=name, names=tuple(DETECTORS))) from e


def check_settings(settings: Settings) -> Settings:
    """`settings` with its detector's options as `check_options` gives them. Raises UsageError, for margin and
    landmarks too."""
    if not LEAST_MARGIN <= settings.margin <= MOST_MARGIN:
        raise UsageError(message("margin_range", least=LEAST_MARGIN, most=MOST_MARGIN, value=settings.margin))
    if settings.detector == COURSE and settings.landmarks != DLIB:
        raise UsageError(message("course_landmarks", detector=COURSE, model=settings.landmarks))
    return replace(settings, options=check_options(settings.detector, settings.options))


def check_options(name: str, given: Sequence[tuple[str, float]]) -> tuple[tuple[str, float], ...]:
    """The options that differ from the default, by name: equal choices are equal tuples.

    Raises UsageError that names the detector, the option and its span.
    """
    known = {option.name: option for option in detector(name).options}
    chosen: dict[str, float] = {}
    for key, value in given:
        option = known.get(key)
        if option is None:
            has = message("detector_options", names=tuple(known)) if known else message("detector_options_none")
            raise UsageError(message("detector_option_unknown", detector=name, option=key, known=has))
        if key in chosen:
            raise UsageError(message("detector_option_twice", option=key, detector=name))
        if not math.isfinite(value) or not option.allows(value):
            raise UsageError(message("detector_option_range", option=key, detector=name, span=option.span, value=value))
        chosen[key] = float(value)
    return tuple(sorted((key, value) for key, value in chosen.items() if value != known[key].default))


def find_faces(bgr: Bgr, settings: Settings, level: Bgr | None = None) -> list[Detection]:
    """The faces that count, by the detector and the options of `settings`, the largest first.

    bgr: upright uint8 (height, width, 3); boxes are in its pixels. level: `halved(bgr, LONGEST_SIDE)`, where the caller
    has it. Raises UsageError for an unknown detector or option.
    """
    info = detector(settings.detector)
    options = dict(check_options(settings.detector, settings.options))
    found = (
        info.find(bgr, level=level, **options) if info.takes_level and level is not None else info.find(bgr, **options)
    )
    return select_faces(found, bgr.shape[1], bgr.shape[0], settings.faces)


def no_face_found(settings: Settings, width: int, height: int) -> Message:
    """That no face was found in an upright photo of this size, and by which looks."""
    if settings.detector != SEVERAL_LOOKS:
        return message("no_face_found", detector=settings.detector)
    from pipeline.faces.looks import TINY, TINY_SIDE, large_side  # has OpenCV

    side = int(dict(settings.options).get("side", LONGEST_SIDE))
    sides = (str(side), str(SMALL_SIDE), *([str(TINY_SIDE)] if max(width, height) < TINY else []))
    if large_side(width, height, side):
        return message("no_face_in_large_looks", detector=settings.detector, sides=sides, factor=RESOLVED)
    return message("no_face_in_looks", detector=settings.detector, sides=sides)


def select_faces(found: list[Detection], width: int, height: int, faces: FacesThatCount) -> list[Detection]:
    """Of `found` (largest first) all, the largest, or the one whose middle is nearest to that of the image."""
    if faces == "largest":
        return found[:1]
    if faces == "central":
        return sorted(found, key=lambda d: _off_centre(d, width, height))[:1]
    return found


def _off_centre(detection: Detection, width: int, height: int) -> float:
    box = detection.box
    return math.hypot(box.x1 + box.x2 - width, box.y1 + box.y2 - height)
