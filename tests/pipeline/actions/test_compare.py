from __future__ import annotations

import pytest

from db.store.store import Store
from pipeline.actions.compare import compare_detectors, draw
from pipeline.core.errors import UsageError


def test_a_sample_is_even_distinct_and_the_same_each_time(store: Store) -> None:
    drawn = [store.read(lambda db, n=n: draw(db, n)) for n in range(1, 14)]
    again = store.read(lambda db: draw(db, 3))
    assert [len(set(sample)) for sample in drawn] == [*range(1, 13), 12]
    assert again == drawn[2]


def test_each_photo_is_told_with_its_name_and_what_was_found(store: Store) -> None:
    photos = list(compare_detectors(store, "yunet", "hog", 3))
    assert [photo.total for photo in photos] == [3, 3, 3]
    assert len({photo.sha256 for photo in photos}) == 3
    assert all(photo.name.endswith(".jpg") and not photo.found.failure for photo in photos)


def test_an_original_that_is_gone_is_told_as_a_failure(store: Store) -> None:
    for original in (store.root / "originals").rglob("*.jpg"):
        original.unlink()
    photos = list(compare_detectors(store, "yunet", "yunet", 2))
    gone = "the file cannot be read: No such file or directory"
    assert [(photo.found.failure, photo.found.both) for photo in photos] == [(gone, ())] * 2


@pytest.mark.parametrize(("detector", "sample", "words"), [("yunet", 0, "1 to 1,000"), ("nobody", 3, "nobody")])
def test_what_cannot_be_compared_is_refused(store: Store, detector: str, sample: int, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        list(compare_detectors(store, detector, "hog", sample))
