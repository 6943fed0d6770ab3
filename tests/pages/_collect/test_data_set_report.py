"""What Collect shows of the last import, and what is done with the labels that wait."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from db.reads import import_doubts
from pages._collect import data_set_report
from pages._server import identity, workspace
from pipeline.__main__ import main
from pipeline.core.errors import MoueError
from pipeline.core.messages import message

LABELS = (
    "SELECT d.annotator, c.name FROM decisions d JOIN classes c ON c.id = d.class_id WHERE d.step NOT NULL ORDER BY seq"
)


def script() -> None:
    from pages._collect import data_set_report

    data_set_report.show()  # AppTest runs this text alone


@pytest.fixture
def imported(empty: Path, astronaut_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One photo labelled `smile`; then, as <Set>, two that look like it, called `smile` and `none`, and a half one."""
    data = astronaut_path.read_bytes()
    first, second = tmp_path / "first" / "smile", tmp_path / "<second>"
    first.mkdir(parents=True)
    (first / "a.png").write_bytes(data)
    for label, tail in (("smile", b"\0"), ("none", b"\0\0")):
        (second / label).mkdir(parents=True)
        (second / label / f"{label}.png").write_bytes(data + tail)
    (second / "none" / "half.png").write_bytes(data[: len(data) // 2])
    assert main(["import", str(tmp_path / "first"), "--annotator", "Set", "--workspace", str(empty)]) == 0
    assert main(["import", str(second), "--annotator", "<Set>", "--workspace", str(empty)]) == 1
    monkeypatch.setattr(identity, "identify", lambda *_: "Ann")
    return empty


def shown() -> AppTest:
    page = AppTest.from_function(script, default_timeout=30).run()
    assert not page.exception
    return page


def texts(page: AppTest) -> str:
    return "\n".join(str(one.value) for kind in ("markdown", "caption", "subheader") for one in page.get(kind))


def labels() -> list[tuple[str, str]]:
    return workspace.get_store().read(lambda db: db.execute(LABELS).fetchall())


def waiting() -> dict[str, str]:
    """Face by label."""
    return {one.doubt.label: one.doubt.face_id for one in workspace.get_store().read(import_doubts.open_doubts)}


@pytest.mark.usefixtures("empty")
def test_nothing_before_the_first_import() -> None:
    assert not list(shown().main.children.values())


@pytest.mark.usefixtures("imported")
def test_it_says_what_came_of_it_and_what_was_not_taken() -> None:
    page = shown()
    said = texts(page)
    assert r"\<second\>" in said
    assert r"labels of \<Set\>" in said
    assert "Labels that wait for your word · 2" in said
    assert r"- none/half\.png\:" in said
    (table,) = [one.proto.body for one in page.get("html") if "What it came to" in one.proto.body]
    assert "<second>" not in table
    told = dict(re.findall(r"<t[hd][^>]*>([^<]+)</t[hd]><td[^>]*>([^<]+)</td>", table))
    assert told["New photos"] == "2"
    assert told["Labels taken as decisions"] == "0"
    assert told["Labels that wait for your word"] == "2"
    assert told["Not taken"] == "1"


@pytest.mark.usefixtures("imported")
def test_labels_of_the_same_class_are_taken_at_once_and_others_one_by_one() -> None:
    faces = waiting()
    page = shown()
    assert "labelled “smile”" in texts(page)
    page.button(key="doubts-agree").click().run()
    assert not page.exception
    assert labels() == [("Set", "smile"), ("<Set>", "smile")]
    assert list(waiting()) == ["none"]
    page.button(key=f"doubt-take-{faces['none']}").click().run()
    assert labels()[2:] == [("<Set>", "none")]
    assert waiting() == {}
    assert "wait for your word ·" not in texts(page)


@pytest.mark.usefixtures("imported")
def test_what_is_left_becomes_no_decision() -> None:
    faces = waiting()
    page = shown()
    page.button(key=f"doubt-leave-{faces['smile']}").click().run()
    assert list(waiting()) == ["none"]
    page.button(key="doubts-leave").click().run()
    assert not page.exception
    assert waiting() == {}
    assert labels() == [("Set", "smile")]


@pytest.mark.usefixtures("imported")
def test_a_refusal_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(action: str) -> str:
        raise MoueError(message("file_empty"))

    page = shown()
    monkeypatch.setattr(data_set_report.permission, "require", refused)
    page.button(key="doubts-agree").click().run()
    assert len(page.error) == 1
    assert len(waiting()) == 2
