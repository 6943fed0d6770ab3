"""What a source notes for the next run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image

from pipeline.core.records import ImageRef
from pipeline.sources.history import NoHistory
from pipeline.sources.plan import plan_source
from pipeline.sources.walk import iter_source
from tests.pipeline.photos import encoded, head_jpeg


class Notes(NoHistory):
    """What a source has noted: the pictures of each file that was decoded whole, and the failures to forget."""

    def __init__(self) -> None:
        self.pictures: dict[str, list[str]] = {}
        self.forgotten: list[str] = []

    def record_frames(self, ref: ImageRef, options_key: str, extracted: Sequence[ImageRef]) -> None:
        self.pictures[Path(ref.location).name] = [Path(one.location).name for one in extracted]

    def forget_failure(self, ref: ImageRef) -> None:
        self.forgotten.append(Path(ref.location).name)


def test_only_what_was_decoded_whole_and_stays_is_noted(tmp_path: Path) -> None:
    """Not a photo, not an animation that breaks half-way, nothing of an upload, which is gone when it is done."""
    root = tmp_path / "photos"
    root.mkdir()
    noise = np.random.default_rng(4).integers(0, 256, (3, 64, 64), np.uint8)
    first, *rest = map(Image.fromarray, noise)
    gif = encoded(first, "GIF", save_all=True, append_images=rest)
    (root / "a.gif").write_bytes(gif)
    (root / "broken.gif").write_bytes(gif[: len(gif) * 9 // 10])
    (root / "c.jpg").write_bytes(head_jpeg())
    plan = replace(plan_source(root, tmp_path / "spool", 10_000), max_bytes=10**7, frames="all")
    notes = Notes()
    found = list(iter_source(plan, notes))
    assert [Path(ref.location).name for ref in found if ref.failure] == ["broken.gif"]
    assert notes.pictures == {"a.gif": ["a.gif#1", "a.gif#2", "a.gif#3"]}
    assert notes.forgotten == ["photos", "a.gif"]  # that the folder was empty, and that the file was damaged
    notes = Notes()
    assert len(list(iter_source(replace(plan, owned=True), notes))) == len(found)
    assert (notes.pictures, notes.forgotten) == ({}, [])
