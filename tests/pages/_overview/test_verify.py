"""Overview's check of the whole workspace."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from db.store.store import Store
from db.tables import jobs
from pages._overview import verify
from pages._server import identity
from pipeline.core.errors import StorageError

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


def test_a_check_that_cannot_run_says_why(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="not a workspace"):
        verify.verify(tmp_path)
