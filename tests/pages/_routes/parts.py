"""A video that is sent in parts, and what has arrived of it."""

from __future__ import annotations

import random
from pathlib import Path

BATCH = "0" * 31 + "2"
DATA = random.Random(5).randbytes(3_500_000)


def url(offset: int | None = None, size: int = len(DATA), batch: str = BATCH, name: str = "film/talk.mp4") -> str:
    told = f"/api/upload?name={name}&batch={batch}&kind=video&size={size}&modified=17&number=0"
    return told if offset is None else f"{told}&offset={offset}"


def files(root: Path) -> dict[str, bytes]:
    folder = root / ".incoming"
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def arrived(batch: str = BATCH) -> dict[str, bytes]:
    return {f"videos/{batch}/film/talk.mp4": DATA}
