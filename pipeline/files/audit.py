"""Checks that every stored file exists and still holds the bytes that its name (a hash) says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.core.messages import Finding, Message, finding, message
from pipeline.core.system.regular import open_regular
from pipeline.files.blobs import BlobStore
from pipeline.files.hashing import hash_file
from pipeline.files.remote import is_url


@dataclass(frozen=True, slots=True)
class ImageFiles:
    """What an image should have on the disk. original: absolute path or URL. faces: (face id, crop version).

    unified: whether it has a unified JPEG. unified_sha256: of that, None where it is not known.
    """

    sha256: str
    original: Path | str
    unified: bool
    unified_sha256: str | None
    faces: Sequence[tuple[str, str]]


def check_image_files(blobs: BlobStore, image: ImageFiles) -> list[Finding]:
    """Findings about the files of one image, in words."""
    sha256, original = image.sha256, image.original
    findings: list[Finding] = []
    found = hash_file(original)
    if found is None:
        findings.append(finding("found_original", file=original, sha256=sha256, how=_unread(original)))
    elif found != sha256:
        findings.append(finding("found_original_changed", file=original, sha256=sha256))
    if image.unified:
        unified = blobs.path("images", sha256, "jpg")
        found = hash_file(unified)
        if found is None:
            findings.append(finding("found_unified", sha256=sha256, how=_unread(unified)))
        elif image.unified_sha256 not in (None, found):
            findings.append(finding("found_unified_changed", sha256=sha256))
    for face_id, version in image.faces:
        file = blobs.path("crops", face_id, "png")
        crop = hash_file(file)
        if crop is None:
            findings.append(finding("found_crop", face=face_id, how=_unread(file)))
        elif crop[:16] != version:
            findings.append(finding("found_crop_changed", face=face_id))
    return findings


def _unread(path: Path | str) -> Message:
    """What is wrong with a file that could not be hashed: it may be there, and forbidden, or on a disk that fails."""
    if is_url(path):
        return message("found_how_away")
    try:
        open_regular(path).close()
    except (FileNotFoundError, NotADirectoryError):
        return message("found_how_gone")
    except OSError as e:
        return message("found_how_refused", why=e.strerror or e)
    return message("found_how_unread")
