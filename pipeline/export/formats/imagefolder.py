"""`split/class/name.png`: what torchvision, Hugging Face, Keras, TFDS, Ultralytics and FiftyOne read as it stands."""

from __future__ import annotations

from pathlib import Path

from pipeline.core.durable import make_below
from pipeline.export.formats.content import ReleaseContent, row_path


def write(release: ReleaseContent, root: Path) -> None:
    """Every class has its folder in every split, also an empty one: readers that number what they find would give the
    classes of that split other numbers. Raises OSError."""
    for split in release.splits:
        for name in release.numbered:
            make_below(root, root / split / name)
    for row in release.rows:
        release.put(f"{root}/{row_path(release, row)}", release.picture(row).data)
