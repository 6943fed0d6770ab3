"""The rows of the Clean page: one file each, in words."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any, Final

from db.reads.details import ImageInfo, face_info, image_info
from db.reads.files import CleanFace, CleanItem
from db.store.store import Db
from pages._words import as_sentence, count, mark, recorded, t, vocabulary
from pages._words.locations import split_location
from pipeline.core.messages import Message
from pipeline.core.outcome import Outcome

FAILED: Final = frozenset(
    {Outcome.UNDECODABLE, Outcome.TOO_LARGE, Outcome.UNSUPPORTED, Outcome.UNAVAILABLE, Outcome.QUARANTINED}
)
REMEDY: Final = {
    "no_face": mark("If there is one, draw its box; if not, leave it: a photo without a face is never exported."),
    "undecodable": mark("Get the file again from where it came from, and collect it once more."),
    "too_large": mark("Save a smaller copy of it and collect that."),
    "unsupported": mark("If it is a photo, save it as JPEG or PNG and collect that."),
    "unavailable": mark("See that the file is there and may be read, then collect its folder again."),
    "quarantined": mark("Open it in a picture program, save it anew, and collect that."),
    "passed_over": mark("Nothing to do. If it is a photo of yours, give its own folder as the path."),
    "already_present": mark("Nothing to do: its faces are under the first file with these bytes."),
}


def row(item: CleanItem) -> dict[str, Any]:
    """What the list shows of one file. JSON only; boxes and sizes in upright original pixels."""
    folder, name = split_location(item.location)
    return {
        "n": item.sighting_id,
        "name": name,
        "folder": folder,
        "location": item.location,
        "outcome": item.outcome,
        "badge": t(vocabulary.OUTCOME_WORDS.get(item.outcome, item.outcome)),
        "reason": _reason(item.outcome, item.reason, len(item.faces)),
        "remedy": t(REMEDY.get(item.outcome, "")),
        "source": t(vocabulary.SOURCE_NOTE_WORDS.get(item.source_kind, "")),
        "sha": item.sha256 or "",
        "width": item.width or 0,
        "height": item.height or 0,
        "faces": [_face(face) for face in item.faces],
        "overlay_v": overlay_version(item.faces),
    }


def refreshed(old: dict[str, Any], image: ImageInfo, verdicts: dict[str, str | None]) -> dict[str, Any]:
    """The row with the image's faces as they are now; an image that got its first face changes its outcome."""
    faces = [
        CleanFace(face.face_id, version, face.box, verdicts.get(face.face_id))
        for face, version in zip(image.faces, image.crop_versions, strict=True)
    ]
    changed = {**old, "faces": [_face(face) for face in faces], "overlay_v": overlay_version(faces)}
    outcome = image.outcome if old["outcome"] == Outcome.NO_FACE else old["outcome"]
    if outcome == Outcome.ADDED:
        badge, reason = t(vocabulary.OUTCOME_WORDS[outcome]), _reason(outcome, image.reason, len(faces))
        changed |= {"outcome": outcome, "badge": badge, "reason": reason, "remedy": ""}
    return changed


def with_image_anew(db: Db, old: list[dict[str, Any]], sha256: str) -> list[dict[str, Any]]:
    """The same rows in the same order (nothing moves under the pointer), those of one image anew."""
    image = image_info(db, sha256)
    if image is None:
        return old
    states = {face.face_id: face_info(db, face.face_id) for face in image.faces}
    verdicts = {face_id: info.state.verdict for face_id, info in states.items() if info is not None}
    return [refreshed(row, image, verdicts) if row["sha"] == sha256 else row for row in old]


def _reason(outcome: str, reason: Message, faces: int) -> str:
    """What was recorded; for an image with faces their number now, which people may have changed."""
    return as_sentence(count(faces, "face")) if outcome == Outcome.ADDED else recorded.sentence(reason)


def overlay_version(faces: Sequence[CleanFace]) -> str:
    """Changes with any face and any crop, so that the browser may keep the picture."""
    return hashlib.sha256(" ".join(f"{face.face_id}:{face.crop_version}" for face in faces).encode()).hexdigest()[:16]


def _face(face: CleanFace) -> dict[str, Any]:
    box = face.box
    return {
        "id": face.face_id,
        "v": face.crop_version,
        "box": [round(box.x1, 1), round(box.y1, 1), round(box.x2, 1), round(box.y2, 1)],
        "verdict": face.verdict or "",
    }
