from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from db.reads import import_doubts, imports
from db.reads.import_doubts import Doubt
from db.store.store import Db, Store
from tests.db.make import add_images, sha_of


def doubt(face_id: str, photo: str, *, other: str = "") -> Doubt:
    return Doubt(face_id, sha_of(photo), "smile", "train", "set", "import:set", f"{photo}.jpg", "near", other)


def said(place: str) -> dict[str, Any]:
    return {"code": "import_without_face", "params": {"place": place}, "text": f"{place}: no face"}


def meta(store: Store) -> dict[str, str]:
    return store.read(lambda db: dict(db.execute("SELECT key, value FROM meta").fetchall()))


@pytest.fixture
def noted(store: Store) -> tuple[Doubt, Doubt]:
    """Two, the second because its photo is like the first; a report that names both, and a row that is another's."""
    one, two = (doubt(face, name) for face, name in zip(add_images(store, ["a", "b"]), "ab", strict=True))
    two = replace(two, other=sha_of("a"))
    report = {
        "taken": 2,
        "doubts": [*map(said, ("a.jpg", "b.jpg")), {"params": {"place": "b.jpg", "other": "x/a.jpg"}}],
    }

    def work(db: Db) -> None:
        import_doubts.add(db, [one, two])
        db.execute("INSERT INTO meta VALUES (?, ?)", [imports.REPORT, json.dumps(report)])
        db.execute("INSERT INTO meta VALUES ('another', 'kept')")

    store.write(work)
    return one, two


def test_an_erased_photo_goes_from_the_doubts_and_from_the_report(store: Store, noted: tuple[Doubt, Doubt]) -> None:
    before = meta(store)
    store.write(lambda db: import_doubts.forget_image(db, sha_of("a"), ["x/a.jpg"]))
    assert store.read(import_doubts.kept) == [replace(noted[1], other="")]
    assert store.read(imports.last_report) == {"taken": 2, "doubts": [said("b.jpg")]}
    changed = {key for key, value in meta(store).items() if before[key] != value}
    assert changed == {import_doubts.KEY, imports.REPORT}


def test_without_a_report_none_is_made(store: Store) -> None:
    (face,) = add_images(store, ["a"])
    store.write(lambda db: import_doubts.add(db, [doubt(face, "a")]))
    store.write(lambda db: import_doubts.forget_image(db, sha_of("a"), ["a.jpg"]))
    assert store.read(import_doubts.kept) == []
    assert imports.REPORT not in meta(store)


def test_what_was_left_stays_left_when_it_comes_again(store: Store, noted: tuple[Doubt, Doubt]) -> None:
    store.write(lambda db: import_doubts.leave(db, [noted[0].face_id]))
    store.write(lambda db: import_doubts.add(db, list(noted)))
    assert [one.left for one in store.read(import_doubts.kept)] == [True, False]
    assert [one.doubt for one in store.read(import_doubts.open_doubts)] == [noted[1]]


def test_those_beyond_the_most_are_counted(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_doubts, "MOST", 2)
    faces = add_images(store, ["a", "b", "c"])
    told = [doubt(face, name) for face, name in zip(faces, "abc", strict=True)]
    assert store.write(lambda db: import_doubts.add(db, told)) == 1
    assert store.read(import_doubts.kept) == told[:2]
    store.write(lambda db: import_doubts.drop(db, [told[0].face_id]))
    assert store.read(import_doubts.kept) == [told[1]]
