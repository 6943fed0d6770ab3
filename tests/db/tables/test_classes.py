from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from db.decisions.log import apply_ops
from db.decisions.verify import verify
from db.reads.export_items import accepted_items
from db.store.store import Db, Store
from db.tables import classes
from pipeline.core.errors import UsageError
from pipeline.core.records import ClassSpec
from tests.db.make import add_images, decide


def names(store: Store, archived: bool = False) -> list[str]:
    return [spec.name for spec in store.read(lambda db: classes.list_classes(db, archived))]


def test_the_default_classes_can_be_told_apart(store: Store) -> None:
    specs = store.read(classes.list_classes)
    assert [(s.name, s.key, s.letter) for s in specs] == [
        ("none", "1", "n"),
        ("pout", "2", "p"),
        ("smile", "3", "s"),
        ("openmouth", "4", "o"),
    ]
    assert len({s.colour for s in specs}) == 4


def test_a_new_class_gets_the_next_key_and_a_free_colour(store: Store) -> None:
    made = store.write(lambda db: classes.add_class(db, "  tongue  out "))
    assert (made.name, made.key, made.letter) == ("tongue out", "5", "t")
    assert made.colour not in {s.colour for s in store.read(classes.list_classes) if s.id != made.id}
    assert names(store)[-1] == "tongue out"


def test_renaming_keeps_the_decisions(store: Store) -> None:
    (face,) = add_images(store, ["a"])
    store.write(lambda db: apply_ops(db, "Ann", [decide(db, face, class_id=3)]))
    store.write(lambda db: classes.rename_class(db, 3, "grin"))
    assert [item.label for item in store.read(accepted_items)] == ["grin"]
    assert store.write(lambda db: classes.rename_class(db, 3, "Grin")).name == "Grin"


def test_the_order_is_ones_own(store: Store) -> None:
    store.write(lambda db: classes.reorder(db, [4, 2, 1, 3]))
    assert names(store) == ["openmouth", "pout", "none", "smile"]
    for bad in ([4, 2, 1], [4, 2, 1, 1], [1, 2, 3, 5]):
        with pytest.raises(UsageError, match="once"):
            store.write(lambda db, b=bad: classes.reorder(db, b))


def test_digits_follow_the_order_and_nothing_else_does(store: Store) -> None:
    store.write(lambda db: classes.set_class(db, 2, key="v"))
    store.write(lambda db: classes.set_class(db, 4, key="9"))
    assert classes.digits_in_order(store.read(classes.list_classes)) == {}  # 1, v, 3, 9
    store.write(lambda db: classes.reorder(db, [4, 2, 3, 1]))
    before = store.read(classes.list_classes)
    store.write(lambda db: classes.order_digits(db, by="Ann"))
    after = store.read(classes.list_classes)
    assert [(one.id, one.key) for one in after] == [(4, "1"), (2, "v"), (3, "3"), (1, "9")]
    assert [replace(one, key="") for one in after] == [replace(one, key="") for one in before]
    told = store.read(lambda db: db.execute("SELECT action, annotator FROM audit ORDER BY seq DESC LIMIT 2").fetchall())
    assert told == [("class_changed", "Ann")] * 2
    assert store.read(verify) == []


def test_key_colour_and_letter_change_one_by_one(store: Store) -> None:
    made = store.write(lambda db: classes.set_class(db, 3, colour="#ABCDEF"))
    assert made == ClassSpec(3, "smile", "3", "#abcdef", "s")
    assert store.write(lambda db: classes.set_class(db, 3, key="v", letter="笑")) == ClassSpec(
        3, "smile", "v", "#abcdef", "笑"
    )
    assert store.write(lambda db: classes.set_class(db, 3, key="")).key == ""


def test_a_class_in_use_is_not_put_away_and_says_how_often(store: Store) -> None:
    faces = add_images(store, ["a", "b"])
    store.write(lambda db: apply_ops(db, "Ann", [decide(db, face, class_id=3) for face in faces]))
    with pytest.raises(UsageError, match="2 accepted faces"):
        store.write(lambda db: classes.archive_class(db, 3))
    store.write(lambda db: apply_ops(db, "Ann", [decide(db, face, class_id=1) for face in faces]))
    store.write(lambda db: classes.archive_class(db, 3))
    assert names(store) == ["none", "pout", "openmouth"]
    assert names(store, archived=True)[-1] == "smile"


def test_a_class_that_was_put_away_comes_back_under_its_number(store: Store) -> None:
    store.write(lambda db: classes.archive_class(db, 3))
    assert store.write(lambda db: classes.add_class(db, "Smile")).id == 3
    assert names(store) == ["none", "pout", "openmouth", "smile"]


def test_the_last_class_stays(store: Store) -> None:
    for number in (1, 2, 3):
        store.write(lambda db, n=number: classes.archive_class(db, n))
    with pytest.raises(UsageError, match="last class"):
        store.write(lambda db: classes.archive_class(db, 4))


@pytest.mark.parametrize(
    "call",
    [
        lambda db: classes.add_class(db, "SMILE"),
        lambda db: classes.add_class(db, " "),
        lambda db: classes.add_class(db, "a/b"),
        lambda db: classes.add_class(db, "a\\b"),
        lambda db: classes.add_class(db, ".."),
        lambda db: classes.add_class(db, ".hidden"),
        lambda db: classes.add_class(db, "a\x00b"),
        lambda db: classes.add_class(db, "x" * 41),
        lambda db: classes.add_class(db, "new", key="1"),
        lambda db: classes.add_class(db, "smile "),
        lambda db: classes.add_class(db, "ѕmile"),  # a Cyrillic letter, as above full-width ones
        lambda db: classes.add_class(db, "ｓｍｉｌｅ"),
        lambda db: classes.add_class(db, "end."),
        lambda db: classes.add_class(db, "new", key="X"),
        lambda db: classes.add_class(db, "new", key="55"),
        lambda db: classes.add_class(db, "new", colour="red"),
        lambda db: classes.add_class(db, "new", letter="ab"),
        lambda db: classes.rename_class(db, 3, "pout"),
        lambda db: classes.rename_class(db, 99, "new"),
        lambda db: classes.set_class(db, 3, key="4"),
        lambda db: classes.set_class(db, 3, key="z"),
        lambda db: classes.archive_class(db, 99),
    ],
)
def test_what_cannot_be_a_class_is_refused(store: Store, call: Callable[[Db], object]) -> None:
    before = store.read(classes.list_classes)
    with pytest.raises(UsageError):
        store.write(call)
    assert store.read(classes.list_classes) == before


def test_a_class_that_looks_like_another_is_refused(store: Store) -> None:
    store.write(lambda db: classes.add_class(db, "cop"))
    for call in (
        lambda db: classes.add_class(db, "сор"),  # Cyrillic, all of it
        lambda db: classes.rename_class(db, 1, "сор"),
    ):
        with pytest.raises(UsageError, match="“сор” looks like the class “cop”"):
            store.write(call)
    store.write(lambda db: classes.add_class(db, "рот"))
