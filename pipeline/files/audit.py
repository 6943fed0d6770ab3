"""Checks that every stored file exists and still holds the bytes that its name (a hash) says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pipeline.core.system.regular import open_regular
from pipeline.files.blobs import BlobStore
from pipeline.files.hashing import hash_file
from pipeline.files.remote import is_url

_ANEW: Final = "end the reprocessing that was interrupted, or put the file of a copy of the workspace back"


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


def check_image_files(blobs: BlobStore, image: ImageFiles) -> list[str]:
    """Findings about the files of one image, in words."""
    sha256, original = image.sha256, image.original
    findings = []
    found = hash_file(original)
    if found is None:
        remedy = "put it back, or relink its folder"
        findings.append(f"original {original} of image {sha256} {_unread(original)}: {remedy}")
    elif found != sha256:
        findings.append(f"original {original} has changed since it was ingested: its hash is not {sha256} any more")
    if image.unified:
        unified = blobs.path("images", sha256, "jpg")
        found = hash_file(unified)
        if found is None:
            findings.append(f"the unified JPEG of image {sha256} {_unread(unified)}")
        elif image.unified_sha256 not in (None, found):
            findings.append(f"the unified JPEG of image {sha256} has changed: {_ANEW}")
    for face_id, version in image.faces:
        file = blobs.path("crops", face_id, "png")
        crop = hash_file(file)
        if crop is None:
            findings.append(f"the crop of face {face_id} {_unread(file)}")
        elif crop[:16] != version:
            findings.append(f"the crop of face {face_id} has changed")
    return findings


def _unread(path: Path | str) -> str:
    """What is wrong with a file that could not be hashed: it may be there, and forbidden, or on a disk that fails."""
    if is_url(path):
        return "cannot be had"
    try:
        open_regular(path).close()
    except (FileNotFoundError, NotADirectoryError):
        return "is gone"
    except OSError as e:
        return f"cannot be read ({e.strerror})"
    return "cannot be read"
