"""Data sets that come through the browser as a zip: taken as the same folder is by the command line."""

from __future__ import annotations

import shutil
import uuid
import zipfile
from pathlib import Path
from typing import Any, Final

import pytest

from pages._server import uploads
from pages._server import workspace as served
from tests.pages.conftest import client_of
from tests.pipeline.actions.imports.importing import run, told
from tests.pipeline.actions.imports.test_round_trip import FORMATS, export
from tests.pipeline.actions.imports.test_round_trip import exported as exported  # what each format writes
from tests.pipeline.actions.imports.test_round_trip import workspace as workspace

COMPARED: Final = ("format", "labels", "added", "saved", "repeats", "placed", "not_taken", "waiting")


def imported(into: Path, path: Path, capsys: pytest.CaptureFixture[str], *more: str) -> dict[str, Any]:
    capsys.readouterr()
    assert run(into, path, "--line", "set", *more, annotator="Bob") == 0
    done = told(capsys)
    return {name: done[name] for name in COMPARED}


@pytest.mark.long_but(1)
@pytest.mark.parametrize("name", [*FORMATS, "release"])
def test_a_zip_of_each_format(
    name: str,
    workspace: Path,
    exported: Path,
    tmp_path: Path,
    empty: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """With a folder around it, as archives have. It is removed once it was taken."""
    if name == "release":
        export(workspace, tmp_path / "mine")
    else:
        shutil.copytree(exported / name, tmp_path / "mine")
    mouths = () if name == "release" else ("--mouths",)  # a release says it itself
    with zipfile.ZipFile(tmp_path / "my set.zip", "w") as archive:
        for file in (tmp_path / "mine").rglob("*"):
            archive.write(file, file.relative_to(tmp_path))
    served.get_store()
    asked = {"kind": "dataset", "batch": str(uuid.uuid4()), "name": "my set.zip", "number": "0"}
    sent = client_of("Bob").put("/api/upload", params=asked, content=(tmp_path / "my set.zip").read_bytes())
    assert sent.json()["name"] == "my set.zip"
    (waiting,) = uploads.waiting("dataset")
    served.close_store()
    by_page = imported(empty, waiting.folder / "my set.zip", capsys, "--source-name", "my set.zip", *mouths)
    assert by_page == imported(tmp_path / "other", tmp_path / "mine", capsys, *mouths)
    assert (by_page["saved"], by_page["placed"]) == (16, 16)
    assert not waiting.folder.exists()
