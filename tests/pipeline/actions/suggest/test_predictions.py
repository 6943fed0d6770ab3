"""Another model's file: all of its rows, or none and each refused one told."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from db.store.store import Store
from pipeline.actions.suggest.predictions import Taken, take_predictions
from pipeline.core.errors import UsageError
from tests.db.fresh import open_fresh
from tests.db.make import add_images, sha_of


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_fresh(tmp_path) as opened:
        yield opened


def take(store: Store, text: str) -> Taken:
    return take_predictions(store, text.encode(), "p.csv", "resnet", "1", by="Ann")


def everything(store: Store) -> list[Any]:
    sql = ("SELECT * FROM suggestion_models", "SELECT * FROM suggestion_blocks", "SELECT * FROM audit")
    return [store.read(lambda db, one=one: db.execute(one).fetchall()) for one in sql]


def test_faces_by_id_and_photos_by_hash(store: Store) -> None:
    one, _ = add_images(store, ["a", "b"])
    text = f"face_id,sha256,class,confidence\n{one},,Smile,0.9\n{one},,none,0.1\n,{sha_of('b')},pout,1\n"
    assert take(store, text) == Taken("resnet", 1, 2, 0)
    assert take(store, text) == Taken("resnet", 1, 0, 2)


def test_one_refused_row_refuses_all_and_each_is_told_in_order(store: Store) -> None:
    (one,) = add_images(store, ["a"])
    two = add_images(store, ["b"], faces=2)
    before = everything(store)
    rows = [
        f"{one},,smile,0.9",
        f"{'f' * 32},,smile,0.9",
        f",{sha_of('b')},smile,0.9",
        f",{'0' * 64},smile,0.9",
        f"{two[0]},,grin,0.9",
        f"{one},,smile,0.05",
        f"{one},,none,0.2",
        f"{two[1]},,smile,ninety",
    ]
    found = take(store, "face_id,sha256,class,confidence\n" + "\n".join(rows) + "\n")
    told = [(one.params["line"], one.params["why"].code) for one in found.refused]  # type: ignore[union-attr]
    assert told == [
        (3, "decided_face_unknown"),
        (4, "decided_image_faces"),
        (5, "decided_image_without_face"),
        (6, "class_name_unknown"),
        (7, "prediction_class_twice"),
        (8, "prediction_sum"),
        (9, "prediction_confidence"),
    ]
    assert (found.faces, found.repeats) == (0, 0)
    assert everything(store) == before


def test_probabilities_that_are_rounded_up_are_taken(store: Store) -> None:
    (one,) = add_images(store, ["a"])
    text = "face_id,class,confidence\n" + "".join(f"{one},{name},0.334\n" for name in ("none", "smile", "pout"))
    assert take(store, text).faces == 1


@pytest.mark.parametrize("text", ["face_id,class,confidence\n", "class,confidence\nsmile,1\n", ""])
def test_a_file_without_rows_or_header_is_told(store: Store, text: str) -> None:
    with pytest.raises(UsageError):
        take(store, text)
