"""`decide`, `export` and `verify` as a script calls them."""

from __future__ import annotations

import json
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.db.behind import behind_moue
from tests.pipeline.commands import call, call_json, inside, inside_json, one_line, rows
from tests.pipeline.conftest import Mixed
from tests.pipeline.photos import bgr_of

HEADER = "sha256,face_id,verdict,label,reason\n"
CLASSES = ["none", "pout", "smile", "openmouth"]
Faces = list[tuple[str, str]]


@pytest.fixture
def workspace(heads: Path, tmp_path: Path) -> Path:
    """An own copy of the workspace with twelve undecided faces."""
    shutil.copytree(heads, tmp_path / "w")
    return tmp_path / "w"


def decide(workspace: Path, text: str, *words: object, name: str = "d.csv", annotator: str = "Ann") -> Any:
    file = workspace.parent / name
    file.write_text(text, encoding="utf-8")
    return inside("decide", file, "--annotator", annotator, "--workspace", workspace, *words)


def status(workspace: Path) -> dict[str, Any]:
    done: dict[str, Any] = json.loads(inside("status", "--workspace", workspace, "--json").stdout)
    return done


def all_accepted(faces: Faces) -> str:
    """Three faces a class."""
    return HEADER + "".join(f",{face},accept,{CLASSES[n % 4]},\n" for n, (face, _) in enumerate(faces))


def test_accept_reject_unsure(workspace: Path, faces: Faces) -> None:
    (one, _), (two, _), (three, sha) = faces[:3]
    file = workspace.parent / "d.csv"
    file.write_text(HEADER + f",{one},accept,smile,\n,{two},reject,,blurred\n{sha},,unsure,,\n", encoding="utf-8")
    done = call("decide", file, "--annotator", "Ann", "--workspace", workspace, "--json")
    assert done.returncode == 0
    assert json.loads(done.stdout) == {"decisions": 3, "repeats": 0, "refused": [], "differs": []}
    found = status(workspace)
    assert (found["decisions"], found["accepted"], found["rejected"], found["unsure"]) == (3, 1, 1, 1)
    assert found["labels"]["smile"] == 1
    sql = "SELECT face_id, annotator, verdict, reason FROM decisions ORDER BY seq"
    assert rows(workspace, sql) == [
        (one, "Ann", "accept", None), (two, "Ann", "reject", "blurred"), (three, "Ann", "unsure", None)]  # fmt: skip


def test_a_repeat_changes_nothing_and_somebody_elses_counts(workspace: Path, faces: Faces) -> None:
    face = faces[0][0]
    text = HEADER + f",{face},accept,smile,\n"
    assert decide(workspace, text).returncode == 0
    log = rows(workspace, "SELECT * FROM decisions")
    again = decide(workspace, text, "--json")
    figures = {"decisions": 0, "repeats": 1, "refused": [], "differs": []}
    assert (again.returncode, json.loads(again.stdout)) == (0, figures)
    assert rows(workspace, "SELECT * FROM decisions") == log
    bobs = HEADER + f",{face},accept,pout,\n"
    stopped = decide(workspace, bobs, "--json", annotator="Bob")
    assert stopped.returncode == 1
    (line,) = json.loads(stopped.stdout)["differs"]
    assert line in stopped.stderr
    assert "Ann" in line
    assert "--overrule" in stopped.stderr
    kept = rows(workspace, "SELECT annotator, unseen FROM decisions")
    assert (kept[:1], kept[1][0], len(kept[1][1])) == ([("Ann", None)], "Bob", 36)
    assert status(workspace)["labels"]["smile"] == 1
    assert decide(workspace, bobs, annotator="Bob").returncode == 1
    assert len(rows(workspace, "SELECT * FROM decisions")) == 2
    assert decide(workspace, bobs, "--overrule", annotator="Bob").returncode == 0
    found = status(workspace)
    assert (found["decisions"], found["labels"]["smile"], found["labels"]["pout"]) == (3, 0, 1)  # the newest
    assert decide(workspace, text).returncode == 1  # an old file again does not bring the old verdict back
    assert status(workspace)["labels"]["pout"] == 1


def refused(workspace: Path, text: str) -> str:
    before = rows(workspace, "SELECT count(*) FROM decisions")
    done = decide(workspace, text, "--json")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    figures = json.loads(done.stdout)
    assert (figures["decisions"], len(figures["refused"])) == (0, 1)
    assert rows(workspace, "SELECT count(*) FROM decisions") == before
    assert figures["refused"][0] in done.stderr
    return str(figures["refused"][0])


