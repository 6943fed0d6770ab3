"""Checks that every stored file exists and still holds the bytes that its name (a hash) says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pipeline.files.blobs import BlobStore
from pipeline.files.hashing import hash_file

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
        findings.append(f"original {original} of image {sha256} is gone: put it back, or relink its folder")
    elif found != sha256:
        findings.append(f"original {original} has changed since it was ingested: its hash is not {sha256} any more")
    if image.unified:
        found = hash_file(blobs.path("images", sha256, "jpg"))
        if found is None:
            findings.append(f"the unified JPEG of image {sha256} is gone")
        elif image.unified_sha256 not in (None, found):
            findings.append(f"the unified JPEG of image {sha256} has changed: {_ANEW}")
    for face_id, version in image.faces:
        crop = hash_file(blobs.path("crops", face_id, "png"))
        if crop is None:
            findings.append(f"the crop of face {face_id} is gone")
        elif crop[:16] != version:
            findings.append(f"the crop of face {face_id} has changed")
    return findings
