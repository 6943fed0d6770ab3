"""WebDataset: tar shards, `train-000000.tar` …, of a picture, its class's number and its facts each.

Source: "The WebDataset Format", github.com/webdataset/webdataset. What stands before the first dot of a member's name
is the key of its sample: keys have no dots.
"""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Final

from pipeline.core.metrics import FaceFacts
from pipeline.export.formats.columns import POINTS, SHORT, values
from pipeline.export.formats.content import ExportRow, Picture, ReleaseContent

SHARD_BYTES: Final = 256 << 20
SHARD_SAMPLES: Final = 10_000
TOLD: Final = (*SHORT, POINTS)


def write(release: ReleaseContent, root: Path) -> None:
    """At least one shard a split, also of one without pictures. Raises OSError."""
    numbers = {name: number for number, name in enumerate(release.numbered)}
    shards = {split: _Shards(root, split) for split in release.splits}
    try:
        for row, facts in release.with_facts(release.rows):
            picture = release.picture(row)
            shards[row.split].add(row, _members(release, row, facts, picture, numbers))
    finally:
        for shard in shards.values():
            shard.close()


def key_of(row: ExportRow) -> str:
    """The row's key: its picture's name without what follows the last dot, and without dots."""
    return PurePosixPath(row.name).stem.replace(".", "_")


def _members(
    release: ReleaseContent, row: ExportRow, facts: FaceFacts, picture: Picture, numbers: Mapping[str, int]
) -> Iterator[tuple[str, bytes]]:
    name = release.written_names[row.item.label]
    told = dict(zip(TOLD, values(release, row, facts, TOLD), strict=True))
    yield "cls", str(numbers[name]).encode()
    yield "json", json.dumps(told, ensure_ascii=False, sort_keys=True).encode()
    yield picture.suffix.removeprefix("."), picture.data


class _Shards:
    """The shards of one split, one open at a time."""

    def __init__(self, root: Path, split: str) -> None:
        self._root, self._split, self._number = root, split, 0
        self._samples = self._bytes = 0
        self._tar = self._open()

    def _open(self) -> tarfile.TarFile:
        path = self._root / f"{self._split}-{self._number:06}.tar"
        return tarfile.open(path, "w", format=tarfile.USTAR_FORMAT)

    def add(self, row: ExportRow, members: Iterator[tuple[str, bytes]]) -> None:
        if self._samples >= SHARD_SAMPLES or self._bytes >= SHARD_BYTES:
            self._tar.close()
            self._number += 1
            self._samples = self._bytes = 0
            self._tar = self._open()
        for suffix, data in members:
            entry = tarfile.TarInfo(f"{key_of(row)}.{suffix}")  # no clock, no owner: the same release, the same bytes
            entry.size, entry.mode = len(data), 0o644
            self._tar.addfile(entry, io.BytesIO(data))
            self._bytes += len(data)
        self._samples += 1

    def close(self) -> None:
        self._tar.close()
