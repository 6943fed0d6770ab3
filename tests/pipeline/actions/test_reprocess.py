"""Photos processed again: what is asked for changes, and nothing else; black bars go."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from db.images import reprocess
from db.images.reprocess import Processed
from db.reads.counts import BARS_SQL, BLACK, black_bars
from db.reads.details import face_info, image_info
from db.reads.export_items import accepted_items
from db.store.store import Store
from pipeline.actions.job import JobRequest
from pipeline.actions.manual_faces import draw_face, move_crop
from pipeline.actions.reprocess import SettingsChange, reprocess_all, tasks_of
from pipeline.actions.verify import verify_workspace
from pipeline.core.border import Border
from pipeline.core.errors import UsageError
from pipeline.core.geometry import BoundingBox, CropBox
from pipeline.core.records import Face, Settings
from pipeline.files.blobs import BlobStore
from tests.pipeline import commands as cli
from tests.pipeline.made import sha_of
from tests.pipeline.photos import astronaut, bgr_of, coffee

BEFORE = Settings("yunet", (("score", 0.6),), margin=1.5)
DONE = [Processed(BEFORE.processing, "yunet", 1.5, 12)]


def test_what_is_not_asked_for_stays_and_another_detector_has_its_own_options() -> None:
    assert SettingsChange(margin=2.0).applied_to(BEFORE) == Settings("yunet", (("score", 0.6),), margin=2.0)
    assert SettingsChange(detector="hog").applied_to(BEFORE) == Settings("hog", (), margin=1.5)
    assert SettingsChange(options=(("score", 0.8),)).applied_to(BEFORE).options == (("score", 0.8),)


def test_images_that_are_as_asked_are_no_task_and_a_margin_alone_detects_nothing() -> None:
    assert tasks_of(SettingsChange(margin=1.5), DONE) == []
    (cut,) = tasks_of(SettingsChange(margin=2.0), DONE)
    (detected,) = tasks_of(SettingsChange(faces="largest"), DONE)
    assert (cut.detects, detected.detects) == (False, True)
    with pytest.raises(UsageError, match="a margin is 1 to 4"):
        tasks_of(SettingsChange(margin=9), DONE)


@pytest.mark.parametrize(("detector", "due"), [("yunet", True), ("hog", False)])
def test_photos_that_were_looked_at_once_are_looked_at_anew(detector: str, due: bool) -> None:
    noted = json.loads(Settings(detector, border="push").processing)
    noted.pop("looks", None)  # as a Moue wrote it that had one look
    done = [Processed(json.dumps(noted, sort_keys=True), detector, 1.5, 12)]
    tasks = tasks_of(SettingsChange(), done)
    assert [task.detects for task in tasks] == ([True] if due else [])
    assert all(task.settings == Settings(detector, border="push") for task in tasks)


def test_all_crops_are_cut_anew_and_the_figures_say_so(store: Store, faces: list[tuple[str, str]]) -> None:
    before = store.read(lambda db: face_info(db, faces[0][0]))
    shown: list[tuple[int, int | None]] = []
    request = JobRequest("reprocess", {}, show=lambda done, total: shown.append((done, total)))
    done = reprocess_all(store, SettingsChange(margin=2.5), "serial", request)
    after = store.read(lambda db: face_info(db, faces[0][0]))
    assert done.job is not None
    assert (done.job.state, done.failed, done.unsettled, shown[-1]) == ("done", 0, 0, (12, 12))
    assert before is not None
    assert after is not None
    assert after.face.crop.width > before.face.crop.width
    assert done.job.progress.faces == 0


def test_originals_that_are_gone_stay_as_they_were(store: Store, faces: list[tuple[str, str]]) -> None:
    (original,) = (store.root / "originals" / faces[0][1][:2]).glob(f"{faces[0][1]}.*")
    original.unlink()
    done = reprocess_all(store, SettingsChange(margin=2.5), "serial", JobRequest("reprocess", {}))
    assert (done.failed, done.unsettled) == (1, 0)
    kept = store.read(lambda db: image_info(db, faces[0][1]))
    assert kept is not None
    assert kept.margin == 1.5


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
def old_store(barred: Path, tmp_path: Path) -> Iterator[Store]:
    shutil.copytree(barred / "workspace", tmp_path / "workspace")
    with Store.open(tmp_path / "workspace") as opened:
        yield opened


def face_of(old_store: Store, photo: Path) -> tuple[Face, str, np.ndarray]:
    """The only face of a photo, its crop's version and its crop's pixels."""
    info = old_store.read(lambda db: image_info(db, sha_of(photo)))
    assert info is not None
    (face,), (version,) = info.faces, info.crop_versions
    png = np.frombuffer(BlobStore(old_store.root).read("crops", face.face_id, "png"), np.uint8)
    return face, version, np.asarray(cv2.imdecode(png, cv2.IMREAD_COLOR))


def bars_by_hand(old_store: Store) -> int:
    """Crops of the workspace whose outermost rows or columns are all black."""
    found = 0
    for (face_id,) in cli.rows(old_store.root, "SELECT id FROM faces WHERE removed_at IS NULL"):
        png = np.frombuffer(BlobStore(old_store.root).read("crops", str(face_id), "png"), np.uint8)
        crop = np.asarray(cv2.imdecode(png, cv2.IMREAD_COLOR))
        found += any(not edge.any() for edge in (crop[0], crop[-1], crop[:, 0], crop[:, -1]))
    return found


def reprocessed(old_store: Store, change: SettingsChange = PUSH) -> None:
    done = reprocess_all(old_store, change, "serial", JobRequest("reprocess", {}))
    assert done.job is not None
    assert (done.job.state, done.failed, done.unsettled) == ("done", 0, 0)


def test_only_crops_with_a_bar_change(old_store: Store, barred: Path) -> None:
    low, whole = barred / "photos" / "low.png", barred / "photos" / "whole.png"
    before = {photo: face_of(old_store, photo) for photo in (low, whole)}
    assert old_store.read(black_bars) == bars_by_hand(old_store) == 1
    reprocessed(old_store)
    assert old_store.read(black_bars) == bars_by_hand(old_store) == 0
    after = {photo: face_of(old_store, photo) for photo in (low, whole)}
    assert before[whole][1] == after[whole][1]
    (old, _, _), (new, _, pixels) = before[low], after[low]
    assert (new.face_id, new.box, new.crop.x, new.crop.width) == (old.face_id, old.box, old.crop.x, old.crop.width)
    assert new.crop.y == 160 - old.crop.height < old.crop.y
    assert np.array_equal(pixels, bgr_of(low)[new.crop.y : 160, new.crop.x : new.crop.x + new.crop.width])
    assert old.quality is not None
    assert new.quality is not None
    assert old.quality.filled == pytest.approx((old.crop.y + old.crop.height - 160) / old.crop.height, abs=1e-4)
    assert new.quality.filled == 0
    assert verify_workspace(old_store).findings == ()


def test_decisions_drawn_faces_and_moved_crops_stay(old_store: Store, barred: Path, tmp_path: Path) -> None:
    low, whole, cup = (barred / "photos" / name for name in ("low.png", "whole.png", "cup.png"))
    verdict = tmp_path / "decisions.csv"
    verdict.write_text(f"face_id,verdict,label,reason\n{face_of(old_store, low)[0].face_id},accept,smile,\n")
    done = cli.inside("decide", verdict, "--annotator", "Ada", "--workspace", old_store.root)
    assert done.returncode == 0, done.stderr
    drawn = draw_face(old_store, sha_of(cup), BoundingBox(100, 100, 260, 280)).face_id
    move_crop(old_store, face_of(old_store, whole)[0].face_id, CropBox(190, 110, 70, 70))
    placed = face_of(old_store, whole)
    decisions = cli.rows(old_store.root, "SELECT * FROM decisions ORDER BY seq")
    ids = cli.rows(old_store.root, "SELECT id, removed_at FROM faces ORDER BY id")
    reprocessed(old_store)
    assert cli.rows(old_store.root, "SELECT * FROM decisions ORDER BY seq") == decisions
    assert cli.rows(old_store.root, "SELECT id, removed_at FROM faces ORDER BY id") == ids
    assert face_of(old_store, cup)[0].face_id == drawn
    kept = face_of(old_store, whole)
    assert (kept[0].crop, kept[1]) == (CropBox(190, 110, 70, 70), placed[1])
    (item,) = old_store.read(accepted_items)
    assert (item.border, item.filled) == ("push", 0)
    assert verify_workspace(old_store).findings == ()


def test_a_moved_crop_that_sticks_out_is_pushed_by_what_it_sticks_out(old_store: Store, barred: Path) -> None:
    whole = barred / "photos" / "whole.png"
    face_id = face_of(old_store, whole)[0].face_id
    move_crop(old_store, face_id, CropBox(-9, 460, 70, 70))
    assert face_of(old_store, whole)[0].crop == CropBox(-9, 460, 70, 70)  # the photo's border is black still
    assert old_store.read(black_bars) == bars_by_hand(old_store) == 2
    reprocessed(old_store)
    assert face_of(old_store, whole)[0].crop == CropBox(0, 442, 70, 70)
    move_crop(old_store, face_id, CropBox(-9, 460, 70, 70))  # now the border is push: at once
    assert face_of(old_store, whole)[0].crop == CropBox(0, 442, 70, 70)
    assert old_store.read(black_bars) == 0


def test_new_photos_of_such_a_workspace_are_cut_like_its_others(old_store: Store, tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "more.png"), bgr_of(astronaut())[:158])
    old_store.close()
    cli.ingest(old_store.root, tmp_path / "more.png")
    with Store.open(old_store.root) as again:
        assert again.read(black_bars) == bars_by_hand(again) == 2
        assert [one.images for one in again.read(reprocess.processed)] == [4]


def test_bars_are_counted_where_borders_differ(old_store: Store, tmp_path: Path) -> None:
    """A mirrored border sticks out, too, and is no bar."""
    cv2.imwrite(str(tmp_path / "more.png"), bgr_of(astronaut())[:158])
    old_store.close()
    cli.ingest(old_store.root, tmp_path / "more.png", "--border", "reflect")
    with Store.open(old_store.root) as again:
        assert face_of(again, tmp_path / "more.png")[0].quality.filled > 0  # type: ignore[union-attr]
        assert again.read(black_bars) == bars_by_hand(again) == 1


def test_only_black_borders_are_cut_anew_where_only_they_are_asked_for(old_store: Store, tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "more.png"), bgr_of(astronaut())[:158])
    old_store.close()
    cli.ingest(old_store.root, tmp_path / "more.png", "--border", "reflect")
    with Store.open(old_store.root) as opened:
        before = face_of(opened, tmp_path / "more.png")
        reprocessed(opened, SettingsChange(border="push", from_border="black"))
        after = face_of(opened, tmp_path / "more.png")
        assert (before[1], before[0].crop) == (after[1], after[0].crop)
        assert np.array_equal(before[2], after[2])
        assert opened.read(black_bars) == bars_by_hand(opened) == 0
        found = {Settings.of_processing(one.processing).border for one in opened.read(reprocess.processed)}
        assert found == {"push", "reflect"}


def test_what_is_done_already_is_no_task(old_store: Store) -> None:
    reprocessed(old_store)
    (done,) = old_store.read(reprocess.processed)
    assert Settings.of_processing(done.processing).border == "push"
    again = reprocess_all(old_store, PUSH, "serial", JobRequest("reprocess", {}))
    assert again.job is not None
    assert again.job.progress.counts.total() == 0


def test_whether_a_bar_is_possible_is_looked_up(old_store: Store) -> None:
    for sql in (f"SELECT 1 FROM images WHERE {BLACK} = 1 LIMIT 1", BARS_SQL):
        steps = [
            row[3] for row in old_store.read(lambda db, sql=sql: db.execute(f"EXPLAIN QUERY PLAN {sql}").fetchall())
        ]
        assert not any(step.startswith("SCAN") for step in steps), steps
        assert "images_black" in steps[0]


@pytest.mark.parametrize("border", ["push", "reflect"])
def test_a_border_alone_looks_for_no_face_in_photos_of_before(border: Border) -> None:
    """What an earlier Moue noted: neither border nor looks. Asked for as it is, there is nothing to do."""
    noted = '{"detector": "yunet", "faces": "all", "margin": 1.5, "options": {}, "upright": false}'
    assert Settings.of_processing(noted).processing == noted
    done = [Processed(noted, "yunet", 1.5, 7)]
    (task,) = tasks_of(SettingsChange(border=border), done)
    assert (task.detects, task.settings.border, task.before.border) == (False, border, "black")
    assert tasks_of(SettingsChange(border="black"), done) == []
    (looked,) = tasks_of(SettingsChange(border=border, faces="all"), done)
    assert looked.detects
