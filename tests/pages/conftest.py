"""A workspace with real photos, a bare Starlette app around the routes, and somebody who is signed in."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Final

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from streamlit.components.v2 import manifest_scanner

from pages._routes import image, routes
from pages._server import identity, workspace
from pages._server.exports import runs
from pages._ui import choices
from pipeline.actions.release.run import carry_out
from tests.pipeline import commands as cli
from tests.pipeline.made import write_photos

BASE = "http://127.0.0.1:8501"


@pytest.fixture(scope="session")
def ingested(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`workspace` and `photos` of one ingest; tests copy the workspace and read the photos."""
    folder = tmp_path_factory.mktemp("routes")
    report = cli.ingest(folder / "workspace", write_photos(folder / "photos"))
    assert report["faces"] == 1
    return folder


@pytest.fixture(scope="session", autouse=True)
def _components_of_packages() -> Iterator[None]:
    """Sought once: each AppTest reads the metadata of all packages for it, a third of a second, and none has one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", cache(manifest_scanner.scan_component_manifests))
        yield


@pytest.fixture(autouse=True)
def _folders_are_open(monkeypatch: pytest.MonkeyPatch) -> None:
    """Photos of tests lie anywhere. Who may read where: tests/pages/_server/folders."""
    monkeypatch.setenv("MOUE_FOLDERS", "/")


DRAWERS_AS_THEY_ARE: Final = choices.was_opened


@pytest.fixture(autouse=True)
def _drawers_are_open(monkeypatch: pytest.MonkeyPatch) -> None:
    """What lies in them is drawn; a test of a drawer itself puts `DRAWERS_AS_THEY_ARE` back."""
    monkeypatch.setattr(choices, "was_opened", lambda box, key: True)


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A workspace without anything, as the one that the pages serve."""
    monkeypatch.setenv("MOUE_WORKSPACE", str(tmp_path / "workspace"))
    monkeypatch.delenv("MOUE_AUTH", raising=False)
    image.cache.clear()
    yield tmp_path / "workspace"
    workspace.close_all()


@pytest.fixture
def exports_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Exports of the page are made within the test: a process of its own takes a second. That they are made by one:
    tests/pages/_server/exports."""

    def spawn(root: Path, run_id: str, passed: object) -> SimpleNamespace:
        store = workspace.get_store()
        assert store.root == root
        carry_out(store, run_id)
        return SimpleNamespace(poll=lambda: 0)

    monkeypatch.setattr(runs, "_spawn", spawn)


@pytest.fixture
def full(empty: Path, ingested: Path) -> Path:
    """A copy of the ingested workspace, as the one that the pages serve."""
    shutil.copytree(ingested / "workspace", empty)
    return empty


def client_of(name: str | None) -> TestClient:
    """A browser at our own page; signed in where there is a name."""
    client = TestClient(Starlette(routes=routes), base_url=BASE, headers={"Origin": BASE})
    if name is not None:
        client.cookies.set(*identity.sign(name))
    return client