def test_all_or_nothing(workspace: Path, faces: Faces) -> None:
    (face, sha), (other, _) = faces[:2]
    good = HEADER + f",{face},accept,smile,\n"
    for row, words in [
        (f"{sha},{face},accept,smile,", "exactly one"),
        (f",{other},accept,frown,", "'frown'"),
        (f",{other},accept,,", "label"),
        (f",{other},reject,,ugly", "'ugly'"),
        (f",{'0' * 32},accept,smile,", "no face"),
        (f"{'0' * 64},,accept,smile,", "unknown"),
    ]:
        problem = refused(workspace, good + row + "\n")
        assert problem.startswith("line 3: ")
        assert words in problem


def test_an_image_of_no_face_or_of_many_is_refused(mixed: Mixed, tmp_path: Path) -> None:
    shutil.copytree(mixed.workspace, tmp_path / "w")
    ((none,),) = rows(tmp_path / "w", "SELECT sha256 FROM images WHERE outcome = 'no_face'")
    assert "no face" in refused(tmp_path / "w", f"sha256,verdict\n{none},unsure\n")
    ((sha, face),) = rows(tmp_path / "w", "SELECT sha256, id FROM faces ORDER BY id LIMIT 1")
    db = behind_moue(tmp_path / "w")
    columns = [
        name for (name,) in db.execute("SELECT name FROM pragma_table_info('faces')") if name not in ("seq", "id")
    ]
    listed = ", ".join(columns)
    db.execute(f"INSERT INTO faces (id, {listed}) SELECT ?, {listed} FROM faces WHERE id = ?", ["f" * 32, face])
    db.commit()
    db.close()
    assert "2 faces" in refused(tmp_path / "w", f"sha256,verdict\n{sha},unsure\n")


@pytest.mark.parametrize("text", ["", "face,what\n", "\udcff"])
def test_a_file_that_is_no_decision_file_is_usage(workspace: Path, text: str) -> None:
    (workspace.parent / "d.csv").write_bytes(text.encode("utf-8", "surrogateescape"))
    done = inside("decide", workspace.parent / "d.csv", "--annotator", "Ann", "--workspace", workspace)
    assert (done.returncode, done.stdout) == (2, "")
    assert one_line(done.stderr)
    assert "d.csv" in done.stderr


@pytest.mark.parametrize("annotator", ["", "  ", "x" * 41, "a\x07b"])
def test_a_name_that_is_none_is_usage(workspace: Path, faces: Faces, annotator: str) -> None:
    done = decide(workspace, HEADER + f",{faces[0][0]},unsure,,\n", annotator=annotator)
    assert done.returncode == 2
    assert one_line(done.stderr)
    assert rows(workspace, "SELECT count(*) FROM decisions") == [(0,)]


def tree(root: Path) -> dict[str, bytes]:
    return {p.relative_to(root).as_posix(): p.read_bytes() for p in sorted(root.rglob("*")) if p.is_file()}


def test_export_from_decisions_to_folders(workspace: Path, faces: Faces, tmp_path: Path) -> None:
    assert decide(workspace, all_accepted(faces)).returncode == 0
    out = tmp_path / "deep" / "train_val_data"
    figures = call_json("export", "--out", out, "--val", "0.3", "--workspace", workspace)
    assert figures["files"] == 12
    assert {name for split in figures["counts"].values() for name in split} == set(CLASSES)
    for split in ("train", "val"):
        for name in CLASSES:
            files = list((out / split / name).iterdir())
            assert len(files) == figures["counts"][split][name] >= 1
            assert {f.suffix for f in files} == {".png"}
    labels = {face: CLASSES[n % 4] for n, (face, _) in enumerate(faces)}
    for face, sha in faces:
        (file,) = out.glob(f"*/{labels[face]}/{sha[:16]}_{face[:8]}.png")
        crop = workspace / "crops" / face[:2] / f"{face}.png"
        assert file.read_bytes() == crop.read_bytes()
        with Image.open(file) as image:
            assert image.size == bgr_of(file).shape[1::-1]
    assert rows(workspace, "SELECT name, path FROM releases") == [("train_val_data", str(out))]

    again = inside("export", "--out", out, "--val", "0.3", "--workspace", workspace)
    assert (again.returncode, again.stdout) == (1, "")
    assert "--overwrite" in again.stderr
    before = tree(out)
    inside_json("export", "--out", out, "--val", "0.3", "--workspace", workspace, "--overwrite")
    assert tree(out) == before
    (out / "train" / "smile" / "mine.txt").write_text("mine")
    assert inside("export", "--out", out, "--workspace", workspace, "--overwrite").returncode == 1
    assert (out / "train" / "smile" / "mine.txt").exists()


