"""The lines of docs/api.md, run as they stand there against a real server."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any, Final

import pytest

from tests.api.conftest import Served
from tests.pipeline.commands import ROOT

LINES: Final = [
    line.replace("\\\n", "")
    for block in re.findall(r"```bash\n(.*?)```", (ROOT / "docs" / "api.md").read_text("utf-8"), re.DOTALL)
    for line in re.split(r"(?<!\\)\n", block.strip())
    if line.startswith("curl ")
]
pytestmark = pytest.mark.skipif(shutil.which("curl") is None, reason="no curl: the lines of docs/api.md were not run")


@pytest.mark.long
def test_the_lines_of_the_page_do_what_it_says(served: Served, tmp_path: Path) -> None:
    env = {"PATH": "/usr/bin:/bin", "MOUE": served.url, "MOUE_TOKEN": served.token, "FACE": served.face}
    told: list[Any] = []
    assert len(LINES) == 8
    for line in LINES:
        done = subprocess.run(["bash", "-ec", line], cwd=tmp_path, env=env, capture_output=True, text=True, check=True)
        told.append(json.loads(done.stdout) if done.stdout else None)
        assert not (told[-1] or {}).get("error"), line
    status, faces, one, crop, decided, predicted, begun, releases = told
    assert status["you"] == {"annotator": "Ada", "role": "owner"}
    assert (len(faces["faces"]), faces["total"]) == (2, 12)
    assert faces["faces"][0]["quality"]["sharpness"] >= faces["faces"][1]["quality"]["sharpness"]
    assert one["face_id"] == served.face
    assert crop is None
    assert (tmp_path / "mouth.png").read_bytes().startswith(b"\x89PNG")
    assert decided["results"][0]["status"] in ("saved", "repeat")
    assert predicted["faces"] + predicted["repeats"] == 1
    assert begun["name"] == "train_val_data"
    assert "releases" in releases
