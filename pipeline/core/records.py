"""The records that pass between the stages: frozen, stdlib and numpy only. Coordinates: see `geometry`."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, Literal

from pipeline.core.border import Border
from pipeline.core.geometry import DLIB, BoundingBox, CropBox, LandmarkModel, Points
from pipeline.core.messages import Message
from pipeline.core.metrics import QualityMetrics
from pipeline.core.outcome import Outcome

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


class Verdict(StrEnum):
    """One annotator's verdict on one face; `UNDO` takes an earlier step back."""

    ACCEPT = "accept"
    REJECT = "reject"
    UNSURE = "unsure"
    UNDO = "undo"


COURSE: Final = "course"
"""The detector that is the published course's whole recipe, its crop too."""
FacesThatCount = Literal["all", "largest", "central"]
SEVERAL_LOOKS: Final = "yunet"
"""The detector that looks at a photo more than once."""
LOOKS: Final = 2
"""Which looks it takes: 1 was a single one. Photos of before are looked at anew when they are reprocessed."""
REJECT_REASONS: Final = (
    "not_a_mouth", "blurred", "too_small", "occluded", "profile", "drawing", "child", "duplicate", "other",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Detection:
    """One box of a detector. `five` is YuNet's (5, 2): right eye, left eye, nose tip, right and left mouth corner.

    look: which of several looks found it, see `pipeline.faces.looks`; empty where there is only one.
    """

    box: BoundingBox
    score: float | None
    five: npt.NDArray[np.float32] | None = None
    look: str = ""


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where on the web an image is from, as far as it is known; "" where it is not. engine, query: of a search."""

    image_url: str
    page_url: str = ""
    title: str = ""
    author: str = ""
    licence: str = ""
    licence_url: str = ""
    engine: str = ""
    query: str = ""


@dataclass(frozen=True, slots=True)
class ImageRef:
    """One regular file of a source, or one frame of it.

    path: where its bytes can be read now. location: the name a person knows it by, unique within its source
    (absolute path, or `<zip path>!<member>`). size: bytes. mtime_ns: the file's, for a zip member the archive's.
    proposal: a class name that its folder proposes. spooled: `path` is a temporary copy that the run owns and moves or
    removes. failure: it failed before any decoding (unreadable, a zip inside a folder …). known: the image's faces, to
    be cut and measured again. detect: faces are detected as well, and known ones keep their identity where the boxes
    agree. provenance: of one from the web. member: its name in its zip, "" outside of one; a `!` in `location` tells
    nothing, since paths may hold one. group: SHA-256 of the video or animation that it is a frame of, whose frames must
    not straddle splits; else "". person: the name of the one on it, as a list says; else "".
    """

    path: str
    location: str
    size: int
    mtime_ns: int = 0
    proposal: str | None = None
    spooled: bool = False
    failure: tuple[Outcome, Message] | None = None
    known: tuple[KnownFace, ...] = ()
    detect: bool = True
    provenance: Provenance | None = None
    group: str = ""
    member: str = ""
    person: str = ""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that decides what `process_image` makes of the same bytes.

    options: the detector's own settings by name, checked by `detect.check_options`. faces: which of several count.
    margin: crop side over the longer edge of the mouth. upright: crops are turned so that the eyes are level.
    border: where the crop's square sticks out of the photo; the `course` preset always pushes.
    looks: see `LOOKS`; no choice, but what it was when a photo was processed. landmarks: the model that places them.
    max_bytes, max_pixels: the caps of the decode gate. thumb_side: longest side of the thumbnail, pixels.
    """

    detector: str = "yunet"
    options: tuple[tuple[str, float], ...] = ()
    faces: FacesThatCount = "all"
    margin: float = 1.5
    upright: bool = False
    border: Border = "push"
    max_bytes: int = 256 * 1024 * 1024
    max_pixels: int = 50_000_000
    thumb_side: int = 480
    looks: int = LOOKS
    landmarks: LandmarkModel = DLIB

    @property
    def processing(self) -> str:
        """Canonical text of what decides which faces and crops an image has: equal text, nothing to reprocess.

        A black border, a single look and dlib's landmarks are not named: so a Moue that had no other wrote it, and its
        photos need not be done again.
        """
        chosen = {"detector": self.detector, "options": dict(sorted(self.options)), "faces": self.faces,
                  "margin": self.margin, "upright": self.upright}  # fmt: skip
        if self.border != "black" and self.detector != COURSE:
            chosen["border"] = self.border
        if self.detector == SEVERAL_LOOKS and self.looks > 1:
            chosen["looks"] = self.looks
        if self.landmarks != DLIB:
            chosen["landmarks"] = self.landmarks
        return json.dumps(chosen, sort_keys=True)

    @classmethod
    def of_processing(cls, processing: str, margin: float | None = None, detector: str | None = None) -> Settings:
        """The settings behind `processing`; an older Moue noted only the detector and the margin."""
        noted: dict[str, Any] = {
            "detector": detector or cls().detector,
            "margin": cls().margin if margin is None else margin,
        }
        if processing:
            noted = json.loads(processing)
            noted["options"] = tuple(noted["options"].items())
        before = {"border": "push" if noted["detector"] == COURSE else "black", "looks": 1}
        return cls(**(before | noted))


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """One detected (or drawn) face with its landmarks and its crop. rank 0 is the largest of its image.

    quality: None where it was not measured (a workspace of before, an image whose pixels are gone).
    five: the detector's own points, see `Detection`, where this run found it; they are not stored.
    look: which of the detector's looks found it, see `pipeline.faces.looks`; empty where it has but one.
    mesh: what the Face Landmarker says of it, see `pipeline.faces.landmarker.values`; None where it is not installed.
    landmark_model: which one placed its landmarks.
    """

    face_id: str
    image_sha256: str
    rank: int
    box: BoundingBox
    detector: str
    score: float | None
    landmarks: Points
    crop: CropBox
    quality: QualityMetrics | None = None
    five: npt.NDArray[np.float32] | None = None
    look: str = ""
    mesh: npt.NDArray[np.float32] | None = None
    landmark_model: LandmarkModel = DLIB


@dataclass(frozen=True, slots=True, eq=False)
class KnownFace:
    """A face that an image has already, with the crop that it shall have.

    keep: somebody drew it or decided on it, so it stays though a detector misses it. crop_fixed: a person placed the
    crop, so it stays where it is though the landmarks move.
    """

    face: Face
    keep: bool
    crop_fixed: bool


@dataclass(frozen=True, slots=True, eq=False)
class ImageOutcome:
    """What `process_image` made of one `ImageRef`; the bytes are ready to be stored.

    crops: PNG bytes, parallel to `faces`. unified: JPEG bytes, None where the original is an intact upright JPEG.
    thumb: JPEG bytes. width, height: upright pixels, 0 where unknown. timings: seconds by stage.
    hashes: the perceptual hashes, 192 bytes (see `pipeline.pixels.phash`).
    """

    ref: ImageRef
    outcome: Outcome
    reason: Message
    sha256: str | None = None
    width: int = 0
    height: int = 0
    format: str = ""
    faces: tuple[Face, ...] = ()
    crops: tuple[bytes, ...] = ()
    unified: bytes | None = None
    thumb: bytes | None = None
    hashes: bytes | None = None
    timings: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class StoredOutcome:
    """An `ImageOutcome` whose files are on the disk (its bytes are not read again).

    storage: `referenced` or `stored`; original: the absolute path where referenced, workspace-relative where stored;
    both empty where nothing was kept. crop_versions: the first 16 hex of each crop PNG's SHA-256, parallel to
    `outcome.faces`. unified: whether a unified JPEG was stored; where None, whether the outcome carries one.
    unified_sha256: of that JPEG, hex. detector, margin, processing: the settings it was processed with.
    """

    outcome: ImageOutcome
    storage: Literal["referenced", "stored", ""] = ""
    original: str = ""
    crop_versions: tuple[str, ...] = ()
    detector: str | None = None
    margin: float | None = None
    unified: bool | None = None
    processing: str = ""
    unified_sha256: str | None = None


@dataclass(frozen=True, slots=True)
class ClassSpec:
    """A class of the workspace: `key` is what is typed on the keyboard, `colour` is `#rrggbb`, `letter` its badge."""

    id: int
    name: str
    key: str
    colour: str
    letter: str


@dataclass(frozen=True, slots=True)
class ExportItem:
    """One accepted face on its way out.

    group: what must not straddle splits: the first image of its near copies. crop_version: the first 16 hex of the crop
    PNG's SHA-256: an export takes no other bytes for it. border: see `border.Border`. filled: the share of the crop
    that is not photo, 0 to 1. provenance: each web page or search that the image was found by. confirmed: the
    suggestion that a page confirmed with the decision (suggester, version, probability), "" where a person gave this
    class to this face. agreement: the share of people's answers that say what counts, 0 to 1, None without any.
    sharpness: its metric, None where it was not measured. width, height: pixels of the upright original. margin,
    upright: of its crops, see `Settings`. original: path, absolute or from the workspace, or URL. person: the same for
    all faces of one, "" where nobody tells, never a name. rejected: its label is that of the class that an export has
    for rejected faces. off_screen: decided on by page, not seen.
    """

    face_id: str
    image_sha256: str
    group: str
    label: str
    annotator: str
    detector: str
    box: BoundingBox
    crop: CropBox
    crop_version: str
    location: str
    provenance: tuple[Provenance, ...] = ()
    border: Border = "push"
    filled: float = 0.0
    confirmed: str = ""
    landmark_model: LandmarkModel = DLIB
    agreement: float | None = None
    sharpness: float | None = None
    width: int = 0
    height: int = 0
    margin: float = 1.5
    upright: bool = False
    original: str = ""
    person: str = ""
    rejected: bool = False
    off_screen: bool = False


def crop_version(png: bytes) -> str:
    """The first 16 hex digits of the crop's SHA-256: kept beside its row, and what its address carries."""
    return hashlib.sha256(png).hexdigest()[:16]


def face_id(image_sha256: str, box: BoundingBox, detector: str) -> str:
    """The first 32 hex digits of SHA-256 over image hash, rounded box and detector: the same in every workspace."""
    x1, y1, x2, y2 = box.rounded()
    return hashlib.sha256(f"{image_sha256}:{x1},{y1},{x2},{y2}:{detector}".encode()).hexdigest()[:32]
