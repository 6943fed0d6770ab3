"""An export from the page: to a folder of the server, or to a zip that the browser fetches."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from db.store.store import Store
from db.tables import releases
from pages._server import workspace
from pages._words import t
from pipeline.core.errors import ExportError
from pipeline.export.export import ExportPlan, ExportReport, write
from pipeline.files.blobs import storage_error, sync_folder

LONGEST_NAME: Final = 80
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)  # the earliest a zip can tell: the same release gives the same bytes


@dataclass(frozen=True, slots=True)
class Made:
    """A finished export and its number in the list of releases."""

    release_id: int
    path: Path
    files: int


def check_name(name: str) -> str:
    """The name as a folder or file can carry it. Raises ExportError."""
    cleaned = " ".join(name.split())
    if not cleaned or len(cleaned) > LONGEST_NAME or cleaned[0] in ".-" or re.search(r'[\\/:*?"<>|\x00-\x1f]', cleaned):
        told = t(
            'the name must have 1 to {n} characters, without / \\ : * ? " < > | at all and no dot first', n=LONGEST_NAME
        )
        raise ExportError(told)
    return cleaned


def to_folder(store: Store, chosen: ExportPlan, name: str, out: Path, who: str, *, overwrite: bool) -> Made:
    """Write the release to the folder `out`. Raises ExportError and StorageError."""
    done = write(chosen, _crop_path, out, overwrite=overwrite)
    return Made(_note(store, name, done.out, "imagefolder", done, chosen, who), done.out, done.files)


def to_zip(store: Store, chosen: ExportPlan, name: str, who: str) -> Made:
    """Write the release as `releases/<name>.zip` of the workspace. Raises ExportError and StorageError."""
    target = store.root / "releases" / f"{name}.zip"
    number = 1
    while target.exists():
        number += 1
        target = target.with_name(f"{name} ({number}).zip")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(prefix=".zip-", dir=target.parent))
    except OSError as e:
        raise storage_error(e, str(target)) from e
    try:
        done = write(chosen, _crop_path, aside / name)
        pack(aside / name, aside / "release.zip")
        os.replace(aside / "release.zip", target)
        sync_folder(target.parent)
    except OSError as e:
        raise storage_error(e, str(target)) from e
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return Made(_note(store, target.stem, target, "zip", done, chosen, who), target, done.files)


def pack(folder: Path, target: Path) -> None:
    """A zip of `folder`, under its name, sorted and without clocks. PNGs are stored: they are compressed already."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                entry = zipfile.ZipInfo(path.relative_to(folder.parent).as_posix(), _EPOCH)
                entry.external_attr = 0o644 << 16
                with path.open("rb") as source, archive.open(entry, "w") as out:
                    shutil.copyfileobj(source, out, 1 << 20)
    with target.open("rb") as stream:
        os.fsync(stream.fileno())


def _note(store: Store, name: str, path: Path, shape: str, done: ExportReport, chosen: ExportPlan, who: str) -> int:
    params = {"val": chosen.val, "seed": chosen.seed, "format": "imagefolder", "as": shape} | chosen.shape.params
    counts: dict[str, Any] = {split: dict(by_class) for split, by_class in done.counts.items()}
    return store.write(lambda db: releases.add_release(db, name, str(path), params, counts, done.digest, who))


def _crop_path(face_id: str) -> Path:
    return workspace.blobs().path("crops", face_id, "png")
