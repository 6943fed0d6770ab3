"""What each mouth looks like, computed from the stored crops in the background and kept for the order by looks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

import cv2
import numpy as np

from db.store.locks import suggest_lock
from db.store.store import Store
from db.suggest import descriptors
from db.suggest.descriptors import Described
from pipeline.core.errors import StorageError
from pipeline.core.records import crop_version
from pipeline.files.blobs import BlobStore
from pipeline.suggest import descriptor
from pipeline.suggest.descriptor import Basis, Vectors

AT_ONCE: Final = 500
"""Vectors of one write: some 20 ms."""
_GROWN: Final = 2
_POINTS: Final = (68, 2)

Show = Callable[[str, int, int], object]


def update_descriptors(store: Store, show: Show = lambda phase, done, total: None) -> int:
    """Describe all listed faces that have no vector of the basis in force; returns how many were looked at.

    Where there is no basis, or it was fitted on fewer crops than it might and there are twice as many now, another one
    is fitted first and all faces are described anew. Raises BusyError while another process does it, StorageError.
    """
    with suggest_lock(store.root):
        blobs = BlobStore(store.root)
        found = _basis(store, blobs)
        if found is None:
            return 0
        basis_id, basis = found
        done, after, total = 0, 0, store.read(descriptors.listed)
        while faces := store.read(partial(descriptors.without, basis_id=basis_id, after=after, most=AT_ONCE)):
            rows = [_raw(blobs, one) for one in faces]
            kept = {
                one: b"" if row is None else descriptor.project(row[None], basis)[0].astype("<f2").tobytes()
                for one, row in zip(faces, rows, strict=True)
            }
            store.write(partial(descriptors.put, basis_id=basis_id, found=kept))
            done, after = done + len(faces), faces[-1].seq
            show("looks", done, total)
        while store.write(lambda db: descriptors.forget_older(db, basis_id, AT_ONCE * 10)):
            pass
        return done


def _basis(store: Store, blobs: BlobStore) -> tuple[int, Basis] | None:
    """The one in force, or another one where that is due; None where no face is listed."""
    stored, listed = store.read(lambda db: (descriptors.basis(db), descriptors.listed(db)))
    if stored is not None and stored.version == descriptor.VERSION:
        could = min(listed, descriptor.FIT_ON)
        if could < _GROWN * stored.faces:
            return stored.id, Basis.from_bytes(stored.data, stored.faces)
    chosen = store.read(lambda db: descriptors.spread(db, descriptor.FIT_ON))
    rows = _readable(blobs, chosen)
    if not chosen:
        return None
    rows = rows or [np.zeros(descriptor.RAW, np.float32)]  # none can be read: nothing to describe until more come
    basis = descriptor.fit(np.stack(rows), len(chosen))
    data = basis.to_bytes()
    return store.write(lambda db: descriptors.put_basis(db, descriptor.VERSION, basis.faces, data)), basis


def _readable(blobs: BlobStore, faces: Sequence[Described]) -> list[Vectors]:
    return [row for one in faces if (row := _raw(blobs, one)) is not None]


def _raw(blobs: BlobStore, face: Described) -> Vectors | None:
    """None where the crop's file is gone or holds other bytes than those that were cut."""
    try:
        data = blobs.read("crops", face.face_id, "png")
    except StorageError:
        return None
    if crop_version(data) != face.crop_version:
        return None
    bgr = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    if bgr is None:
        return None
    landmarks = np.frombuffer(face.landmarks, "<f4").reshape(_POINTS)
    return descriptor.raw(np.asarray(bgr, np.uint8), landmarks, face.crop)
