from __future__ import annotations

import pytest

from db.images.reprocess import Processed
from db.reads.details import face_info, image_info
from db.store.store import Store
from pipeline.actions.job import JobRequest
from pipeline.actions.reprocess import SettingsChange, reprocess_all, tasks_of
from pipeline.core.errors import UsageError
from pipeline.core.records import Settings

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
