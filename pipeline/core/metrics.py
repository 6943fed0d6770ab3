"""The quality metrics of a face: names, units and ranges, and what is told of it beside its class. A leaf: stdlib only.

`pipeline.faces.quality` computes them and says how.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from pipeline.core.geometry import Points

_FARTHEST: Final = 2.0**30
MISSING: Final = 2**31 - 1
"""The whole number that stands for "not measured" where metrics are stored; it sorts last."""


@dataclass(frozen=True, slots=True)
class Metric:
    """One number that is computed of each face. low, high: the span of its slider (values beyond count as at the end).
    scale: values are stored as round(value * scale). better: which way is good; `near` means that values near zero are.
    """

    name: str
    label: str
    unit: str
    low: float
    high: float
    scale: int
    better: Literal["more", "less", "near", "neither"]
    help: str

    def to_stored(self, value: float | None) -> int:
        if value is None or not math.isfinite(value):
            return MISSING
        return round(max(-_FARTHEST, min(_FARTHEST, value * self.scale)))

    def from_stored(self, number: int) -> float | None:
        return None if number == MISSING else number / self.scale


@dataclass(frozen=True, slots=True)
class QualityMetrics:
    """The metrics of one face, in the order of `METRICS`. Units and sources: `pipeline.faces.quality`."""

    side: float
    sharpness: float
    exposure: float
    contrast: float
    yaw: float
    pitch: float
    roll: float
    outside: float
    score: float | None
    plausibility: float
    opening: float
    width: float
    lift: float
    likeness: float | None = None
    filled: float = 0.0
    covered: float | None = None
    mouth_disagreement: float | None = None


_APART: Final = "How far apart two landmark models place it, in eye distances; high: probably misplaced"
METRICS: Final = (
    Metric("side", "Crop side", "px", 0, 500, 1, "more", "Side of the crop in pixels of the original"),
    Metric("sharpness", "Sharpness", "", 0, 1000, 10, "more", "Variance of the Laplacian at one size; low is blurred"),
    Metric("exposure", "Exposure", "", 0, 1, 1000, "neither", "Mean brightness of the mouth: 0 black, 1 white"),
    Metric("contrast", "Contrast", "", 0, 0.5, 1000, "more", "Spread of the brightness; low is flat"),
    Metric("yaw", "Turned sideways", "°", -90, 90, 10, "near", "Yaw; positive: the face looks to the image's right"),
    Metric("pitch", "Tilted up or down", "°", -60, 60, 10, "near", "Pitch; positive: the face looks up"),
    Metric("roll", "Head on one side", "°", -90, 90, 10, "near", "Roll; positive: clockwise on the screen"),
    Metric("outside", "Mouth outside", "", 0, 1, 1000, "less", "Share of the mouth that lies outside the photo"),
    Metric("score", "Detector score", "", 0, 1, 1000, "more", "How sure the detector was; some give none"),
    Metric("plausibility", "Landmarks plausible", "", 0, 1, 1000, "more", "Low: the mouth is probably misplaced"),
    Metric("opening", "Mouth opening", "", 0, 1, 1000, "neither", "Gap between the lips over the mouth's width"),
    Metric("width", "Mouth width", "", 0, 1.5, 1000, "neither", "Mouth width over the distance of the eyes"),
    Metric("lift", "Corner lift", "", -0.3, 0.3, 1000, "neither", "How far the corners lie above the lips' middle"),
    Metric("likeness", "Like a person's face", "", 0, 1, 1000, "more", "Low: an animal, a thing or a misplaced mouth"),
    Metric(
        "filled", "Filled", "", 0, 1, 10_000, "less", "Share of the crop that is not photo: where its square sticks out"
    ),
    Metric("covered", "Mouth covered", "", 0, 1, 1000, "less", "High: a mask, a hand or a thing is before the mouth"),
    Metric("mouth_disagreement", "Models disagree on the mouth", "", 0, 1, 1000, "less", _APART),
)
BY_LANDMARKS: Final = (
    "yaw", "pitch", "roll", "outside", "plausibility", "opening", "width", "lift", "likeness", "covered",
)  # fmt: skip
"""The metrics that the landmarks decide: those of one landmark model compare only with its own."""
BY_NAME: Final = {metric.name: metric for metric in METRICS}
DIFFERENCE_METRICS: Final = ("opening", "width", "lift", "yaw", "pitch", "roll", "exposure", "contrast")
"""By which a release chooses the faces of a class that differ most: the mouth's shape, the head's pose, the light."""


@dataclass(frozen=True, slots=True, eq=False)
class FaceFacts:
    """landmarks: float32 (68, 2), upright original pixels; None where none are known. metrics: see `metrics.METRICS`.
    votes: how many people gave each answer (a class name, `reject` or `unsure`), sorted; never who."""

    landmarks: Points | None = None
    metrics: Mapping[str, float | None] = field(default_factory=dict)
    votes: tuple[tuple[str, int], ...] = ()

    def agreement(self, label: str) -> float | None:
        """The share of answers that equal the label; None where there are none."""
        total = sum(number for _, number in self.votes)
        return dict(self.votes).get(label, 0) / total if total else None
