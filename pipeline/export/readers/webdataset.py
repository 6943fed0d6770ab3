"""WebDataset: tar shards, `train-000000.tar` …; what stands before the first dot of a member's name is its sample.

Of each sample a picture, and its class: `.json` with `class` or `label`, else `.cls` or `.txt`, a name, or a number
where `classes.txt` beside the shards says the names in order.
"""

from __future__ import annotations

import re
import tarfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from pipeline.core.errors import UsageError
from pipeline.core.messages import message
from pipeline.export.readers.labelled import PICTURES, Fields, LabelledPicture, once, read_text, split_of, told_split
from pipeline.export.readers.syntax import of_release, video
from pipeline.export.readers.unpacked import MOST_PICTURE, Pictures
from pipeline.files.charset.halves import from_json

_MOST_TEXT: Final = 1 << 20
_MOST_MEMBERS: Final = 10_000_000
_TEXTS: Final = ("json", "cls", "txt")
_WORDS: Final = re.compile(r"[^A-Za-z0-9]+")


def find(root: Path) -> list[Path]:
    """The shards: the file itself, or those in the folder or in folders of splits in it."""
    if root.is_file():
        return [root] if root.suffix.lower() == ".tar" else []
    return sorted(p for p in (*root.glob("*.tar"), *root.glob("*/*.tar")) if p.is_file())


def read(root: Path, scratch: Path) -> Iterator[LabelledPicture]:
    """Raises UsageError: also for links and devices in a shard."""
    names = _names(root)
    for shard in find(root):
        told = [shard.parent.name, *_WORDS.split(shard.stem)] if root.is_dir() else _WORDS.split(shard.stem)
        split = next((found for word in told if (found := split_of(word))), "")
        pictures = Pictures(scratch, shard)
        try:
            with tarfile.open(shard, "r|") as tar:
                for key, sample in _samples(tar, shard):
                    yield from _picture(shard, key, sample, split, names, pictures)
        except (tarfile.TarError, EOFError, OSError, ValueError) as e:
            raise UsageError(message("import_broken", file=shard, why=e)) from e


def _names(root: Path) -> Sequence[str]:
    file = (root if root.is_dir() else root.parent) / "classes.txt"
    return read_text(file).decode("utf-8-sig", "replace").split("\n") if file.is_file() else ()


def _samples(tar: tarfile.TarFile, shard: Path) -> Iterator[tuple[str, dict[str, bytes]]]:
    """Members of one sample follow each other. Of a sample what is a picture or tells its class."""
    key, sample, count = "", dict[str, bytes](), 0
    for entry in tar:
        count += 1
        if count > _MOST_MEMBERS:
            raise UsageError(message("import_too_many", file=shard, most=_MOST_MEMBERS))
        if entry.isdir():
            continue
        if not entry.isreg():
            raise UsageError(message("import_archive_link", file=shard, name=entry.name[:200]))
        folder, _, name = entry.name.rpartition("/")
        stem, _, extension = name.partition(".")
        extension = extension.lower()
        if (here := f"{folder}/{stem}") != key and sample:
            yield key, sample
            sample = {}
        key = here
        most = MOST_PICTURE if f".{extension.rpartition('.')[2]}" in PICTURES else _MOST_TEXT
        if most == _MOST_TEXT and extension not in _TEXTS:
            continue
        if entry.size > most:
            raise UsageError(message("import_too_large", file=f"{shard}: {entry.name[:200]}", most=most >> 20))
        stream = tar.extractfile(entry)
        sample[extension] = b"" if stream is None else stream.read(most)
    if sample:
        yield key, sample


def _picture(
    shard: Path, key: str, sample: dict[str, bytes], split: str, names: Sequence[str], pictures: Pictures
) -> Iterator[LabelledPicture]:
    pictured = [one for one in sample if f".{one.rpartition('.')[2]}" in PICTURES]
    extension = min(pictured, key=lambda one: one.count("."), default=None)  # `jpg` before `depth.png`
    if extension is None:
        return
    told = _told(shard, key, sample)
    label = told.text("class", "") or told.text("label", "") if told is not None and _named(told) else ""
    if not label:
        label = _class(shard, key, sample, names)
    if not label:
        return
    data = sample[extension]
    path = pictures.put(f"{key}.{extension.rpartition('.')[2]}", data)
    if told is None:
        yield LabelledPicture(path, label, split)
        return
    split = split or told_split(told.text("split", ""), shard, key)
    sha256, face_id = told.text("image_sha256", ""), told.text("face_id", "")
    one = LabelledPicture(path, label, split, sha256=sha256, face_id=face_id, together=video.told(told))
    yield of_release.told(one, told)


def _named(told: Fields) -> bool:
    """Whether it says a class by its name."""
    return any(told.has(field) and told.is_text(field) for field in ("class", "label"))


def _told(shard: Path, key: str, sample: dict[str, bytes]) -> Fields | None:
    if "json" not in sample:
        return None
    try:
        value: Any = from_json(sample["json"].decode("utf-8-sig"), object_pairs_hook=once)
    except (ValueError, RecursionError) as e:
        member = f"{shard}: {key[:200]}.json"
        raise UsageError(message("import_broken", file=member, why=e)) from e
    return Fields(value, shard, key) if isinstance(value, dict) else None


def _class(shard: Path, key: str, sample: dict[str, bytes], names: Sequence[str]) -> str:
    text = sample.get("cls", sample.get("txt", b"")).decode("utf-8", "replace").strip()
    if not text.isascii() or not text.isdigit():
        return text[:200]
    if len(text) > 6 or int(text) >= len(names) or not names[int(text)].strip():
        raise UsageError(message("import_class_number", file=f"{shard}: {key[:200]}", number=text[:20]))
    return names[int(text)].strip()
