"""The metric `filled`, worked out for the crops that are there; photos by whether their crops' borders are black.

Released: never changed.
"""

from __future__ import annotations

import math
import sqlite3
from typing import Final

SQL: Final = """
ALTER TABLE face_quality ADD COLUMN filled INTEGER NOT NULL DEFAULT 2147483647; -- share of the crop that is no photo
UPDATE face_quality SET filled = (
  SELECT filled_in_0016(f.crop_x, f.crop_y, f.crop_width, f.crop_height, f.crop_angle, i.width, i.height)
  FROM faces f JOIN images i ON i.sha256 = f.sha256 WHERE f.seq = face_quality.seq
) WHERE seq IN (SELECT f.seq FROM faces f JOIN images i ON i.sha256 = f.sha256);
-- 1: crops that stick out of the photo are black there; images.processing names any other border, `course` has one
CREATE INDEX images_black ON images (
  instr(processing, '"border": ') = 0 AND instr(processing, '"detector": "course"') = 0
);
"""


def prepare(conn: sqlite3.Connection) -> None:
    """Give the script its function: from crop (x, y, width, height, degrees) and photo to ten-thousandths."""
    conn.create_function("filled_in_0016", 7, _filled, deterministic=True)


def _filled(x: int, y: int, w: int, h: int, angle: float, width: int, height: int) -> int:
    """1 less the share of the crop's polygon that is left when it is cut along the photo's four sides."""
    cos, sin = (math.cos(math.radians(angle)), math.sin(math.radians(angle))) if angle else (1.0, 0.0)
    halves = [(-w / 2, -h / 2), (w / 2, -h / 2), (w / 2, h / 2), (-w / 2, h / 2)]
    shape = [(x + w / 2 + cos * u - sin * v, y + h / 2 + sin * u + cos * v) for u, v in halves]
    if all(-1e-9 <= p <= width + 1e-9 and -1e-9 <= q <= height + 1e-9 for p, q in shape):
        return 0
    for axis, sign, limit in ((0, 1, 0), (0, -1, -width), (1, 1, 0), (1, -1, -height)):
        kept: list[tuple[float, float]] = []
        for one, other in zip(shape, shape[1:] + shape[:1], strict=True):
            a, b = sign * one[axis] - limit, sign * other[axis] - limit
            if a >= 0:
                kept.append(one)
            if (a >= 0) != (b >= 0):
                share = a / (a - b)
                kept.append((one[0] + share * (other[0] - one[0]), one[1] + share * (other[1] - one[1])))
        shape = kept
    area = abs(sum(p[0] * q[1] - q[0] * p[1] for p, q in zip(shape, shape[1:] + shape[:1], strict=True))) / 2
    return round(10_000 * min(1.0, max(0.0, 1 - area / (w * h))))
