"""Collect, Labelled data set: what is recognised, whose name labels may have, and what the job is started with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from db.tables.annotators import ensure_annotator
from db.tables.jobs import start_job
from pages._collect import data_set
from pages._server import identity, jobs, workspace
from pipeline.cli.arguments import build_parser
from pipeline.core.errors import UsageError

PAGE = str(Path(__file__).resolve().parents[3] / "pages" / "collect.py")


@pytest.fixture
def lines(empty: Path, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The command lines that pages start; nothing runs."""
    found: list[list[str]] = []

    def spawn(command: list[str], *_: Any) -> Any:
        found.append(command)
        return type("Child", (), {"poll": lambda self: None, "returncode": None})()

    monkeypatch.setattr(jobs, "_spawn", spawn)
    monkeypatch.setattr(identity, "identify", lambda *_: "Ann")
    return found


def test_a_folder_is_recognised_and_started_as_it_was_chosen(lines: list[list[str]], tmp_path: Path) -> None:
    (tmp_path / "-mine" / "smile").mkdir(parents=True)
    (tmp_path / "-mine" / "smile" / "a.jpg").write_bytes(b"x")
    page = AppTest.from_file(PAGE, default_timeout=60)
    page.session_state["way"] = "dataset"
    page.run()
    page.text_input(key="dataset-path").set_value(str(tmp_path / "-mine")).run()
    assert any("Recognised as class folders" in one.value for one in page.markdown)
    page.text_input(key="dataset-whose--mine").set_value("-Set").run()
    page.checkbox(key="dataset-make").check()
    page.text_input(key="dataset-line").set_value("faces")
    page.button(key="start-import").click().run()
    assert not page.exception
    (line,) = lines
    args = build_parser().parse_args(line[line.index("pipeline") + 1 :])
    assert (args.command, args.path, args.annotator, args.line) == ("import", tmp_path / "-mine", "-Set", "faces")
    assert (args.make_classes, args.mouths, args.copy, args.as_format) == (True, False, False, None)


@pytest.mark.usefixtures("lines")
def test_nobody_imports_in_another_person_s_name() -> None:
    store = workspace.get_store()
    for name in ("Ann", "Ben", "Faces 2024"):
        store.write(lambda db, name=name: ensure_annotator(db, name))  # type: ignore[misc]
    store.write(lambda db: start_job(db, "import", {"labels_of": "Faces 2024"}, annotator="Ann"))
    for allowed in ("Ann", "somebody new", "faces 2024"):
        data_set.check_name(allowed, "Ann")
    for name in ("Ben", "ben"):
        with pytest.raises(UsageError, match="Ben is a person of this workspace"):
            data_set.check_name(name, "Ann")
