"""Labels that wait for a person: near copies, and faces that a release calls otherwise."""

from __future__ import annotations

import csv
import hashlib
from pathlib import Path

import pytest

from db.reads import import_doubts
from db.store.store import Store
from pipeline.__main__ import main
from pipeline.actions.imports.run import leave, take
from tests.pipeline.actions.imports.importing import rows, run, told

SMILES = "SELECT count(*) FROM decisions d JOIN classes c ON c.id = d.class_id WHERE c.name = 'smile'"


def test_a_new_picture_that_looks_like_a_known_one_is_a_doubt(
    data_set: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tmp_path / "w", data_set) == 0
    other = tmp_path / "copies" / "smile"
    other.mkdir(parents=True)
    data = (data_set / "train" / "none" / "0.jpg").read_bytes()
    (other / "copy.jpg").write_bytes(data + b"\0")  # other bytes, the same picture
    capsys.readouterr()
    assert run(tmp_path / "w", tmp_path / "copies") == 1
    done = told(capsys)
    (doubt,) = done["doubts"]  # type: ignore[misc]
    assert doubt["params"]["place"] == "smile/copy.jpg"
    assert "labelled “none”" in doubt["text"]
    assert (done["saved"], done["added"]) == (0, 1)
    assert rows(tmp_path / "w", SMILES) == [(2,)]
    for _ in range(2):  # also when it comes again, and after somebody left it
        assert run(tmp_path / "w", tmp_path / "copies") in (0, 1)
        assert told(capsys)["saved"] == 0
        with Store.open(tmp_path / "w") as store:
            (waiting,) = store.read(import_doubts.open_doubts) or [None]
            if waiting is not None:
                assert (waiting.doubt.label, waiting.other_label, waiting.agrees) == ("smile", "none", False)
                leave(store, [waiting.doubt.face_id])
            assert store.read(import_doubts.open_doubts) == []
    assert run(tmp_path / "w", tmp_path / "copies", "--take-doubts") == 0
    assert told(capsys)["saved"] == 1
    assert rows(tmp_path / "w", SMILES) == [(3,)]


def test_a_doubt_that_is_taken_is_its_annotator_s_decision_and_its_split(
    data_set: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tmp_path / "w", data_set) == 0
    other = tmp_path / "copies" / "val" / "smile"
    other.mkdir(parents=True)
    (other / "copy.jpg").write_bytes((data_set / "train" / "none" / "0.jpg").read_bytes() + b"\0")
    assert run(tmp_path / "w", tmp_path / "copies", annotator="Set") == 1
    capsys.readouterr()
    sha256 = hashlib.sha256((other / "copy.jpg").read_bytes()).hexdigest()
    with Store.open(tmp_path / "w") as store:
        (waiting,) = store.read(import_doubts.open_doubts)
        assert waiting.doubt.sha256 == sha256
        assert take(store, [waiting.doubt.face_id]).saved == 1
        assert store.read(import_doubts.kept) == []
    sql = f"SELECT d.annotator, c.name FROM decisions d JOIN classes c ON c.id = d.class_id WHERE sha256 = '{sha256}'"
    assert rows(tmp_path / "w", sql) == [("Set", "smile")]
    assert rows(tmp_path / "w", "SELECT sha256, split FROM placements WHERE line = 'copies'") == [(sha256, "val")]


def test_an_erased_photo_is_neither_in_doubts_nor_in_the_report(
    data_set: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tmp_path / "w", data_set) == 0
    other = tmp_path / "copies" / "smile"
    other.mkdir(parents=True)
    (other / "private.jpg").write_bytes((data_set / "train" / "none" / "0.jpg").read_bytes() + b"\0")
    assert run(tmp_path / "w", tmp_path / "copies") == 1
    meta = "SELECT count(*) FROM meta WHERE value LIKE '%private%'"
    assert rows(tmp_path / "w", meta) == [(2,)]
    sha256 = hashlib.sha256((other / "private.jpg").read_bytes()).hexdigest()
    assert main(["erase", sha256, "--workspace", str(tmp_path / "w")]) == 0
    assert rows(tmp_path / "w", meta) == [(0,)]
    capsys.readouterr()


def released(data_set: Path, tmp_path: Path) -> Path:
    """A release of the data set, made in a workspace of its own."""
    assert run(tmp_path / "w", data_set) == 0
    root = tmp_path / "given-1"
    words = ["--workspace", str(tmp_path / "w"), "--out", str(root), "--name", "given", "--val", "0.5"]
    assert main(["export", *words]) == 0
    return root


@pytest.mark.long_but(1)
@pytest.mark.parametrize(("moved", "codes"), [(0.0, ["import_other_id"]), (900.0, ["import_face_elsewhere"])])
def test_a_release_with_other_face_ids_is_told_of_each(
    data_set: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], moved: float, codes: list[str]
) -> None:
    root = released(data_set, tmp_path)
    assert main(["ingest", str(data_set), "--workspace", str(tmp_path / "other")]) == 0
    with (root / "manifest.csv").open(newline="", encoding="utf-8") as stream:
        table = list(csv.DictReader(stream))
    for row in table:
        row["face_id"] = "f" * 32
        row |= {key: str(float(row[key]) + moved) for key in ("box_x1", "box_x2")}
    with (root / "manifest.csv").open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, table[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(table)
    capsys.readouterr()
    assert run(tmp_path / "other", root, annotator="Bob") == (1 if moved else 0)
    done = told(capsys)
    said = [*done["notes"], *done["unmatched"]]  # type: ignore[misc]
    assert sorted(one["code"] for one in said) == codes * 8
    assert done["saved"] == (0 if moved else 8)


def test_the_only_face_under_another_id_waits_where_no_place_is_told(
    data_set: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["ingest", str(data_set), "--workspace", str(tmp_path / "w")]) == 0
    photo = data_set / "train" / "none" / "0.jpg"
    sha256 = hashlib.sha256(photo.read_bytes()).hexdigest()
    table = tmp_path / "table"
    table.mkdir()
    (table / "a.jpg").write_bytes(photo.read_bytes())
    (table / "x.csv").write_text(f"file,class,image_sha256,face_id\na.jpg,smile,{sha256},{'e' * 32}\n")
    capsys.readouterr()
    assert run(tmp_path / "w", table) == 1
    done = told(capsys)
    assert [one["code"] for one in done["doubts"]] == ["import_only_face"]  # type: ignore[attr-defined]
    assert done["saved"] == 0
