"""Crops of a workspace with black bars, cut again inside their photos: only what must change does."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from db.images import reprocess
from db.reads.counts import BARS_SQL, BLACK, black_bars
from db.reads.details import image_info
from db.reads.export_items import accepted_items
from db.store.store import Store
from pipeline.actions.job import JobRequest
from pipeline.actions.manual_faces import draw_face, move_crop
from pipeline.actions.reprocess import SettingsChange, reprocess_all
from pipeline.actions.verify import verify_workspace
from pipeline.core.geometry import BoundingBox, CropBox
from pipeline.core.records import Face, Settings
from pipeline.files.blobs import BlobStore
from tests.pipeline import commands as cli
from tests.pipeline.made import sha_of
from tests.pipeline.photos import astronaut, bgr_of, coffee

PUSH = SettingsChange(border="push")


@pytest.fixture(scope="module")
def barred(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """photos/ and the workspace/ that an earlier Moue made of them: one of two mouths at the photo's lower edge."""
    made = tmp_path_factory.mktemp("barred")
    (made / "photos").mkdir()
    (made / "photos" / "whole.png").write_bytes(astronaut().read_bytes())
    (made / "photos" / "cup.png").write_bytes(coffee().read_bytes())
    cv2.imwrite(str(made / "photos" / "low.png"), bgr_of(astronaut())[:160])
    cli.ingest(made / "workspace", made / "photos", "--border", "black")
    return made


@pytest.fixture
def store(barred: Path, tmp_path: Path) -> Iterator[Store]:
    shutil.copytree(barred / "workspace", tmp_path / "workspace")
    with Store.open(tmp_path / "workspace") as opened:
        yield opened


def face_of(store: Store, photo: Path) -> tuple[Face, str, np.ndarray]:
    """The only face of a photo, its crop's version and its crop's pixels."""
    info = store.read(lambda db: image_info(db, sha_of(photo)))
    assert info is not None
    (face,), (version,) = info.faces, info.crop_versions
    png = np.frombuffer(BlobStore(store.root).read("crops", face.face_id, "png"), np.uint8)
    return face, version, np.asarray(cv2.imdecode(png, cv2.IMREAD_COLOR))


def bars_by_hand(store: Store) -> int:
    """Crops of the workspace whose outermost rows or columns are all black."""
    found = 0
    for (face_id,) in cli.rows(store.root, "SELECT id FROM faces WHERE removed_at IS NULL"):
        png = np.frombuffer(BlobStore(store.root).read("crops", str(face_id), "png"), np.uint8)
        crop = np.asarray(cv2.imdecode(png, cv2.IMREAD_COLOR))
        found += any(not edge.any() for edge in (crop[0], crop[-1], crop[:, 0], crop[:, -1]))
    return found


def reprocessed(store: Store, change: SettingsChange = PUSH) -> None:
    done = reprocess_all(store, change, "serial", JobRequest("reprocess", {}))
    assert done.job is not None
    assert (done.job.state, done.failed, done.unsettled) == ("done", 0, 0)


def test_only_crops_with_a_bar_change(store: Store, barred: Path) -> None:
    low, whole = barred / "photos" / "low.png", barred / "photos" / "whole.png"
    before = {photo: face_of(store, photo) for photo in (low, whole)}
    assert store.read(black_bars) == bars_by_hand(store) == 1
    reprocessed(store)
    assert store.read(black_bars) == bars_by_hand(store) == 0
    after = {photo: face_of(store, photo) for photo in (low, whole)}
    assert before[whole][1] == after[whole][1]
    (old, _, _), (new, _, pixels) = before[low], after[low]
    assert (new.face_id, new.box, new.crop.x, new.crop.width) == (old.face_id, old.box, old.crop.x, old.crop.width)
    assert new.crop.y == 160 - old.crop.height < old.crop.y
    assert np.array_equal(pixels, bgr_of(low)[new.crop.y : 160, new.crop.x : new.crop.x + new.crop.width])
    assert old.quality is not None
    assert new.quality is not None
    assert old.quality.filled == pytest.approx((old.crop.y + old.crop.height - 160) / old.crop.height, abs=1e-4)
    assert new.quality.filled == 0
    assert verify_workspace(store).findings == ()


