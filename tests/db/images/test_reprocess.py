"""What a reprocessing writes: the image's outcome and that of each file with its bytes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from db.decisions.log import apply_ops
from db.images import images
from db.images.reprocess import pending_image, replace_faces
from db.store.store import Store
from pipeline.core.messages import message
from pipeline.core.outcome import Outcome
from pipeline.core.records import StoredOutcome
from tests.db.make import decide, make_outcome, sha_of


def outcomes(store: Store) -> list[tuple[Any, ...]]:
    return store.read(
        lambda db: [
            *db.execute("SELECT outcome, reason_code FROM images").fetchall(),
            *db.execute("SELECT location, outcome, outcome_rank, reason_code FROM sightings ORDER BY id").fetchall(),
        ]
    )


def again(store: Store, outcome: StoredOutcome) -> bool:
    before = store.read(lambda db: pending_image(db, sha_of("a")))
    assert before is not None
    return store.write(lambda db: replace_faces(db, outcome, before.seen))


def test_a_photo_whose_face_is_not_found_any_more_and_is_found_again_says_so_at_each_of_its_files(
    store: Store,
) -> None:
    def fill(db: Any) -> None:
        source = images.ensure_source(db, "folder", "/x")
        made = [make_outcome("a"), make_outcome("a", location="/x/twin.jpg")]
        images.record_outcomes(db, source, None, made)
        images.record_outcomes(db, source, None, [make_outcome("bad", failure=Outcome.UNDECODABLE)])

    store.write(fill)
    first = outcomes(store)
    assert [row[1] for row in first[1:]] == ["added", "already_present", "undecodable"]
    assert again(store, make_outcome("a", 0))
    lost = outcomes(store)
    assert lost[0][0] == "no_face"
    assert [row[1] for row in lost[1:]] == ["no_face", "already_present", "undecodable"]
    assert lost[1][2] != first[1][2]
    assert again(store, make_outcome("a", 2))
    found = outcomes(store)
    assert found[0] == ("added", "faces_found")
    assert found[1] == ("/x/a.jpg", "added", first[1][2], "faces_found")
    assert found[2:] == first[2:]


@pytest.mark.parametrize(
    ("code", "more"),
    [("faces_end_cut_off", {}), ("faces_in_frame", {"frame": 3}), ("faces_in_page", {"page": 2})],
    ids=["cut end", "third frame", "second page"],
)
def test_what_is_odd_about_a_file_is_still_told(store: Store, code: str, more: dict[str, int]) -> None:
    def odd(faces: int) -> StoredOutcome:
        made = make_outcome("a", faces)
        return replace(made, outcome=replace(made.outcome, reason=message(code, n=faces, **more)))

    def told() -> tuple[Any, ...]:
        (row,) = store.read(lambda db: db.execute("SELECT reason, reason_code FROM images").fetchall())
        (file,) = store.read(lambda db: db.execute("SELECT reason, reason_code FROM sightings").fetchall())
        assert row == file
        return row

    source = store.write(lambda db: images.ensure_source(db, "folder", "/x"))
    store.write(lambda db: images.record_outcomes(db, source, None, [odd(1)]))
    assert told()[1] == code
    assert again(store, odd(2))
    assert told() == (message(code, n=2, **more).text, code)
    face = store.read(lambda db: db.execute("SELECT id FROM faces ORDER BY seq").fetchone()[0])
    store.write(lambda db: apply_ops(db, "Ann", [decide(db, face)]))
    assert again(store, make_outcome("a", 0))  # the one that was decided on stays
    assert told() == (message(code, n=1, **more).text, code)
