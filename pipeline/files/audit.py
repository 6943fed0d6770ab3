"""Checks that every stored file exists and still holds the bytes that its name (a hash) says."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pipeline.files.blobs import BlobStore
from pipeline.files.hashing import hash_file


def check_image_files(
    blobs: BlobStore, sha256: str, original: Path | str, unified: bool, faces: Sequence[tuple[str, str]]
) -> list[str]:
    """Findings about one image, in words. original: absolute path or URL. faces: (face id, crop version)."""
    findings = []
    found = hash_file(original)
    if found is None:
        findings.append(f"original {original} of image {sha256} is gone: put it back, or relink its folder")
    elif found != sha256:
        findings.append(f"original {original} has changed since it was ingested: its hash is not {sha256} any more")
    if unified and not blobs.exists("images", sha256, "jpg"):
        findings.append(f"the unified JPEG of image {sha256} is gone")
    for face_id, version in faces:
        crop = hash_file(blobs.path("crops", face_id, "png"))
        if crop is None:
            findings.append(f"the crop of face {face_id} is gone")
        elif crop[:16] != version:
            findings.append(f"the crop of face {face_id} has changed")
    return findings
