"""Images, points and boxes.

Coordinates are pixels of the upright original (EXIF orientation applied), x to the right, y down.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

if TYPE_CHECKING:  # a quarter of the time that a command needs to start
    import numpy as np
    import numpy.typing as npt

Bgr: TypeAlias = "npt.NDArray[np.uint8]"
"""An image: uint8, (height, width, 3), blue-green-red."""
Rgb: TypeAlias = "npt.NDArray[np.uint8]"
"""The same, red-green-blue, as Pillow has it: on its way in alone, where OpenCV turns it into Bgr."""
Points: TypeAlias = "npt.NDArray[np.float32]"
"""Landmarks: float32, (68, 2), iBUG order, upright original pixels."""
LandmarkModel = Literal["dlib", "landmarker"]
"""What places a face's 68 landmarks. Figures that they decide compare only with those of the same model."""
DLIB: Final[LandmarkModel] = "dlib"
"""dlib's predictor; its weights may not be used commercially."""
MESH: Final[LandmarkModel] = "landmarker"
"""68 corresponding points of the Face Landmarker's mesh, an extra (docs/landmarker.md)."""
LANDMARK_MODELS: Final = (DLIB, MESH)
"""In the order of their numbers in the column `landmarks` (`db.projection.columns`)."""


@dataclass(frozen=True, slots=True)
class BoundingBox:
    """Half-open box in upright original pixels; floats allowed."""

    x1: float
    y1: float
    x2: float
    y2: float

    @property
    def width(self) -> float:
        return self.x2 - self.x1

    @property
    def height(self) -> float:
        return self.y2 - self.y1

    @property
    def area(self) -> float:
        return max(0.0, self.width) * max(0.0, self.height)

    def iou(self, other: BoundingBox) -> float:
        """Intersection over union with `other`, 0 to 1."""
        width = min(self.x2, other.x2) - max(self.x1, other.x1)
        height = min(self.y2, other.y2) - max(self.y1, other.y1)
        shared = max(0.0, width) * max(0.0, height)
        union = self.area + other.area - shared
        return shared / union if union > 0 else 0.0

    def rounded(self) -> tuple[int, int, int, int]:
        return round(self.x1), round(self.y1), round(self.x2), round(self.y2)


@dataclass(frozen=True, slots=True)
class CropBox:
    """Where a crop was cut, whole upright original pixels; it may reach outside the image, see `border`.

    angle: degrees by which the box is turned about its middle, clockwise on the screen; 0 is an upright cut.
    """

    x: int
    y: int
    width: int
    height: int
    angle: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """What is told of one face. mouth: a box of its mouth; face: of the face; at least one of them. points: float32
    (68, 2), NaN where not labelled. crop: where its crop was cut. outside: points that are not labelled lie outside of
    the picture, as a release of Moue writes them. either: the face's box may be one of its mouth: nobody says."""

    mouth: BoundingBox | None = None
    face: BoundingBox | None = None
    points: Points | None = None
    crop: CropBox | None = None
    outside: bool = False
    either: bool = False
