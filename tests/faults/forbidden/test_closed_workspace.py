"""Parts of a workspace that are closed while it is served: pages and routes say so, and go on once they are open."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest
from streamlit.testing.v1 import AppTest

from db.base import workspaces
from pages import _ui
from pages._server import identity, lifespan, uploads, workspace
from pages._words import COOKIE
from pipeline.core.errors import StorageError, refused_place
from tests.faults.routes.asked import REQUESTS, WHO, Known, client, key, prepared
from tests.pipeline.commands import ROOT
from tests.pipeline.unprivileged import unprivileged

PARTS: Final = ("crops", "thumbs", "images", "originals", "backups", "releases", ".incoming", "lists")
PAGES: Final = sorted(file.stem for file in (ROOT / "pages").glob("[a-z]*.py"))
ASKED: Final = ("upload", "upload-part", "upload-cancelled", "decide", "note", "claim")
"""Of the requests: those that touch the parts, and some that need none."""


@contextmanager
def closed(*places: Path) -> Iterator[None]:
    """In this block nobody may use them, nor this thread, which gives up root's privileges."""
    modes = [(place, place.stat().st_mode) for place in places]
    for place in places:
        place.chmod(0)
    try:
        with unprivileged():
            yield
    finally:
        for place, mode in modes:
            place.chmod(mode)


@pytest.fixture
def served(decided: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Path, Known]]:
    """A workspace with a zip among its releases, and uploads that wait or stopped."""
    root = Path(shutil.copytree(decided / "w", tmp_path / "w"))
    monkeypatch.setenv("MOUE_WORKSPACE", str(root))  # taken back afterwards
    monkeypatch.setattr(identity, "identify", lambda cookies, headers: WHO)
    known = prepared(tmp_path)
    for place in (root / part for part in PARTS):
        place.mkdir(exist_ok=True)
    for number, kind in enumerate(uploads.KINDS):
        folder = uploads.batch_folder(key(50 + number), kind)
        folder.mkdir(parents=True)
        (folder / "x.zip").write_bytes(b"x")
    partial = uploads.partial_uploads()
    partial.mkdir()
    (partial / "part-1").write_bytes(b"x")
    (partial / "note-1.json").write_text(json.dumps({"who": WHO, "name": "a", "kind": "photos", "size": 9}), "utf-8")
    (root / "releases" / "r.zip").write_bytes(b"x")
    row = [("r", str(root / "releases" / "r.zip"), "{}", "{}", "0" * 64, "2026-01-01T00:00:00.000Z")]
    sql = "INSERT INTO releases (name, path, params, counts, digest, created_at) VALUES (?, ?, ?, ?, ?, ?)"
    workspace.get_store().write(lambda db: db.conn.executemany(sql, row) and None)
    yield root, known
    workspace.close_all()


def shown(name: str) -> AppTest:
    return AppTest.from_file(str(ROOT / "pages" / f"{name}.py"), default_timeout=60).run()


def told(page: AppTest) -> str:
    return "\n".join(str(one.value).replace("\\", "") for one in [*page.warning, *page.error])


@pytest.mark.long_but(2)
@pytest.mark.parametrize("name", PAGES)
def test_each_page_is_shown_with_all_parts_closed(served: tuple[Path, Known], name: str) -> None:
    root, _ = served
    with closed(*(root / part for part in PARTS)):
        assert not shown(name).exception


