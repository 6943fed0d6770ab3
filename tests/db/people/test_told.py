"""Persons as a folder level, a list or a table tells them."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.images import images
from db.people import persons, told
from db.projection.columns import Faces
from db.projection.filters import ReviewFilter, matching
from db.reads.groups import split_groups
from db.store.store import Db, Store
from pipeline.actions.people.told import apply_levels, set_level
from pipeline.core.errors import UsageError
from tests.db.make import add_images, make_outcome, sha_of


def add_at(store: Store, places: dict[str, str], source: str = "/x") -> int:
    """Images by name, at these locations; the source's number."""

    def work(db: Db) -> int:
        source_id = images.ensure_source(db, "folder", source)
        images.record_outcomes(
            db, source_id, None, [make_outcome(name, location=place) for name, place in places.items()]
        )
        return source_id

    return store.write(work)


def by_name(store: Store) -> dict[str, set[str]]:
    """The images of each person, by the first 8 of their hashes."""
    of, names = store.read(persons.person_of_images), store.read(persons.names)
    found: dict[str, set[str]] = {}
    for sha, each in of.items():
        for person in each:
            found.setdefault(names[person], set()).add(sha)
    return found


PLACES = {"a": "/x/Ann/1/a.jpg", "b": "/x/Ann/2/b.jpg", "c": "/x/Ben/1/c.jpg", "d": "/x/d.jpg"}


def test_the_folders_of_a_level_name_persons_and_new_files_follow(store: Store) -> None:
    source = add_at(store, PLACES)
    set_level(store, source, 1)
    assert by_name(store) == {"Ann": {sha_of("a"), sha_of("b")}, "Ben": {sha_of("c")}}
    add_at(store, {"e": "/x/Ann/3/e.jpg"})
    apply_levels(store)
    assert by_name(store)["Ann"] == {sha_of("a"), sha_of("b"), sha_of("e")}
    set_level(store, source, -1)
    assert by_name(store).keys() == {"1", "2", "3"}
    set_level(store, source, None)
    assert by_name(store) == {}
    assert store.read(persons.list_persons) == []