def test_two_workspaces_give_the_same_bytes(workspace: Path, heads: Path, faces: Faces, tmp_path: Path) -> None:
    """Decided in another order, by another person, at another time."""
    assert decide(workspace, all_accepted(faces)).returncode == 0
    shutil.copytree(heads, tmp_path / "v")
    lines = all_accepted(faces).splitlines()
    for n, some in enumerate((lines[7:], lines[1:7])):
        assert decide(tmp_path / "v", HEADER + "\n".join(some) + "\n", name=f"{n}.csv", annotator="Bo").returncode == 0
    for name in ("w", "v"):
        line = ("--workspace", tmp_path / name, "--seed", 5, "--name", "data")
        assert inside("export", "--out", tmp_path / f"out {name}", *line).returncode == 0
    one, other = tree(tmp_path / "out w"), tree(tmp_path / "out v")
    said, of_other = (json.loads(files.pop("release.json")) for files in (one, other))
    assert one == other
    assert sum(path.endswith(".png") for path in one) == 12
    for own in ("head", "sha256"):  # who decided when is chained in there; the file's sum is over it
        assert said.pop(own) != of_other.pop(own)
    assert said == of_other


def test_a_short_class_is_refused_and_named(workspace: Path, faces: Faces, tmp_path: Path) -> None:
    text = all_accepted(faces).replace("accept,pout,", "reject,,")
    assert decide(workspace, text).returncode == 0
    done = inside("export", "--out", tmp_path / "out", "--workspace", workspace, "--json")
    assert (done.returncode, done.stdout) == (1, "")
    assert "class “pout” has no accepted face" in done.stderr
    assert "smile" not in done.stderr
    assert not (tmp_path / "out").exists()
    assert rows(workspace, "SELECT count(*) FROM releases") == [(0,)]


def findings(workspace: Path) -> list[str]:
    done = inside("verify", "--workspace", workspace, "--json")
    found: list[str] = json.loads(done.stdout)["findings"]
    assert done.returncode == (1 if found else 0)
    return found


def test_verify_finds_what_was_tampered_with(workspace: Path, faces: Faces) -> None:
    assert decide(workspace, all_accepted(faces)).returncode == 0
    assert findings(workspace) == []
    (one, _), (two, _), (_, sha) = faces[:3]
    (workspace / "crops" / one[:2] / f"{one}.png").unlink()
    (workspace / "crops" / two[:2] / f"{two}.png").write_bytes(b"other")
    next((workspace / "originals").rglob(f"{sha}.*")).write_bytes(b"other")
    found = findings(workspace)
    assert len(found) == 3
    assert any(one in line and "gone" in line for line in found)
    assert any(two in line and "changed" in line for line in found)
    assert any(sha in line and "changed" in line for line in found)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE decisions SET annotator = 'Bob' WHERE seq = 3",
        "UPDATE decisions SET class_id = 2 WHERE seq = 5",
        "UPDATE decisions SET at = '2020-01-01T00:00:00.000Z' WHERE seq = 1",
        "DELETE FROM decisions WHERE seq = 4",
        "UPDATE face_state SET class_id = 2 WHERE class_id = 3",
        "DELETE FROM face_state WHERE seq = 1",
    ],
)
def test_verify_finds_a_changed_log(workspace: Path, faces: Faces, sql: str) -> None:
    """By somebody who dropped the triggers."""
    assert decide(workspace, all_accepted(faces)).returncode == 0
    db = behind_moue(workspace)
    if "decisions" in sql:
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            db.execute(sql)
    db.execute("DROP TRIGGER decisions_no_update")
    db.execute("DROP TRIGGER decisions_no_delete")
    db.execute("INSERT OR IGNORE INTO annotators VALUES ('Bob', '')")
    assert db.execute(sql).rowcount > 0
    db.commit()
    db.close()
    assert findings(workspace)


def test_backup_and_restore(workspace: Path, faces: Faces, tmp_path: Path) -> None:
    assert decide(workspace, all_accepted(faces)).returncode == 0
    assert inside("backup", tmp_path / "b.db", "--workspace", workspace).returncode == 0
    assert inside("backup", tmp_path / "b.db", "--workspace", workspace).returncode == 2  # nothing is overwritten
    (workspace / "moue.db").rename(tmp_path / "lost.db")
    for name in ("moue.db-wal", "moue.db-shm"):
        (workspace / name).unlink(missing_ok=True)
    assert inside("restore", tmp_path / "b.db", "--workspace", workspace).returncode == 0
    assert status(workspace)["accepted"] == 12
    assert findings(workspace) == []
    assert inside("restore", tmp_path / "b.db", "--workspace", workspace).returncode in (1, 2)
