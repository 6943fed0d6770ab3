"""docs/notebook.ipynb, run from its first cell to its last on a workspace of real photos."""

from __future__ import annotations

import json
import shutil
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import pytest

from tests.api.conftest import Served
from tests.pipeline.commands import ROOT, call_json

NOTEBOOK: Final = ROOT / "docs" / "notebook.ipynb"


def test_it_is_kept_without_what_it_printed() -> None:
    cells = [cell for cell in json.loads(NOTEBOOK.read_text("utf-8"))["cells"] if cell["cell_type"] == "code"]
    assert len(cells) >= 10
    assert not [cell for cell in cells if cell["outputs"] or cell["execution_count"]]


@pytest.mark.skipif(
    find_spec("nbclient") is None or find_spec("ipykernel") is None,
    reason="nbclient and ipykernel are not installed: docs/notebook.ipynb was not run (tests/api/requirements.txt)",
)
def test_it_runs_beside_a_server(served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import nbformat
    from nbclient import NotebookClient

    monkeypatch.setenv("MOUE_WORKSPACE", str(served.root))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    shutil.copy(NOTEBOOK, tmp_path / "notebook.ipynb")
    notebook = nbformat.read(tmp_path / "notebook.ipynb", as_version=4)
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(tmp_path)}}).execute()
    told = [printed(cell) for cell in notebook.cells if cell.cell_type == "code"]
    assert told[0].endswith("('none', 'pout', 'smile', 'openmouth'))")
    assert "((8, 64, 64, 3), dtype('uint8'))" in told
    assert "(12, 0, 12)" in told
    assert any("['none', 'openmouth', 'pout', 'smile']" in text for text in told)
    figures = call_json("status", "--workspace", served.root)
    assert figures["accepted"] == figures["faces"] == 12


def printed(cell: Any) -> str:
    return "".join(out.get("data", {}).get("text/plain", "") for out in cell.outputs)
