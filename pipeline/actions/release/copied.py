"""A release once more from a writing of it that is still whole, where its files cannot be made anew."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from db.store.store import Store
from db.tables import releases
from db.tables.releases import KeptManifest, ReleaseRow
from pipeline.core.durable import make_below, make_folder
from pipeline.core.errors import ExportError
from pipeline.export.place import clear_leftovers, flush, folder_held, new_folder, put_in_place
from pipeline.export.release.release_file import NAME, opened
from pipeline.export.release.verify import verify_release
from pipeline.export.target import check_target
from pipeline.files.blobs import storage_error
from pipeline.files.remote import is_url


def whole_writing(store: Store, row: ReleaseRow, held: KeptManifest) -> Path | None:
    """Where a folder or zip of this very release lies, each of whose files is as it was made; None where none does."""
    for one in store.read(releases.list_releases):
        place = Path(one.path)
        if (one.line, one.number) != (row.line, row.number) or is_url(one.path) or not os.path.exists(place):
            continue
        try:
            if not verify_release(place)[1] and _said(place) == held.release:
                return place
        except ExportError:
            continue
    return None


def _said(place: Path) -> bytes:
    with opened(place) as tree:
        return tree.read(NAME)


def copy_release(place: Path, out: Path) -> None:
    """Write the release at `place` to the folder `out`; it appears whole or not at all. Raises ExportError where
    something is there, StorageError."""
    out = out.absolute()
    try:
        make_folder(out.parent, inside=None)
        with folder_held(out.parent), opened(place) as tree:
            clear_leftovers(out)
            check_target(out, overwrite=False)
            staging = new_folder(out, "new")
            try:
                for path in sorted(tree.paths):
                    target = staging / path
                    make_below(staging, target.parent)
                    target.write_bytes(tree.read(path))
                flush(staging)
                staging.chmod(0o755)
                put_in_place(staging, out, lambda lies_at: check_target(out, overwrite=False, lies_at=lies_at))
            finally:
                shutil.rmtree(staging, ignore_errors=True)
    except OSError as e:
        raise storage_error(e, str(out)) from e
