"""What is fuzzed as one: the formats of `mutated/` by what reads them, and how one input names its format.

An input is a byte that chooses among the target's formats, and the file. Light to import: what it reads with must be
imported while atheris looks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from tests.faults.mutated.samples import Sample

OF_DOOR: Final[Mapping[str, str]] = {
    "photo": "photos",
    "video": "videos",
    "archive": "zips",
    "lists": "tables",
    "data-set": "data-sets",
    "request": "bodies",
}
"""The target of what comes in by a door of `mutated/doors.py`, if its format has none of its own."""
OF_FORMAT: Final[Mapping[str, str]] = {
    "keywords": "keywords",
    "page": "pages",
    "table": "tables",
    "metadata": "tables",
    "parquet": "tables",
}
"""By the first word of a format's name."""
TARGETS: Final = ("photos", "videos", "zips", "tables", "keywords", "pages", "data-sets", "bodies")


def target_of(name: str, door: str) -> str:
    return OF_FORMAT.get(name.partition("-")[0], OF_DOOR[door])


def formats(target: str, samples: Mapping[str, Sample]) -> Sequence[str]:
    """In the order by which an input's first byte chooses."""
    return [name for name, sample in samples.items() if target_of(name, sample.door) == target]


def joined(name: str, data: bytes, names: Sequence[str]) -> bytes:
    return bytes([names.index(name)]) + data


def split(given: bytes, names: Sequence[str]) -> tuple[str, bytes]:
    """The format and the file; every input is one."""
    return names[(given[0] if given else 0) % len(names)], given[1:]
