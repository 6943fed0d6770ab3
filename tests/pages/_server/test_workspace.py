from __future__ import annotations

from pathlib import Path

import pytest

from pages._server import workspace


def test_the_server_s_workspace_may_lie_in_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("MOUE_WORKSPACE", "~/ws")
    try:
        assert workspace.get_store().root == workspace.root() == tmp_path / "home" / "ws"
    finally:
        workspace.close_store()
