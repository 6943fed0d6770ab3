"""`python -m pipeline predictions`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from db.store.store import Store
from db.tables import suggesters
from pipeline.__main__ import main
from tests.db.make import add_images


@pytest.fixture
def face(tmp_path: Path) -> str:
    with Store.open(tmp_path / "ws") as store:
        (face,) = add_images(store, ["a"])
    return face


def run(tmp_path: Path, text: str, *more: str) -> int:
    (tmp_path / "p.csv").write_text(text, "utf-8")
    return main(["predictions", str(tmp_path / "p.csv"), "--workspace", str(tmp_path / "ws"), *more])


def test_it_says_what_it_took(tmp_path: Path, face: str, capsys: pytest.CaptureFixture[str]) -> None:
    text = f"face_id,class,confidence\n{face},smile,0.9\n"
    assert run(tmp_path, text, "--suggester", "resnet", "--model-version", "2.1") == 0
    assert "1 faces have suggestions of resnet" in capsys.readouterr().out
    assert run(tmp_path, text, "--suggester", "resnet", "--model-version", "2.1", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told == {"suggester": "resnet", "version": 1, "faces": 0, "repeats": 1, "in_force": "moue", "refused": []}
    with Store.open(tmp_path / "ws") as store:
        rows = store.read(lambda db: db.execute("SELECT annotator, action, params FROM audit").fetchall())
    assert [(who, what, json.loads(params)["version"]) for who, what, params in rows] == [
        ("command line", "predictions", "2.1")
    ]


def test_what_it_brings_is_put_in_force_where_that_is_asked(
    tmp_path: Path, face: str, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = "face_id,class,confidence\n{},{},0.9\n"
    assert run(tmp_path, rows.format(face, "grin"), "--suggester", "resnet", "--use", "--json") == 1
    assert json.loads(capsys.readouterr().out)["in_force"] == "moue", "nothing was taken"
    assert run(tmp_path, rows.format(face, "smile"), "--suggester", "resnet", "--use") == 0
    assert "in force: resnet" in capsys.readouterr().out
    with Store.open(tmp_path / "ws") as store:
        assert store.read(suggesters.in_force) == "resnet"
        settings = store.read(lambda db: db.execute("SELECT params FROM audit WHERE action = 'setting'").fetchall())
    assert [json.loads(text) for (text,) in settings] == [{"name": "suggester", "value": "resnet"}]


def test_a_refused_row_is_listed_and_the_exit_code_says_so(
    tmp_path: Path, face: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tmp_path, f"face_id,class,confidence\n{face},grin,0.9\n", "--suggester", "resnet", "--json") == 1
    out, err = capsys.readouterr()
    assert json.loads(out)["refused"] == ["line 2: no class is called 'grin'; there are none, pout, smile, openmouth"]
    assert "nothing was taken: 1 rows are refused" in err


def test_wrong_calls(tmp_path: Path, face: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path, "x\n", "--suggester", "resnet") == 2
    assert run(tmp_path, f"face_id,class,confidence\n{face},smile,1\n", "--suggester", "Moue") == 2
    assert "what Moue itself suggests" in capsys.readouterr().err
    assert (
        main(["predictions", str(tmp_path / "gone.csv"), "--suggester", "x", "--workspace", str(tmp_path / "ws")]) == 2
    )
