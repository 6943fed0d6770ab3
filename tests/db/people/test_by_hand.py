"""What people say of persons is kept, whatever looks say later."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from db.people import by_hand, embeddings, persons, switch, told
from db.store.store import Store
from pipeline.core.errors import UsageError
from pipeline.faces.recognition.complete_link import groups
from tests.db.make import add_images, sha_of


def describe(store: Store, faces: list[str], at: list[float]) -> None:
    """Each face lies at a place on a line."""
    store.write(lambda db: switch.switch(db, True))
    for face, place in zip(faces, at, strict=True):
        vector = np.zeros(128, "<f4")
        vector[0] = place
        points = landmarks_of(store, face)
        assert store.write(partial(embeddings.put, face_id=face, landmarks=points, data=vector.tobytes()))


def landmarks_of(store: Store, face: str) -> bytes:
    (points,) = store.read(lambda db: db.execute("SELECT landmarks FROM faces WHERE id = ?", [face]).fetchone())
    assert isinstance(points, bytes)
    return points


def group(store: Store) -> None:
    described = store.read(embeddings.load)
    found = embeddings.persons_of(described, groups(described.vectors, described.known))
    store.write(lambda db: embeddings.keep_groups(db, found))


def sets(store: Store) -> set[frozenset[str]]:
    of: dict[int, set[str]] = {}
    for face, person in store.read(persons.person_of_faces).items():
        of.setdefault(person, set()).add(face)
    return {frozenset(each) for each in of.values()}


def test_looks_group_and_a_group_keeps_its_number_when_it_grows(store: Store) -> None:
    faces = add_images(store, list("abcde"))
    describe(store, faces, [0, 0.1, 5, 5.1, 9])
    group(store)
    assert sets(store) == {frozenset(faces[:2]), frozenset(faces[2:4])}  # one alone is no group
    before = store.read(persons.person_of_faces)
    more = add_images(store, ["f"])
    describe(store, more, [0.05])
    group(store)
    after = store.read(persons.person_of_faces)
    assert after == {**before, more[0]: before[faces[0]]}
    assert [one.told_by for one in store.read(persons.list_persons)] == [("looks",), ("looks",)]


def test_a_merge_is_kept_and_new_photos_of_either_join(store: Store) -> None:
    faces = add_images(store, list("abcd"))
    describe(store, faces, [0, 0.1, 5, 5.1])
    group(store)
    of = store.read(persons.person_of_faces)
    store.write(lambda db: by_hand.rename(db, of[faces[2]], "Zo\u00eb"))
    store.write(lambda db: by_hand.merge(db, of[faces[0]], [of[faces[2]]]))
    more = add_images(store, list("ef"))
    describe(store, more, [0.05, 5.05])
    group(store)
    assert sets(store) == {frozenset(faces + more)}
    assert store.read(persons.names) == {of[faces[0]]: "Zo\u00eb"}


def test_a_split_is_kept_though_the_faces_look_alike(store: Store) -> None:
    faces = add_images(store, list("abcd"))
    describe(store, faces, [0, 0.05, 0.1, 0.15])
    group(store)
    store.write(lambda db: by_hand.split(db, faces[2:3]))
    group(store)
    assert sets(store) == {frozenset([faces[0], faces[1], faces[3]]), frozenset([faces[2]])}


def test_a_merged_name_means_the_one_person_in_later_lists(store: Store) -> None:
    add_images(store, list("abc"))
    store.write(lambda db: told.put(db, "sha256", sha_of("a"), "Ann"))
    store.write(lambda db: told.put(db, "sha256", sha_of("b"), "A. Lee"))
    number = {name: person for person, name in store.read(persons.names).items()}
    store.write(lambda db: by_hand.merge(db, number["Ann"], [number["A. Lee"]]))
    store.write(lambda db: told.put(db, "sha256", sha_of("c"), "A. Lee"))
    (one,) = store.read(persons.list_persons)
    assert (one.name, one.photos) == ("Ann", 3)


def test_a_face_that_changes_is_described_anew(store: Store) -> None:
    faces = add_images(store, ["a"])
    assert not store.read(embeddings.are_due)  # off at first
    store.write(lambda db: switch.switch(db, True))
    assert store.read(embeddings.are_due)
    describe(store, faces, [1])
    assert not store.read(embeddings.are_due)
    store.write(lambda db: db.execute("UPDATE faces SET x1 = x1 + 1 WHERE id = ?", faces))
    assert store.read(embeddings.are_due)
    assert not store.write(lambda db: embeddings.put(db, faces[0], b"other landmarks", b""))


def test_nothing_is_kept_that_comes_after_it_was_switched_off(store: Store) -> None:
    faces = add_images(store, list("ab"))
    describe(store, faces, [0, 0.1])
    group(store)
    described = store.read(embeddings.load)
    assert store.write(lambda db: switch.switch(db, False)) == 2
    assert store.read(persons.list_persons) == []
    points = landmarks_of(store, faces[0])
    assert not store.write(lambda db: embeddings.put(db, faces[0], points, bytes(512)))
    assert store.write(lambda db: embeddings.keep_groups(db, dict.fromkeys(described.face_ids, -1))) == 0
    assert store.read(embeddings.count) == 0


def test_who_is_unknown_is_refused(store: Store) -> None:
    with pytest.raises(UsageError, match="no person number 7"):
        store.write(lambda db: by_hand.rename(db, 7, "x"))
    with pytest.raises(UsageError, match="has no"):
        store.write(lambda db: by_hand.split(db, ["0" * 32]))


def test_a_group_is_the_one_person_whom_its_photos_tell_of(store: Store) -> None:
    faces = add_images(store, list("abcd"))
    for name, person in (("a", "Ann"), ("c", "Ben"), ("d", "Cleo")):
        store.write(lambda db, name=name, person=person: told.put(db, "sha256", sha_of(name), person))
    describe(store, faces, [0, 0.1, 5, 5.1])
    group(store)
    named = store.read(lambda db: (persons.person_of_faces(db), persons.names(db)))
    assert [named[1][named[0][face]] for face in faces[:2]] == ["Ann", "Ann"]
    assert named[0][faces[2]] == named[0][faces[3]]  # its photos tell of two: a third joins them
    assert sorted(named[1].values()) == ["", "Ann", "Ben", "Cleo"]
