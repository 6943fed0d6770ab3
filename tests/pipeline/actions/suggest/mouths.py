"""Faces in a database whose mouths are drawn: wide ones and narrow ones."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from db.decisions.log import apply_ops
from db.store.store import Db, Store
from db.tables.classes import add_class, list_classes
from pipeline.suggest import descriptor
from tests.db.make import add_images, decide
from tests.db.suggest.make import seq_of

WIDE, NARROW = 1.1, 0.8
"""Of the mouth over the distance of the eyes."""


def landmarks(width: float, lift: float = 0.0) -> npt.NDArray[np.float32]:
    """(68, 2): eyes 100 apart, a shut mouth of this width."""
    p = np.zeros((68, 2), np.float32)
    p[36:42], p[42:48] = (-50, 0), (50, 0)
    p[33], p[4], p[12] = (0, 50), (-75, 80), (75, 80)
    p[48], p[54] = (-50 * width, 76 - lift), (50 * width, 76 - lift)
    p[51], p[57] = (0, 70), (0, 82)
    p[[61, 62, 63, 67, 66, 65], 1] = 76
    return p


def add_mouths(store: Store, n: int, first: int = 0) -> list[str]:
    """n faces, each of a photo of its own: wide and narrow in turns, no two alike."""
    faces = add_images(store, [f"mouth {number}" for number in range(first, first + n)])
    drawn = np.random.default_rng(first)

    def work(db: Db) -> None:
        for number, face in enumerate(faces):
            points = landmarks((WIDE, NARROW)[number % 2] + drawn.normal(0, 0.02), drawn.normal(0, 3))
            db.execute("UPDATE faces SET landmarks = ? WHERE id = ?", [points.tobytes(), face])

    store.write(work)
    return faces


def label(store: Store, faces: list[str], wide: int, narrow: int, who: str = "Ann") -> None:
    """Decide on faces of `add_mouths`, by these classes."""

    def work(db: Db) -> None:
        ops = [decide(db, face, class_id=(wide, narrow)[number % 2]) for number, face in enumerate(faces)]
        assert {one.status for one in apply_ops(db, who, ops)} == {"saved"}

    store.write(work)


def own_classes(store: Store, number: int) -> list[int]:
    """The ids of so many classes of one's own, of which the zero-label rule knows nothing."""
    kinds = [f"kind {n}" for n in range(number)]
    store.write(lambda db: [add_class(db, name, None, "#336699", "k") for name in kinds])
    return [one.id for one in store.read(list_classes) if one.name in kinds]


def describe(store: Store, faces: list[str], kinds: np.ndarray, told: float) -> None:
    """A vector for each face: its kind in as many components as there are bits, `told` strong, and noise."""
    drawn = np.random.default_rng(7)

    def work(db: Db) -> None:
        basis = db.execute(
            "INSERT INTO descriptor_bases (version, faces, data) VALUES (?, ?, x'00')", [descriptor.VERSION, len(faces)]
        ).lastrowid
        for face, kind in zip(faces, kinds.tolist(), strict=True):
            vector = drawn.normal(0, 1, descriptor.DIMENSIONS)
            vector[:5] += told * np.array([kind >> bit & 1 for bit in range(5)])
            data = vector.astype("<f2").tobytes()
            db.execute("INSERT INTO descriptors VALUES (?, ?, ?)", [seq_of(db, face), basis, data])

    store.write(work)
