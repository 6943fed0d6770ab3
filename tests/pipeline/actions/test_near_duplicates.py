from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from db.duplicates import groups, near_pairs
from db.store.store import Db, Store
from pipeline.actions import near_duplicates
from pipeline.actions.near_duplicates import DEFAULT_VIEWS, Hashed, compare_all, hash_missing, update_near_duplicates
from pipeline.core.errors import UsageError
from pipeline.files.blobs import BlobStore
from pipeline.pixels.encode import encode_jpeg
from pipeline.pixels.phash import image_hashes
from tests.db.make import add_images, sha_of

ROOT = Path(__file__).resolve().parents[3]
FAMILIES = 7


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "w") as opened:
        yield opened


def hashes_of(number: int) -> bytes:
    """Image `number` is a near copy of those with the same remainder by FAMILIES; others are unrelated."""
    row = np.random.default_rng(number % FAMILIES).integers(0, 256, 192, np.uint8)
    row[number // FAMILIES] ^= 1
    return row.tobytes()


def add(store: Store, *numbers: int) -> None:
    add_images(store, [str(n) for n in numbers])
    store.write(lambda db: near_pairs.put_hashes(db, [(sha_of(str(n)), hashes_of(n)) for n in numbers]))


def families(store: Store) -> set[frozenset[int]]:
    names = {sha_of(str(n)): n for n in range(100)}

    def work(db: Db) -> set[frozenset[int]]:
        page = groups.group_page(db, "all", 100)
        return {frozenset(names[member.sha256] for member in group.members) for group in page.items}

    return store.read(work)


def expected(*numbers: int) -> set[frozenset[int]]:
    found = (frozenset(n for n in numbers if n % FAMILIES == rest) for rest in range(FAMILIES))
    return {group for group in found if len(group) > 1}


def test_each_run_compares_what_is_new_with_all(store: Store) -> None:
    add(store, *range(10))
    first = update_near_duplicates(store)
    assert (first.images, first.views, first.engine) == (10, DEFAULT_VIEWS, "numpy")
    assert families(store) == expected(*range(10))
    assert update_near_duplicates(store).images == 0
    add(store, *range(10, 25))
    assert update_near_duplicates(store).images == 15
    assert families(store) == expected(*range(25))


def test_the_same_groups_however_the_images_come(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    add(store, *range(30))
    update_near_duplicates(store)
    monkeypatch.setattr(near_duplicates, "_BATCH", 4)
    with Store.open(tmp_path / "other") as other:
        for some in (range(20, 30), range(5), range(5, 20)):
            add(other, *some)
            update_near_duplicates(other)
        assert families(other) == families(store) == expected(*range(30))
        assert other.read(groups.totals)["near_pairs"] == store.read(groups.totals)["near_pairs"]


def test_a_killed_comparison_is_finished_by_the_next(store: Store) -> None:
    add(store, *range(30))
    root = store.root
    store.close()
    script = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from db.store.store import Store\n"
        "from pipeline.actions import near_duplicates\n"
        "near_duplicates._BATCH, calls = 8, []\n"
        "def report(done, total):\n"
        "    calls.append(1)\n"
        "    if len(calls) == 3: os.kill(os.getpid(), signal.SIGKILL)\n"
        "near_duplicates.update_near_duplicates(Store.open(Path(sys.argv[1])), report)\n"
    )
    done = subprocess.run([sys.executable, "-c", script, str(root)], cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    with Store.open(root) as again:
        assert len(again.read(lambda db: near_pairs.load_hashes(db, compared=False)).shas) == 30 - 16
        assert update_near_duplicates(again).images == 14
        assert families(again) == expected(*range(30))


def test_what_a_report_raises_stops_between_batches(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(near_duplicates, "_BATCH", 8)
    add(store, *range(30))
    calls: list[int] = []

    def report(done: int, total: int) -> None:
        assert (done, total) == (8 * len(calls), 30)
        calls.append(1)
        if len(calls) == 2:
            raise KeyError("cancelled")

    with pytest.raises(KeyError):
        update_near_duplicates(store, report)
    assert len(store.read(lambda db: near_pairs.load_hashes(db, compared=True)).shas) == 8


def test_other_views_compare_all_again_and_are_remembered(store: Store) -> None:
    add(store, 1, 2)
    row = np.frombuffer(hashes_of(2), np.uint8).copy()
    row[:64] = np.frombuffer(hashes_of(1), np.uint8)[64:128]
    store.write(
        lambda db: db.execute("UPDATE image_hashes SET hashes = ? WHERE sha256 = ?", [row.tobytes(), sha_of("2")])
    )
    update_near_duplicates(store)
    assert families(store) == set()
    compared, hashed = compare_all(store, ["mirror", "plain"])
    assert (compared.views, compared.images, compared.pairs, hashed) == (("plain", "mirror"), 2, 1, Hashed(0, 0))
    assert store.read(groups.totals)["groups"] == 1
    add(store, 3)
    assert update_near_duplicates(store).views == ("plain", "mirror")
    with pytest.raises(UsageError, match="upside"):
        compare_all(store, ["plain", "upside"])
    assert store.read(groups.totals)["groups"] == 1  # nothing was thrown away before the views were checked


def test_images_of_before_are_hashed_by_their_thumbnails(store: Store, astronaut_path: Path) -> None:
    add_images(store, ["a", "b", "c"])
    photo = np.asarray(cv2.imread(str(astronaut_path)), np.uint8)
    blobs = BlobStore(store.root)
    blobs.put("thumbs", sha_of("a"), "jpg", encode_jpeg(photo[::2, ::2].copy(), 82))
    blobs.put("thumbs", sha_of("b"), "jpg", encode_jpeg(photo, 60))
    assert hash_missing(store) == Hashed(2, 1)
    table = store.read(lambda db: near_pairs.load_hashes(db, compared=False))
    assert set(table.shas) == {sha_of("a"), sha_of("b")}
    assert np.bitwise_count(table.hashes[0] ^ np.frombuffer(image_hashes(photo), np.uint8)).sum() < 60
    update_near_duplicates(store)
    assert store.read(groups.totals)["groups"] == 1
    assert hash_missing(store) == Hashed(0, 1)