def test_decisions_drawn_faces_and_moved_crops_stay(store: Store, barred: Path, tmp_path: Path) -> None:
    low, whole, cup = (barred / "photos" / name for name in ("low.png", "whole.png", "cup.png"))
    verdict = tmp_path / "decisions.csv"
    verdict.write_text(f"face_id,verdict,label,reason\n{face_of(store, low)[0].face_id},accept,smile,\n")
    done = cli.inside("decide", verdict, "--annotator", "Ada", "--workspace", store.root)
    assert done.returncode == 0, done.stderr
    drawn = draw_face(store, sha_of(cup), BoundingBox(100, 100, 260, 280)).face_id
    move_crop(store, face_of(store, whole)[0].face_id, CropBox(190, 110, 70, 70))
    placed = face_of(store, whole)
    decisions = cli.rows(store.root, "SELECT * FROM decisions ORDER BY seq")
    ids = cli.rows(store.root, "SELECT id, removed_at FROM faces ORDER BY id")
    reprocessed(store)
    assert cli.rows(store.root, "SELECT * FROM decisions ORDER BY seq") == decisions
    assert cli.rows(store.root, "SELECT id, removed_at FROM faces ORDER BY id") == ids
    assert face_of(store, cup)[0].face_id == drawn
    kept = face_of(store, whole)
    assert (kept[0].crop, kept[1]) == (CropBox(190, 110, 70, 70), placed[1])
    (item,) = store.read(accepted_items)
    assert (item.border, item.filled) == ("push", 0)
    assert verify_workspace(store).findings == ()


def test_a_moved_crop_that_sticks_out_is_pushed_by_what_it_sticks_out(store: Store, barred: Path) -> None:
    whole = barred / "photos" / "whole.png"
    face_id = face_of(store, whole)[0].face_id
    move_crop(store, face_id, CropBox(-9, 460, 70, 70))
    assert face_of(store, whole)[0].crop == CropBox(-9, 460, 70, 70)  # the photo's border is black still
    assert store.read(black_bars) == bars_by_hand(store) == 2
    reprocessed(store)
    assert face_of(store, whole)[0].crop == CropBox(0, 442, 70, 70)
    move_crop(store, face_id, CropBox(-9, 460, 70, 70))  # now the border is push: at once
    assert face_of(store, whole)[0].crop == CropBox(0, 442, 70, 70)
    assert store.read(black_bars) == 0


def test_new_photos_of_such_a_workspace_are_cut_like_its_others(store: Store, tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "more.png"), bgr_of(astronaut())[:158])
    store.close()
    cli.ingest(store.root, tmp_path / "more.png")
    with Store.open(store.root) as again:
        assert again.read(black_bars) == bars_by_hand(again) == 2
        assert [one.images for one in again.read(reprocess.processed)] == [4]


def test_bars_are_counted_where_borders_differ(store: Store, tmp_path: Path) -> None:
    """A mirrored border sticks out, too, and is no bar."""
    cv2.imwrite(str(tmp_path / "more.png"), bgr_of(astronaut())[:158])
    store.close()
    cli.ingest(store.root, tmp_path / "more.png", "--border", "reflect")
    with Store.open(store.root) as again:
        assert face_of(again, tmp_path / "more.png")[0].quality.filled > 0  # type: ignore[union-attr]
        assert again.read(black_bars) == bars_by_hand(again) == 1


def test_what_is_done_already_is_no_task(store: Store) -> None:
    reprocessed(store)
    (done,) = store.read(reprocess.processed)
    assert Settings.of_processing(done.processing).border == "push"
    again = reprocess_all(store, PUSH, "serial", JobRequest("reprocess", {}))
    assert again.job is not None
    assert again.job.progress.counts.total() == 0


def test_whether_a_bar_is_possible_is_looked_up(store: Store) -> None:
    for sql in (f"SELECT 1 FROM images WHERE {BLACK} = 1 LIMIT 1", BARS_SQL):
        steps = [row[3] for row in store.read(lambda db, sql=sql: db.execute(f"EXPLAIN QUERY PLAN {sql}").fetchall())]
        assert not any(step.startswith("SCAN") for step in steps), steps
        assert "images_black" in steps[0]
