from __future__ import annotations

from pathlib import Path

import pytest

from db.base import workspaces
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


@pytest.mark.parametrize(
    "given", ["file://{folder}/my%20space", "file:{folder}/my space", "FILE://localhost{folder}/my%20space"]
)
def test_a_file_url_is_the_folder_that_it_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    """As `--workspace` takes it."""
    monkeypatch.setenv("MOUE_WORKSPACE", given.format(folder=tmp_path))
    assert workspace_root() == tmp_path / "my space"
    monkeypatch.setenv("MOUE_WORKSPACES", given.format(folder=tmp_path))
    assert workspaces.folder() == tmp_path / "my space"


@pytest.mark.parametrize("variable", ["MOUE_WORKSPACE", "MOUE_WORKSPACES"])
def test_another_url_is_no_folder(monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    monkeypatch.setenv(variable, "s3://bucket/w")
    with pytest.raises(UsageError, match="s3://bucket/w"):
        workspace_root() if variable == "MOUE_WORKSPACE" else workspaces.folder()
