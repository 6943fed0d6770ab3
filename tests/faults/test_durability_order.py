"""Bytes are flushed before they get their name, and the folder before a row says so or the old file goes.

A power cut cannot be had in a test: what is recorded is the order in which the disk is asked.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np
import pytest
from PIL import Image

from db.decisions.log import apply_ops
from db.decisions.ops import DecideOp
from db.images import images
from db.store.backup import backup, restore
from db.store.store import Store
from db.tables import releases
from db.tables.annotators import ensure_annotator
from pages._collect import search
from pages._server import workspace
from pipeline.actions.backups import rotation
from pipeline.actions.release.accepted import read_accepted
from pipeline.actions.releases import write_folder, write_zip
from pipeline.core.records import Verdict
from pipeline.export.export import ExportPlan, plan
from pipeline.export.split import SplitPlan
from pipeline.files.blobs import BlobStore
from tests.durability import places_that_name, recorded
from tests.pages.conftest import client_of
from tests.pipeline.commands import ingest
from tests.pipeline.photos import numbered_head

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="descriptors are told by /proc")

BATCH: Final = "0" * 31 + "7"
SHA: Final = "ab" + "0" * 62
Work = Callable[[], object]
Prepare = Callable[[Path], Work]


def accepted(root: Path) -> tuple[Store, ExportPlan]:
    """A workspace of three photos of each class, all accepted."""
    for number in range(12):
        (root / f"head-{number:02}.jpg").write_bytes(numbered_head(number))
    ingest(root / "w", *sorted(root.glob("*.jpg")))
    store = Store.open(root / "w")
    faces = store.read(lambda db: db.execute("SELECT id, sha256 FROM faces ORDER BY id").fetchall())
    ops = [DecideOp(f"{n:032x}", "s", f, sha, Verdict.ACCEPT, 1 + n % 4, None) for n, (f, sha) in enumerate(faces)]
    store.write(lambda db: ensure_annotator(db, "Ann"))
    store.write(lambda db: apply_ops(db, "Ann", ops))
    items = read_accepted(store)
    return store, plan(items.items, items.class_names, SplitPlan(val=0.5, seed=0))


def put_blobs(root: Path) -> Work:
    (root / "w").mkdir(exist_ok=True)
    return lambda: BlobStore(root / "w").put("crops", SHA[:32], "png", b"one")


def adopt(root: Path, *, link: bool) -> Work:
    (root / "w").mkdir(exist_ok=True)

    def work() -> None:
        (root / "in.jpg").write_bytes(b"photo")
        BlobStore(root / "w").adopt(root / "in.jpg", hashlib.sha256(b"photo").hexdigest(), "jpg", link=link)

    return work


def ingest_copied(root: Path) -> Work:
    (root / "a.jpg").write_bytes(numbered_head(1))
    return lambda: ingest(root / "w", root / "a.jpg", "--copy")


def ingest_frames(root: Path) -> Work:
    """Frames are spooled, adopted by a link, and the spooled file goes once its row is there."""
    shades = [Image.fromarray(np.full((80, 80, 3), v, np.uint8)) for v in (10, 120, 240)]
    shades[0].save(root / "a.gif", save_all=True, append_images=shades[1:], duration=100)
    return lambda: ingest(root / "w", root / "a.gif", "--frames", "all")


def export_folder(root: Path) -> Work:
    store, chosen = accepted(root)
    return lambda: write_folder(store, chosen, root / "new" / "out", None, "Ann", overwrite=False)


def export_over_another(root: Path) -> Work:
    store, chosen = accepted(root)
    write_folder(store, chosen, root / "out", None, "Ann", overwrite=False)
    return lambda: write_folder(store, chosen, root / "out", None, "Ann", overwrite=True)


def export_zip(root: Path) -> Work:
    store, chosen = accepted(root)
    return lambda: write_zip(store, chosen, "data", "Ann")


def back_up(root: Path) -> Work:
    store = Store.open(root / "w")
    return lambda: backup(store, root / "copy.db")


def back_up_in_turn(root: Path) -> Work:
    store = accepted(root)[0]
    return lambda: rotation.make(store)


def restore_over_another(root: Path) -> Work:
    with Store.open(root / "w") as store:
        backup(store, root / "copy.db")
    return lambda: restore(root / "copy.db", root / "w", replace=True)


def upload_whole(_: Path) -> Work:
    workspace.secret_key()
    url = f"/api/upload?name=party/a.jpg&batch={BATCH}"
    return lambda: client_of("Ada").put(url, content=b"x" * 5000).raise_for_status()


def upload_in_parts(_: Path) -> Work:
    workspace.secret_key()
    url = f"/api/upload?name=talk.mp4&batch={BATCH}&kind=video&size=3000&modified=17&number=0"

    def work() -> None:
        client_of("Ada").put(f"{url}&offset=0", content=b"x" * 1000).raise_for_status()
        client_of("Ada").put(f"{url}&offset=1000", content=b"x" * 2000).raise_for_status()

    return work


def take_list(_: Path) -> Work:
    workspace.root().mkdir()
    return lambda: search._kept("https://img.example/1.jpg\n", [])


def secret(_: Path) -> Work:
    workspace.root().mkdir()
    return workspace.secret_key


CASES: Final[dict[str, tuple[Prepare, tuple[str, ...]]]] = {
    "blobs are stored": (put_blobs, ("pipeline/files/blobs.py:_write",)),
    "an original is copied": (lambda root: adopt(root, link=False), ("pipeline/files/blobs.py:_write",)),
    "an original is linked": (lambda root: adopt(root, link=True), ("pipeline/files/blobs.py:_link",)),
    "photos are ingested": (ingest_copied, ("pipeline/files/blobs.py:_write",)),
    "frames are ingested": (ingest_frames, ("pipeline/files/blobs.py:_link", "pipeline/files/blobs.py:_write")),
    "a folder is exported": (export_folder, ("pipeline/export/place.py:put_in_place",)),
    "an export is replaced": (export_over_another, ("pipeline/export/place.py:put_in_place",)),
    "a zip is exported": (export_zip, ("pipeline/actions/releases.py:_zip_in",)),
    "a backup is made": (back_up, ("db/base/database_files.py:put_in_place",)),
    "a backup is made in turn": (back_up_in_turn, ("pipeline/actions/backups/rotation.py:make",)),
    "a backup is restored": (
        restore_over_another, ("db/store/backup.py:_set_aside", "db/base/database_files.py:put_in_place"),
    ),
    "a file is uploaded": (upload_whole, ("pages/_routes/upload.py:_move_into_batch",)),
    "a file is uploaded in parts": (upload_in_parts, ("pages/_routes/upload.py:_move_into_batch",)),
    "a list is taken": (take_list, ("pages/_collect/search.py:_take",)),
    "the key of cookies is made": (secret, ("pages/_server/workspace.py:_read_or_make_key",)),
}  # fmt: skip
"""What is done, and the places (file:function) that give a name in it."""

NOT_DURABLE: Final = {
    "pages/_routes/upload.py:_take_back": "what was said to have failed: its bytes are only kept for the next try",
    "pipeline/actions/imports/run.py:_link": "within the unpacked zip: an import begins anew",
    "pipeline/cli/people/people.py:_name": "a person's name, not a file's",
    "pages/_team/persons.py:_rename": "a person's name, not a file's",
    "pipeline/fetch/fetch.py:fetch": "in the spool: it is fetched again",
    "pipeline/actions/suggest/classify.py:write_free": "a drawing: it is made again",
    "pipeline/actions/suggest/classifier.py:write_classifier": "no row names it, and it is made again",
    "db/suggest/progress.py:__call__": "what a page shows while a training runs",
    "pipeline/files/exchange.py:rename_new": "its callers flush, and are noted instead",
    "pipeline/export/place.py:_put_in_two_steps": "where names cannot be exchanged; see test_export",
    "pipeline/export/place.py:clear_leftovers": "an earlier export comes back, whose bytes were flushed",
    "db/store/backup.py:_put_back": "an undo after an error: before a power cut, all is in a folder that is named",
}


@pytest.mark.parametrize("case", CASES)
def test_bytes_before_names_and_folders_before_rows(case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOUE_WORKSPACE", str(tmp_path / "workspace"))
    monkeypatch.delenv("MOUE_AUTH", raising=False)
    prepare, places = CASES[case]
    work = prepare(tmp_path)
    with recorded(tmp_path, monkeypatch, (images.record_outcomes, releases.add_release)) as recorder:
        work()
    workspace.close_store()
    assert recorder.places() == set(places)
    assert recorder.findings(lambda path: "thumbs" in path.parts) == []


def test_every_place_that_gives_a_name_is_tried() -> None:
    """A new one needs a case above, or a reason why it may be lost."""
    assert {place for _, places in CASES.values() for place in places} | set(NOT_DURABLE) == places_that_name()
