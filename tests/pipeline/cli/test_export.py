"""`export --licence` as a script calls it."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import pytest

from db.decisions.log import apply_ops
from db.decisions.ops import DecideOp
from db.store.store import Db, Store
from db.tables import provenance
from pipeline.core.records import Provenance, Verdict
from tests.db.decisions.test_confirmed import add_model
from tests.db.make import new_uuid
from tests.pipeline.commands import call_json, inside, rows

CLASSES = ("none", "pout", "smile", "openmouth")
BY = "CC BY 4.0"


@pytest.fixture
def workspace(heads: Path, faces: list[tuple[str, str]], tmp_path: Path) -> Path:
    """Twelve accepted faces of twelve photos, three a class; a place on the web told a licence of all but the last
    four, which are one of each class."""
    root, file = tmp_path / "w", tmp_path / "d.csv"
    shutil.copytree(heads, root)
    lines = [f",{face},accept,{CLASSES[n % 4]}," for n, (face, _) in enumerate(faces)]
    file.write_text("\n".join(["sha256,face_id,verdict,label,reason", *lines]) + "\n", encoding="utf-8")
    assert inside("decide", file, "--annotator", "Ann", "--workspace", root).returncode == 0
    places = dict(rows(root, "SELECT sha256, location FROM sightings WHERE outcome = 'added'"))
    (source,) = {row[0] for row in rows(root, "SELECT source_id FROM sightings")}
    told = Provenance("https://img.example/1.jpg", licence=BY)
    with Store.open(root) as store:
        for _, sha in faces[:8]:
            store.write(lambda db, sha=sha: provenance.put(db, source, places[sha], told, "2026-03-01T00:00:00.000Z"))
    return root


def files_of(out: Path) -> set[str]:
    return {path.name for path in out.rglob("*.png")}


def test_only_photos_under_a_licence(workspace: Path, faces: list[tuple[str, str]], tmp_path: Path) -> None:
    out = tmp_path / "out"
    words = ("export", "--val", "0.5", "--licence", BY, "--workspace", workspace)
    figures = call_json(*words, "--out", out)
    assert files_of(out) == {f"{sha[:16]}_{face[:8]}.png" for face, sha in faces[:8]}
    assert (figures["files"], figures["left_out"], figures["under_other_licences"]) == (8, 0, {"unknown": 4})
    with (out / "attribution.csv").open(newline="", encoding="utf-8") as stream:
        assert {row["licence"] for row in csv.DictReader(stream)} == {BY}
    ((params,),) = rows(workspace, "SELECT params FROM releases")
    assert json.loads(params)["licences"] == [BY]
    done = inside(*words, "--out", tmp_path / "again")
    assert done.stdout == f"8 crops in {tmp_path / 'again'}; left out under other licences: unknown (4)\n"
    assert done.stderr == ""


def test_repeated_and_with_a_licence_that_none_has(workspace: Path, tmp_path: Path) -> None:
    words = ("--licence", BY, "--licence", "CC0 1.0", "--licence", "unknown")
    done = inside("export", "--out", tmp_path / "out", "--val", "0.5", *words, "--workspace", workspace)
    assert (done.returncode, done.stdout) == (0, f"12 crops in {tmp_path / 'out'}\n")
    assert done.stderr == f"no accepted face is under the licence 'CC0 1.0'; there are: {BY} (8), unknown (4)\n"
    every = inside("export", "--out", tmp_path / "all", "--val", "0.5", "--workspace", workspace)
    assert every.returncode == 0
    assert files_of(tmp_path / "all") == files_of(tmp_path / "out")


def test_a_slip_of_the_pen_exports_nothing(workspace: Path, tmp_path: Path) -> None:
    done = inside("export", "--out", tmp_path / "out", "--licence", "CC-BY 4.0", "--workspace", workspace, "--json")
    assert (done.returncode, done.stdout) == (1, "")
    assert "under the licence 'CC-BY 4.0'" in done.stderr
    assert not (tmp_path / "out").exists()


def test_what_was_confirmed_by_page_may_stay_here(
    workspace: Path, faces: list[tuple[str, str]], tmp_path: Path
) -> None:
    said = {"confirmed": {"suggester": "moue", "version": 2, "probability": 0.9712}}
    by_page = faces[:4]

    def confirm(db: Db) -> None:
        add_model(db, 2)
        ids = [
            db.execute("SELECT class_id FROM face_state WHERE face_id = ?", [face]).fetchone()[0] for face, _ in by_page
        ]
        ops = [
            DecideOp(new_uuid(), "page", face, sha, Verdict.ACCEPT, class_id, context=said)
            for (face, sha), class_id in zip(by_page, ids, strict=True)
        ]
        assert {result.status for result in apply_ops(db, "Ann", ops)} == {"saved"}

    with Store.open(workspace) as store:
        store.write(confirm)
    words = ("export", "--val", "0.5", "--workspace", workspace)
    assert call_json(*words, "--out", tmp_path / "all")["files"] == 12
    with (tmp_path / "all" / "manifest.csv").open(newline="", encoding="utf-8") as stream:
        marked = {row["face_id"] for row in csv.DictReader(stream) if row["confirmed"] == "moue 2 0.9712"}
    assert marked == {face for face, _ in by_page}
    figures = call_json(*words, "--leave-out-confirmed", "--out", tmp_path / "looked_at")
    assert (figures["files"], figures["confirmed_left_out"]) == (8, 4)
    assert files_of(tmp_path / "looked_at") == {f"{sha[:16]}_{face[:8]}.png" for face, sha in faces[4:]}


def test_train_val_and_test_then_folds_and_what_moves_is_told(workspace: Path, tmp_path: Path) -> None:
    words = ("export", "--out", tmp_path / "set", "--workspace", workspace, "--overwrite")
    figures = call_json(*words, "--val", "0.3", "--test", "0.3")
    assert {split: sum(of.values()) for split, of in figures["counts"].items()} == {"train": 4, "val": 4, "test": 4}
    assert sorted(path.name for path in (tmp_path / "set").iterdir() if path.is_dir()) == ["test", "train", "val"]
    assert [one for one in figures["moved"] if one["placed"]] == []
    placed = dict(rows(workspace, "SELECT sha256, split FROM placements WHERE line = 'set'"))
    assert len(placed) == 12
    again = call_json(*words, "--val", "0.3", "--test", "0.3", "--seed", "7")
    assert again["digest"] == figures["digest"]  # the seed says nothing of photos that were placed
    done = inside(*words, "--folds", "3")
    told = [line for line in done.stdout.splitlines() if line.startswith("moved: ")]
    assert len(told) == 12
    assert all("as there is no" in line and " → fold" in line for line in told)
    assert {path.name for path in (tmp_path / "set").iterdir() if path.is_dir()} == {"fold1", "fold2", "fold3"}
    now = dict(rows(workspace, "SELECT sha256, split FROM placements WHERE line = 'set' AND since = 3"))
    assert now.keys() == placed.keys()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--test", "0.9"), "leave nothing for train"),
        (("--test", "0.1", "--folds", "3"), "not allowed with argument"),
        (("--folds", "1"), "between 2 and 20"),
        (("--folds", "4"), "too few for 4 splits"),
    ],
)
def test_splits_that_cannot_be_are_refused(workspace: Path, tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    done = inside("export", "--out", tmp_path / "set", "--workspace", workspace, *words)
    assert done.returncode in (1, 2)
    assert said in done.stderr
    assert not (tmp_path / "set").exists()
