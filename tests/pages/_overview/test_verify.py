"""Overview's check of the whole workspace."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from db.store.store import Store
from db.tables import jobs
from pages._overview import verify
from pages._server import identity
from pages._words import recorded
from pipeline.core.errors import StorageError
from pipeline.core.messages import finding, message

PAGE = str(Path(__file__).resolve().parents[3] / "pages" / "overview.py")


def test_a_sound_workspace_and_one_whose_crop_is_gone(full: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identity, "identify", lambda cookies, headers: "Ann")
    app = AppTest.from_file(PAGE, default_timeout=60).run()
    app.button(key="check").click().run()
    assert "nothing is wrong" in app.success[0].value
    (crop,) = (full / "crops").rglob("*.png")
    crop.unlink()
    app.button(key="check").click().run()
    assert "1 finding" in app.error[0].value
    assert crop.stem in app.text[0].value


def test_what_is_found_is_told_in_the_reader_s_language(full: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identity, "identify", lambda cookies, headers: "Ann")
    monkeypatch.setattr("pages._words.recorded.language", lambda: "zh")
    (crop,) = (full / "crops").rglob("*.png")
    crop.unlink()
    with Store.open(full) as store:
        store.write(lambda db: db.execute("DROP TRIGGER state_inserted"))
    app = AppTest.from_file(PAGE, default_timeout=60).run()
    app.button(key="check").click().run()
    assert app.text[0].value.splitlines() == [
        "触发器 state_inserted 不见了：它所保护的内容不再受保护",
        f"人脸 {crop.stem} 的裁剪图不见了",
    ]


def test_a_finding_goes_to_another_process_with_its_message() -> None:
    one = finding("found_crop", face="f", how=message("found_how_refused", why="Permission denied"))
    same = pickle.loads(pickle.dumps(one))
    assert (same, same.message) == ("the crop of face f cannot be read (Permission denied)", one.message)
    outer = message("backup_not_whole", file="b.db", why=one)
    assert "（人脸 f 的裁剪图无法读取（权限不足））" in recorded.translate(outer, "zh")


def test_what_an_interrupted_run_left_is_told_and_no_finding(full: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identity, "identify", lambda cookies, headers: "Ann")
    with Store.open(full) as store:
        store.write(lambda db: jobs.start_job(db, "ingest", {}, 1))
    (full / "crops" / "00").mkdir(exist_ok=True)
    (full / "crops" / "00" / f"{'0' * 32}.png").write_bytes(b"x")
    app = AppTest.from_file(PAGE, default_timeout=60).run()
    app.button(key="check").click().run()
    assert "interrupted run left 1 file" in app.info[0].value
    assert "nothing is wrong" in app.success[0].value


def test_what_was_left_is_named_in_the_reader_s_language(full: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identity, "identify", lambda cookies, headers: "Ann")
    monkeypatch.setattr("pages._words.recorded.language", lambda: "zh")
    with Store.open(full) as store:
        store.write(lambda db: jobs.start_job(db, "ingest", {}, 1))
    name = f"crops/00/{'0' * 32}.png"
    (full / "crops" / "00").mkdir(exist_ok=True)
    (full / name).write_bytes(b"x")
    app = AppTest.from_file(PAGE, default_timeout=60).run()
    app.button(key="check").click().run()
    (told,) = (one.value for one in app.text if name in one.value)
    assert told.startswith(f"{name} 是被中断的运行留下的")


def test_a_check_that_cannot_run_says_why(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="not a workspace"):
        verify.verify(tmp_path)
