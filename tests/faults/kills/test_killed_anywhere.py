"""kill -9 before each step on the file system: opened again the workspace is whole, or says what is unfinished."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import pytest

from tests.faults.kills.killed import Killer, sampled
from tests.faults.whole import REMOVE, ZIP, images, named, stems, tree, verified
from tests.pipeline.commands import ingest, inside, rows
from tests.pipeline.photos import numbered_head


@pytest.mark.long
def test_a_source_that_is_removed(killing: Killer, made: Path, tmp_path: Path) -> None:
    before = images(made / "w")
    shutil.copytree(made / "w", tmp_path / "undisturbed")
    whole = killing.run(tmp_path / "undisturbed", 1, code=REMOVE)
    assert whole.code == 0, whole.words
    after = images(tmp_path / "undisturbed")
    assert (len(before), len(after)) == (3, 1)
    left: list[int] = []
    for step in sampled(whole.steps):
        workspace = tmp_path / f"w{step}"
        shutil.copytree(made / "w", workspace)
        assert killing.run(workspace, 1, code=REMOVE, before=step).was_killed
        assert verified(workspace) == ""
        left.append(len(images(workspace)))
        assert images(workspace) in (before, after)
        assert stems(workspace) == named(workspace)  # no photo of it is left, none of the other is gone
    assert left == sorted(left, reverse=True)
    assert {left[0], left[-1]} == {3, 1}  # some of them before the commit, some between it and the last deletion


def test_a_photo_that_is_erased(killing: Killer, made: Path, tmp_path: Path) -> None:
    sha256 = hashlib.sha256(numbered_head(3)).hexdigest()
    shutil.copytree(made / "w", tmp_path / "undisturbed")
    whole = killing.run("erase", sha256, "--workspace", tmp_path / "undisturbed")
    assert whole.code == 0, whole.words
    left: list[bool] = []
    for step in sampled(whole.steps):
        workspace = tmp_path / f"w{step}"
        shutil.copytree(made / "w", workspace)
        assert killing.run("erase", sha256, "--workspace", workspace, before=step).was_killed
        assert verified(workspace) == ""
        assert stems(workspace) == named(workspace)
        left.append(sha256 in images(workspace))
        assert inside("erase", sha256, "--workspace", workspace).returncode == (0 if left[-1] else 2)
        assert stems(workspace) == named(workspace) == stems(tmp_path / "undisturbed")
        assert not [path for path in workspace.rglob("*") if path.is_file() and sha256.encode() in path.read_bytes()]
    assert left == sorted(left, reverse=True)
    assert {left[0], left[-1]} == {True, False}


@pytest.mark.long
def test_an_ingest(killing: Killer, made: Path, tmp_path: Path) -> None:
    """Killed anywhere nothing is wrong: `verify` notes what was left, and nothing else; a second run finishes."""
    words = ("ingest", made / "in", "--copy", "--executor", "serial", "--workspace")
    ingest(tmp_path / "w", made / "more", "--copy")
    shutil.copytree(tmp_path / "w", tmp_path / "undisturbed")
    whole = killing.run(*words, tmp_path / "undisturbed")
    assert whole.code == 0, whole.words
    for step in sampled(whole.steps):
        workspace = tmp_path / f"w{step}"
        shutil.copytree(tmp_path / "w", workspace)
        ended = killing.run(*words, workspace, before=step)
        assert ended.was_killed or ended.steps <= step  # how many batches a run writes depends on how fast it is
        told = inside("verify", "--workspace", workspace, "--json")
        assert (told.returncode, json.loads(told.stdout)["findings"]) == (0, []), told.stdout
        noted = [note for note in json.loads(told.stdout)["notes"] if "left by an interrupted run" in note]
        assert {Path(note.partition(" was ")[0]).stem for note in noted} == stems(workspace) - named(workspace)
        assert images(workspace) <= images(tmp_path / "undisturbed")
        again = inside(*words, workspace)
        assert again.returncode == 0, again.stderr
        assert verified(workspace) == ""
        assert stems(workspace) == named(workspace) == stems(tmp_path / "undisturbed")


@pytest.mark.long_but(1)
@pytest.mark.parametrize("earlier", [False, True], ids=["fresh", "over an earlier one"])
def test_an_export_to_a_folder(killing: Killer, decided: Path, tmp_path: Path, earlier: bool) -> None:
    words = ("export", "--val", ".5", "--overwrite", "--name", "data", "--workspace")
    shutil.copytree(decided / "w", tmp_path / "first")
    if earlier:  # so that both are the second release of their name
        small = inside(*words, tmp_path / "first", "--out", tmp_path / "small", "--size", "32")
        assert small.returncode == 0
    whole = killing.run(*words, tmp_path / "first", "--out", tmp_path / "whole")
    assert whole.code == 0, whole.words
    for step in sampled(whole.steps):
        folder = tmp_path / f"{step}"
        shutil.copytree(decided / "w", folder / "w")
        if earlier:
            assert inside(*words, folder / "w", "--out", folder / "out", "--size", "32").returncode == 0
        before = tree(folder / "out")
        assert killing.run(*words, folder / "w", "--out", folder / "out", before=step).was_killed
        assert tree(folder / "out") in (before, tree(tmp_path / "whole"))
        assert verified(folder / "w") == ""
        assert inside(*words, folder / "w", "--out", folder / "out").returncode == 0
        assert tree(folder / "out") == tree(tmp_path / "whole")
        assert sorted(path.name for path in folder.iterdir()) == ["out", "w"]  # nothing is left beside


@pytest.mark.long
def test_an_export_to_a_zip(killing: Killer, decided: Path, tmp_path: Path) -> None:
    shutil.copytree(decided / "w", tmp_path / "undisturbed")
    whole = killing.run(tmp_path / "undisturbed", code=ZIP)
    assert whole.code == 0, whole.words
    wanted = (tmp_path / "undisturbed" / "releases" / "set.zip").read_bytes()
    for step in sampled(whole.steps):
        workspace = tmp_path / f"w{step}"
        shutil.copytree(decided / "w", workspace)
        assert killing.run(workspace, code=ZIP, before=step).was_killed
        found = verified(workspace).splitlines()
        assert [line for line in found if not line.startswith("releases/")] == []
        again = killing.run(workspace, code=ZIP)
        assert again.code == 0, again.words
        zips = sorted((workspace / "releases").iterdir())
        assert {path.read_bytes() for path in zips} == {wanted}
        noted = rows(workspace, "SELECT count(*) FROM releases")[0][0]
        assert len(verified(workspace).splitlines()) == len(zips) - noted  # one that was whole and never noted is named
