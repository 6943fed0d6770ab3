"""What lies in a workspace, a release or a data set is opened by `regular` alone: a pipe there would be waited for."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.source.parsed import parsed

ROOT: Final = Path(__file__).resolve().parents[4]
ELSEWHERE: Final = {
    # what somebody names at the command line or on a page: a pipe there is wished for (`decide <(…)`), or was looked at
    "pipeline/actions/suggest/classifier.py", "pipeline/files/person_file.py", "pipeline/files/decision_file.py",
    "pipeline/files/text_encoding.py", "pipeline/crawl/results_page.py", "pipeline/crawl/keywords.py",
    "pipeline/crawl/url_list.py", "pipeline/cli/suggest/predictions.py", "pages/_collect/typed_path.py",
    # what lies beside the code
    "pages/_server/upkeep/page_imports.py",
    "pipeline/crawl/engines/window.py", "pipeline/run/dask_worker.py", "pages/_ui/head.py", "pages/_shell.py",
    "pages/_components/_loader.py", "pages/_components/bookmarklet/__init__.py",
    "pages/_components/server_watch/__init__.py", "pages/_components/streamlit_labels/__init__.py",
    "pages/_words/__init__.py", "pages/_web/headers.py", "pages/_web/streamlit_files.py",
    "models/yunet.py", "models/weights.py",
    # what was written, or asked for as a file, just before; what is behind a URL
    "pipeline/export/pictures/source.py", "pipeline/export/tree.py",
    "pipeline/export/zip_folder.py", "pipeline/files/upload.py", "pipeline/sources/samples.py",
    "pipeline/files/remote.py", "db/store/backup.py", "db/store/log_damage.py", "pages/_server/jobs.py",
    "pages/_server/exports/runs.py",
    "pages/_server/upkeep/background_process.py", "pages/_routes/_parts.py",
}  # fmt: skip


def readings(code: str) -> Iterator[str]:
    """The calls that open a file by its name for reading."""
    for node in ast.walk(parsed(code)):
        if not isinstance(node, ast.Call):
            continue
        given = [one.value for one in node.args if isinstance(one, ast.Constant)] + [
            one.value.value for one in node.keywords if isinstance(one.value, ast.Constant) and one.arg == "mode"
        ]
        modes = [one for one in given if isinstance(one, str) and set(one) <= set("rwaxbt+")]
        reads = not modes or any("r" in one for one in modes)
        aside = {one.arg for one in node.keywords} & {"opener"}
        match node.func:
            case ast.Name("open") if reads and not aside:
                yield ast.unparse(node)
            case ast.Attribute(_, "open") if any("r" in one for one in modes) or (not node.args and node.keywords):
                yield ast.unparse(node)
            case ast.Attribute(_, "read_bytes" | "read_text") if len(node.args) < 3:
                yield ast.unparse(node)


def test_nothing_opens_such_files_by_itself() -> None:
    found = {
        path.relative_to(ROOT).as_posix(): list(readings(path.read_text()))
        for package in ("pipeline", "db", "pages", "models")
        for path in sorted((ROOT / package).rglob("*.py"))
    }
    assert {name: calls for name, calls in found.items() if calls and name not in ELSEWHERE} == {}
    assert {name for name in ELSEWHERE if not found[name]} == set()


@pytest.mark.parametrize(
    ("code", "number"),
    [
        ('open(path, "rb")', 1), ("open(path)", 1), ('open(path, mode="r")', 1), ('open(path, "wb")', 0),
        ('open(path, "rb", opener=only_regular)', 0), ('path.open("rb")', 1), ("path.open(encoding=e)", 1),
        ('path.open("xb")', 0), ("path.read_bytes()", 1), ("open_regular(path)", 0), ("Store.open(root)", 0),
    ],
)  # fmt: skip
def test_what_counts_as_opening(code: str, number: int) -> None:
    assert len(list(readings(code))) == number
