from __future__ import annotations

import pytest

from db.base.outcome_order import OUTCOME_RANKS
from db.base.paging import Page
from db.decisions.log import apply_ops
from db.reads.files import CleanItem, clean_page, count_new, newest_file
from db.store.store import Store
from pipeline.core.errors import UsageError
from pipeline.core.outcome import Outcome
from pipeline.core.records import Verdict
from tests.db.images.test_images import record
from tests.db.make import decide, make_face, make_outcome, sha_of


def fill(store: Store) -> None:
    record(
        store,
        make_outcome("a", faces=2),
        make_outcome("bad", failure=Outcome.UNDECODABLE),
        make_outcome("n", faces=0),
        make_outcome("a", faces=2, location="/x/copy.jpg"),
        make_outcome("big", failure=Outcome.TOO_LARGE),
    )
    record(store, make_outcome("m", faces=0), source="/y")


def page(store: Store, **more: object) -> Page[CleanItem]:
    return store.read(lambda db: clean_page(db, **more))  # type: ignore[arg-type]


def test_every_outcome_has_its_place() -> None:
    assert sorted(OUTCOME_RANKS) == sorted(Outcome)


def test_the_misses_come_first_and_copies_only_when_asked_for(store: Store) -> None:
    fill(store)
    shown = page(store)
    names = [item.location for item in shown.items]
    assert names == ["/x/n.jpg", "/x/m.jpg", "/x/bad.jpg", "/x/big.jpg", "/x/a.jpg"]
    assert (shown.total, shown.has_next) == (5, False)
    assert [item.reason.text for item in shown.items[1:3]] == ["no face was found", "because undecodable"]
    (copy,) = page(store, outcome="already_present").items
    assert (copy.location, copy.sha256, len(copy.faces)) == ("/x/copy.jpg", sha_of("a"), 2)


def test_a_file_without_an_image_has_no_hash(store: Store) -> None:
    fill(store)
    (bad,) = page(store, outcome="undecodable").items
    assert (bad.sha256, bad.width, bad.faces) == (None, None, ())


def test_the_faces_come_with_their_boxes_and_verdicts(store: Store) -> None:
    fill(store)
    first, second = (make_face(sha_of("a"), rank) for rank in (0, 1))
    store.write(lambda db: apply_ops(db, "Ann", [decide(db, second.face_id, Verdict.UNSURE)]))
    (item,) = page(store, outcome="added").items
    assert [(f.face_id, f.crop_version, f.box, f.verdict) for f in item.faces] == [
        (first.face_id, "0000000000000000", first.box, None),
        (second.face_id, "0000000000000001", second.box, "unsure"),
    ]
    assert (item.width, item.height, item.source_kind) == (640, 480, "folder")


def test_a_source_and_pages(store: Store) -> None:
    fill(store)
    assert [item.location for item in page(store, source_id=2).items] == ["/x/m.jpg"]
    assert page(store, source_id=1, outcome="no_face").total == 1
    seen: list[str] = []
    current = page(store, size=2)
    while True:
        assert current.position == len(seen)
        seen += [item.location for item in current.items]
        if not current.has_next:
            break
        current = page(store, size=2, after=current.last)
    assert seen == [item.location for item in page(store).items]
    assert [i.location for i in page(store, size=2, before=current.first).items] == seen[2:4]


def test_an_unknown_outcome_is_told(store: Store) -> None:
    with pytest.raises(UsageError, match="no outcome"):
        page(store, outcome="lost")


def test_new_files_of_a_list_are_those_behind_the_newest_that_was_read(store: Store) -> None:
    assert store.read(newest_file) == 0
    fill(store)
    newest = store.read(newest_file)
    record(store, make_outcome("later", faces=1), make_outcome("dark", faces=0), make_outcome("a", location="/x/b.jpg"))
    first = store.read(lambda db: clean_page(db)).items[0].source_id

    def came(outcome: str | None = None, source_id: int | None = None) -> int:
        return store.read(lambda db: count_new(db, outcome, source_id, newest))

    assert (came(), came("no_face"), came("added"), came("already_present"), came("undecodable")) == (2, 1, 1, 1, 0)
    assert (came(None, first), came(None, first + 1)) == (2, 0)
