"""Overview's check of the whole workspace."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

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


def test_a_check_that_cannot_run_says_why(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="not a workspace"):
        verify.verify(tmp_path)
