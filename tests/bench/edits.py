"""24 edits that leave a photo the same photo, by kind: what near copies on the web have gone through."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from pipeline.core.geometry import Bgr


@dataclass(frozen=True)
class Edit:
    """kind: resize, re-encode, light, blur, text, crop (all sides), crop one side or mirror."""

    kind: str
    name: str
    make: Callable[[Bgr], Bgr]


def _resized(share: float) -> Callable[[Bgr], Bgr]:
    how = cv2.INTER_AREA if share < 1 else cv2.INTER_CUBIC

    def make(bgr: Bgr) -> Bgr:
        size = [max(1, round(n * share)) for n in (bgr.shape[1], bgr.shape[0])]
        return np.asarray(cv2.resize(bgr, size, interpolation=how), np.uint8)

    return make


def _encoded(suffix: str, flag: int, quality: int) -> Callable[[Bgr], Bgr]:
    def make(bgr: Bgr) -> Bgr:
        _, data = cv2.imencode(suffix, bgr, [flag, quality])
        return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)

    return make


def _levels(level: Callable[[np.ndarray], np.ndarray]) -> Callable[[Bgr], Bgr]:
    table = np.clip(255 * level(np.arange(256) / 255) + 0.5, 0, 255).astype(np.uint8)
    return lambda bgr: table[bgr]


def _blurred(share: float) -> Callable[[Bgr], Bgr]:
    """Gaussian of `share` of the longest side."""
    return lambda bgr: np.asarray(cv2.GaussianBlur(bgr, (0, 0), share * max(bgr.shape)), np.uint8)


def _grey(bgr: Bgr) -> Bgr:
    return np.asarray(cv2.cvtColor(cv2.cvtColor(bgr, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR), np.uint8)


def _caption(bgr: Bgr) -> Bgr:
    """A line of white text with a black edge over the lowest tenth."""
    height, width = bgr.shape[:2]
    return _written(bgr, "a funny caption", (round(0.1 * width), round(0.96 * height)), 0.8 * width)


def _watermark(bgr: Bgr) -> Bgr:
    """A name in the lower right corner, a third of the width."""
    height, width = bgr.shape[:2]
    return _written(bgr, "example.org", (round(0.64 * width), round(0.93 * height)), 0.33 * width)


def _written(bgr: Bgr, text: str, place: tuple[int, int], width: float) -> Bgr:
    font, out = cv2.FONT_HERSHEY_DUPLEX, bgr.copy()
    scale = width / cv2.getTextSize(text, font, 1, 1)[0][0]
    thick = max(1, round(scale * 1.5))
    for colour, more in (((0, 0, 0), 2), ((255, 255, 255), 0)):
        cv2.putText(out, text, place, font, scale, colour, thick + more, cv2.LINE_AA)
    return out


def _cut(left: float, top: float, right: float, bottom: float) -> Callable[[Bgr], Bgr]:
    """Shares taken away at each side."""

    def make(bgr: Bgr) -> Bgr:
        height, width = bgr.shape[:2]
        rows = slice(round(top * height), height - round(bottom * height))
        return bgr[rows, round(left * width) : width - round(right * width)].copy()

    return make


EDITS: Final = (
    *(Edit("resize", f"{share:g} x", _resized(share)) for share in (0.3, 0.5, 0.75, 1.5)),
    *(Edit("re-encode", f"JPEG {q}", _encoded(".jpg", cv2.IMWRITE_JPEG_QUALITY, q)) for q in (90, 70, 50, 30)),
    Edit("re-encode", "WebP 60", _encoded(".webp", cv2.IMWRITE_WEBP_QUALITY, 60)),
    Edit("light", "brighter by 20 %", _levels(lambda x: 1.2 * x)),
    Edit("light", "darker by 20 %", _levels(lambda x: 0.8 * x)),
    Edit("light", "gamma 0.7", _levels(lambda x: x**0.7)),
    Edit("light", "gamma 1.4", _levels(lambda x: x**1.4)),
    Edit("light", "contrast 0.75", _levels(lambda x: 0.5 + 0.75 * (x - 0.5))),
    Edit("light", "contrast 1.25", _levels(lambda x: 0.5 + 1.25 * (x - 0.5))),
    Edit("light", "grey", _grey),
    Edit("blur", "0.3 %", _blurred(0.003)),
    Edit("blur", "0.8 %", _blurred(0.008)),
    Edit("text", "caption", _caption),
    Edit("text", "watermark", _watermark),
    Edit("crop", "2.5 % at each side", _cut(0.025, 0.025, 0.025, 0.025)),
    Edit("crop", "5 % at each side", _cut(0.05, 0.05, 0.05, 0.05)),
    Edit("crop one side", "5 %", _cut(0, 0, 0.05, 0)),
    Edit("mirror", "mirror", lambda bgr: np.ascontiguousarray(bgr[:, ::-1])),
)
