"""Pictures whose folder the server may not use: refused in words, not an error of the server's."""

from __future__ import annotations

from pathlib import Path

import pytest

from db.store.store import Store
from tests.pages.conftest import client_of
from tests.pipeline.unprivileged import unprivileged


@pytest.mark.parametrize("kind", ["crop", "thumb"])
def test_a_picture_in_a_closed_folder_is_refused_in_words(full: Path, kind: str) -> None:
    with Store.open(full) as store:
        sql = "SELECT f.id, f.sha256, i.original FROM faces f JOIN images i ON i.sha256 = f.sha256"
        face, sha256, original = store.read(lambda db: db.execute(sql).fetchone())
    folders = [(full / original).parent, full / "crops", full / "thumbs", full / "images"]
    asked = [(folder, folder.stat().st_mode) for folder in folders if folder.is_dir()]
    for folder, _ in asked:
        folder.chmod(0)
    try:
        with unprivileged(), client_of("Ann") as client:
            answer = client.get(f"/api/image/{kind}/{face if kind == 'crop' else sha256}")
    finally:
        for folder, mode in asked:
            folder.chmod(mode)
    shown = kind == "thumb" and answer.status_code == 200  # made anew of what may be read, and not kept
    assert shown or (answer.status_code in (404, 503) and answer.json()["error"]), answer.status_code