def test_where_no_file_is_new_nothing_is_written(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    set_level(store, add_at(store, PLACES), 1)  # d.jpg lies in no folder: nothing will ever tell of it

    def refuse(*_: object) -> None:
        raise AssertionError("a decision would wait for this")

    monkeypatch.setattr(store, "write", refuse)
    apply_levels(store)


def test_what_changed_between_look_and_write_goes_before_the_folder(store: Store) -> None:
    source = add_at(store, PLACES)
    level = told.Level(source, 1, own=False)
    store.write(lambda db: told.set_level(db, source, 1))
    named = store.read(lambda db: told.named_by_level(db, level))
    assert sorted(name for _, name in named.files) == ["Ann", "Ann", "Ben"]
    store.write(lambda db: told.note_listed(db, source, PLACES["a"], "Zoe"))
    store.write(lambda db: db.execute("DELETE FROM sightings WHERE location = ?", [PLACES["b"]]))
    store.write(lambda db: told.tell(db, level, named))
    assert by_name(store) == {"Zoe": {sha_of("a")}, "Ben": {sha_of("c")}}
    assert {one.name for one in store.read(persons.list_persons)} == {"Ben", "Zoe"}
    set_level(store, source, None)
    store.write(lambda db: told.tell(db, level, named))
    assert by_name(store) == {"Zoe": {sha_of("a")}}


def test_two_folders_of_one_person_are_one_group_of_a_split(store: Store) -> None:
    source = add_at(store, PLACES)
    assert store.read(split_groups) == {}
    set_level(store, source, 1)
    smallest = min(sha_of("a"), sha_of("b"))
    assert store.read(split_groups) == {sha_of("a"): smallest, sha_of("b"): smallest}


def test_names_of_numbered_folders_may_be_their_sources_own(store: Store) -> None:
    first = add_at(store, {"a": "/x/001/a.jpg"})
    second = add_at(store, {"b": "/y/001/b.jpg"}, "/y")
    set_level(store, first, 1, own=True)
    set_level(store, second, 1, own=True)
    assert len(store.read(persons.list_persons)) == 2
    set_level(store, first, 1)
    set_level(store, second, 1)
    (one,) = store.read(persons.list_persons)
    assert (one.photos, one.told_by) == (2, ("folder",))


def test_what_a_list_says_goes_before_the_folder(store: Store) -> None:
    source = add_at(store, PLACES)
    store.write(lambda db: told.note_listed(db, source, PLACES["a"], "  Zo\u0065\u0308 "))
    set_level(store, source, 1)
    assert by_name(store) == {"Zo\u00eb": {sha_of("a")}, "Ann": {sha_of("b")}, "Ben": {sha_of("c")}}
    set_level(store, source, None)
    assert by_name(store) == {"Zo\u00eb": {sha_of("a")}}


def test_only_this_person_shows_their_faces(store: Store) -> None:
    one, two = add_images(store, ["p"], faces=2)
    (other,) = add_images(store, ["q"])
    assert store.write(lambda db: told.put(db, "sha256", sha_of("p"), "Ann"))
    assert store.write(lambda db: told.put(db, "face_id", two, "Ben"))
    assert store.write(lambda db: told.put(db, "face_id", other, "Ben"))
    seqs = dict(store.read(lambda db: db.execute("SELECT id, seq FROM faces").fetchall()))
    number = {name: person for person, name in store.read(persons.names).items()}

    def shown(person: int) -> set[int]:
        return set(store.read(lambda db: matching(Faces(db), ReviewFilter("all", person=person))).tolist())

    assert shown(number["Ann"]) == {seqs[one]}
    assert shown(number["Ben"]) == {seqs[two], seqs[other]}
    assert shown(max(number.values()) + 1) == set()
    assert store.read(persons.person_of_faces) == {one: number["Ann"], two: number["Ben"], other: number["Ben"]}


def test_a_person_goes_with_the_last_photo_that_tells_of_them(store: Store) -> None:
    source = add_at(store, PLACES)
    set_level(store, source, 1)
    store.write(lambda db: db.execute("DELETE FROM sightings WHERE location = ?", [PLACES["c"]]))
    store.write(persons.forget_unseen)
    assert by_name(store).keys() == {"Ann"}
    assert store.read(lambda db: db.execute("SELECT name FROM person_names").fetchall()) == [("Ann",)]


@pytest.mark.parametrize("level", [0, 65, -65])
def test_a_level_that_is_none_is_refused(store: Store, level: int) -> None:
    source = add_at(store, PLACES)
    with pytest.raises(UsageError, match="level"):
        set_level(store, source, level)
    with pytest.raises(UsageError, match="no source number"):
        set_level(store, source + 1, 1)


@given(
    folders=st.lists(st.text("ab \u00e9!", min_size=1, max_size=3).filter(lambda s: s.strip(" !")), max_size=4),
    level=st.integers(-5, 5).filter(bool),
    source=st.sampled_from(["/data/set", "/data/set.zip"]),
)
def test_a_level_is_the_part_of_the_path_that_it_says(folders: list[str], level: int, source: str) -> None:
    joint = "!" if source.endswith(".zip") else "/"
    inside = PurePosixPath(*folders, "photo.jpg")
    parts = inside.parts[:-1]
    if parts and parts[0].startswith("!"):
        return
    wanted = dict(zip(range(1, len(parts) + 1), parts, strict=True)) | dict(
        zip(range(-len(parts), 0), parts, strict=True)
    )
    assert told.folder_at(level, told.folders_of(f"{source}{joint}{inside}", source)) == wanted.get(level, "")


@pytest.mark.parametrize(
    ("location", "folders"),
    [
        ("/x.zip!ada/../i.jpg", []), ("/x.zip!ada/./..//bo/i.jpg", ["bo"]), ("/x.zip!../ada/i.jpg", ["ada"]),
        ("/x.zip!a\\..\\bo\\i.jpg", ["bo"]), ("/x.zip!ada/bo/i.jpg", ["ada", "bo"]),
    ],
)  # fmt: skip
def test_a_folder_that_the_path_leaves_is_nobody(location: str, folders: list[str]) -> None:
    assert told.folders_of(location, "/x.zip") == folders
