"""The command `suggest`, and what `status` says of suggestions."""

from __future__ import annotations

from pathlib import Path

import pytest

from db.store.store import Store
from tests.db.fresh import fresh
from tests.pipeline import commands
from tests.pipeline.actions.suggest.mouths import add_mouths, label


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Thirty faces without a label."""
    with Store.open(fresh(tmp_path / "w")) as store:
        add_mouths(store, 30)
    return tmp_path / "w"


def status(root: Path) -> dict[str, object]:
    found: dict[str, object] = commands.inside_json("status", "--workspace", root)["suggestions"]
    return found


def line(root: Path) -> str:
    out = commands.inside("status", "--workspace", root).stdout
    return next(one for one in out.splitlines() if one.startswith("suggestions"))


@pytest.mark.long
def test_it_trains_and_says_from_what(root: Path) -> None:
    assert line(root) == "suggestions none yet"
    assert status(root)["waiting"] == 30
    first = commands.inside_json("suggest", "--workspace", root)
    assert (first["name"], first["version"], first["kind"], first["labels"], first["faces"]) == (
        "moue", 1, "zero_label", 0, 30,
    )  # fmt: skip
    assert line(root) == "suggestions moue version 1, by the zero-label rule"
    with Store.open(root) as store:
        faces = [face for (face,) in store.read(lambda db: db.execute("SELECT id FROM faces ORDER BY seq").fetchall())]
        label(store, faces[:20], 2, 1)
    done = commands.call("suggest", "--workspace", root, "--background")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert line(root) == "suggestions moue version 2, learned from 20 labels"
    assert {**status(root), "made_at": ""} == {
        "on": True, "suggester": "moue", "version": 2, "kind": "learned", "made_at": "", "labels": 20, "waiting": 0,
    }  # fmt: skip


def test_it_is_switched_off_and_on(root: Path) -> None:
    commands.inside("suggest", "--workspace", root)
    assert commands.inside("suggest", "--off", "--workspace", root).stdout == "suggestions are off\n"
    assert line(root) == "suggestions off"
    assert commands.inside_json("suggest", "--on", "--workspace", root) == {
        "on": True, "suggester": "moue", "version": 1,
    }  # fmt: skip
    changed = commands.inside("audit", "--workspace", root).stdout
    assert changed.count("suggestions") >= 2


def test_a_suggester_that_is_none_is_refused_with_those_there_are(root: Path) -> None:
    commands.inside("suggest", "--workspace", root)
    done = commands.inside("suggest", "--show", "theirs", "--workspace", root)
    assert done.returncode == 2
    assert "theirs" in done.stderr
    assert "moue" in done.stderr
