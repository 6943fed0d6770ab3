from __future__ import annotations

from pathlib import Path

import pytest

from db.base.workspace import workspace_root
from pipeline.core.errors import UsageError


@pytest.fixture(autouse=True)
def at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("MOUE_WORKSPACE", raising=False)
    monkeypatch.chdir(tmp_path)


def test_what_is_given_goes_first_then_the_variable_then_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert workspace_root() == tmp_path / "workspace"
    monkeypatch.setenv("MOUE_WORKSPACE", "")
    assert workspace_root() == tmp_path / "workspace"
    monkeypatch.setenv("MOUE_WORKSPACE", "by env")
    assert workspace_root() == tmp_path / "by env"
    assert workspace_root(Path("by flag")) == tmp_path / "by flag"


def test_a_tilde_is_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOUE_WORKSPACE", "~/ws")
    assert workspace_root() == tmp_path / "home" / "ws"
    assert workspace_root(Path("~/other")) == tmp_path / "home" / "other"
    with pytest.raises(UsageError, match="home folder"):
        workspace_root(Path("~nobody-of-this-name/ws"))
