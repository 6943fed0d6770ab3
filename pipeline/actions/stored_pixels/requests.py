"""What the programs of `processes` are asked and what they answer, as JSON: where an image's files lie, faces."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from pipeline.core.border import Border
from pipeline.core.geometry import BoundingBox, CropBox, Told
from pipeline.core.metrics import QualityMetrics
from pipeline.core.records import Face, Settings
from pipeline.run.programs import Answer


class StoredImage(Protocol):
    """Where an image's files lie: `ImageInfo` says it, or a request of another process."""

    @property
    def sha256(self) -> str: ...
    @property
    def original(self) -> str: ...
    @property
    def unified(self) -> bool: ...
    @property
    def unified_sha256(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class ImageFiles:
    """A `StoredImage`, and nothing else of it."""

    sha256: str
    original: str
    unified: bool
    unified_sha256: str | None

    @classmethod
    def of(cls, image: StoredImage) -> ImageFiles:
        return cls(image.sha256, image.original, image.unified, image.unified_sha256)


@dataclass(frozen=True, slots=True, eq=False)
class Made:
    """png: the crop's bytes. unnoted: see `StoredPixels`."""

    face: Face
    png: bytes
    unnoted: str | None


class FaceMaker(Protocol):
    """Makes faces, here or in another process. All raise UsageError, DecodeError and IntegrityError."""

    def drawn(self, root: Path, image: StoredImage, box: BoundingBox, settings: Settings) -> Made: ...

    def whole(self, root: Path, image: StoredImage, settings: Settings, told: Told) -> Made: ...

    def told(self, root: Path, image: StoredImage, settings: Settings, told: Told) -> Made: ...

    def measured(self, root: Path, image: StoredImage, face: Face, border: Border) -> Made: ...

    def moved(self, root: Path, image: StoredImage, face: Face, crop: CropBox, border: Border) -> Made: ...


def face_to_json(face: Face) -> dict[str, Any]:
    """`face_of` makes an equal one: float32 is exact in JSON's numbers."""
    arrays = {name: _to_list(getattr(face, name)) for name in ("landmarks", "five", "mesh")}
    return asdict(replace(face, landmarks=np.zeros((0, 2), np.float32), five=None, mesh=None)) | arrays


def face_of(said: Mapping[str, Any]) -> Face:
    """Raises KeyError, TypeError and ValueError for what is no face."""
    quality = said["quality"]
    points = np.array(said["landmarks"], np.float32).reshape(68, 2)
    return Face(**{
        **said,
        "box": BoundingBox(**said["box"]),
        "crop": CropBox(**said["crop"]),
        "quality": None if quality is None else QualityMetrics(**quality),
        "landmarks": points,
        "five": _array(said["five"]),
        "mesh": _array(said["mesh"]),
    })  # fmt: skip


def told_to_json(told: Told) -> dict[str, Any]:
    """`told_of` makes an equal one; a point that is not labelled is NaN, as Python's JSON knows it."""
    return asdict(replace(told, points=None)) | {"points": _to_list(told.points)}


def told_of(said: Mapping[str, Any]) -> Told:
    """Raises KeyError, TypeError and ValueError for what is none."""
    mouth, face = (None if said[name] is None else BoundingBox(**said[name]) for name in ("mouth", "face"))
    crop = None if said["crop"] is None else CropBox(**said["crop"])
    return Told(mouth, face, _array(said["points"]), crop, outside=said["outside"], either=said["either"])


def _to_list(array: npt.NDArray[np.float32] | None) -> list[Any] | None:
    return None if array is None else array.tolist()


def _array(said: list[Any] | None) -> npt.NDArray[np.float32] | None:
    return None if said is None else np.array(said, np.float32)


def settings_of(said: Mapping[str, Any]) -> Settings:
    """Of `asdict`."""
    return Settings(**{**said, "options": tuple((str(name), value) for name, value in said["options"])})


def made_to_answer(made: Made) -> Answer:
    """`made_of` makes it again."""
    return Answer({"face": face_to_json(made.face), "unnoted": made.unnoted}, made.png)


def made_of(answer: Answer) -> Made:
    """Raises KeyError, TypeError and ValueError for what is none."""
    unnoted = answer.said["unnoted"]
    return Made(face_of(answer.said["face"]), answer.data, None if unnoted is None else str(unnoted))