def test_routes_refuse_in_words_and_go_on_once_the_parts_are_open(served: tuple[Path, Known]) -> None:
    root, known = served
    places = [root / part for part in PARTS]
    reads = [f"/api/image/{kind}/{known.images[0]}" for kind in ("thumb", "original", "unified", "overlay")]
    reads += [f"/api/image/crop/{known.faces[0]}", "/api/release/1", "/api/v1/releases", "/api/v1/releases/1/zip"]
    before = sorted(str(path) for path in root.rglob("*"))
    asking = client("upload", known)
    with closed(*places):
        for name in ASKED:
            status, answer = REQUESTS[name](known).send(asking)
            assert status < 300 or (status == 503 and answer["error"]), (name, status, answer)
        for address in reads:
            given = asking.get(address)
            assert given.status_code == 200 or (given.status_code in (404, 503) and given.json()["error"]), address
        assert asking.get(reads[4]).json()["code"] == "place_refused"  # not: there is no such crop
    made = {path for path in (str(path) for path in root.rglob("*")) if path not in before}
    assert not [path for path in made if "/.incoming/" in path or "/crops/" in path], made
    for address in reads[4:6]:
        assert asking.get(address).status_code == 200, address
    assert REQUESTS["upload"](known).send(asking)[0] == 200


def test_uploads_in_a_closed_folder_are_told(served: tuple[Path, Known]) -> None:
    folder = uploads.batch_folder(key(53), "dataset")
    here = [one for one in shown("collect").markdown if "is here: 1 kB" in str(one.value)]
    assert len(here) == len(uploads.KINDS) - 1
    with closed(folder):
        assert [one.params["place"] for one in uploads.closed()] == [str(folder)]
        assert f"{folder} may not be used" in told(shown("collect"))
        with pytest.raises(StorageError, match="cannot be deleted"):
            uploads.remove(folder)
    assert uploads.closed() == []
    assert uploads.remove(folder) == 1
    assert not folder.exists()


def test_a_server_begins_with_closed_uploads(served: tuple[Path, Known]) -> None:
    with closed(uploads.partial_uploads()):
        uploads.sweep()
    assert (uploads.partial_uploads() / "part-1").exists()


def test_a_closed_workspace_is_not_called_gone_and_goes_on_once_it_is_open(served: tuple[Path, Known]) -> None:
    root, known = served
    asking = client("decide", known)
    with closed(root):
        answer = asking.get("/api/alive")
        assert (answer.status_code, answer.json()["code"]) == (503, "workspace_closed")
        asking.cookies.set(COOKIE, "zh")
        assert "权限" in asking.get("/api/alive").json()["error"]
        assert REQUESTS["decide"](known).send(asking)[0] == 503
    assert asking.get("/api/alive").status_code == 200
    assert REQUESTS["decide"](known).send(asking)[0] == 200


def test_a_closed_folder_of_workspaces_is_no_error_of_the_server(served: tuple[Path, Known]) -> None:
    root, _ = served
    assert workspaces.find(root.parent, "w") == root
    with closed(root.parent):
        assert workspaces.find(root.parent, "w") is None


def test_what_a_page_meets_unforeseen_is_said_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(_ui.st, "error", lambda text, **_: said.append(text.replace("\\", "")))
    (tmp_path / "inner").mkdir()
    with closed(tmp_path / "inner"), pytest.raises(PermissionError) as met:
        (tmp_path / "inner" / "a").read_bytes()
    assert _ui.report_error(met.value)
    assert f"{tmp_path}/inner/a may not be used" in said[0]
    assert _ui.report_error(OSError(5, "Input/output error", "/mnt/a"))
    assert "/mnt/a could not be used" in said[1]
    assert not _ui.report_error(FileNotFoundError(2, "No such file or directory", "a"))  # a slip of ours
    assert refused_place(PermissionError(13, "Permission denied")) is None


def test_a_closed_secrets_file_is_told_before_there_is_a_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server said where to open it, and answered 500 to everything."""
    monkeypatch.setattr(lifespan.st, "get_option", {"secrets.files": [str(tmp_path / "a" / "secrets.toml")]}.get)
    said: list[str] = []
    monkeypatch.setattr(lifespan, "_refuse", said.append)
    (tmp_path / "a").mkdir()
    lifespan.check_secrets()
    assert said == []
    with closed(tmp_path / "a"):
        lifespan.check_secrets()
    assert "secrets.toml may not be used" in said[0]
