"""kill -9 before each step on the file system: opened again the workspace is whole, or says what is unfinished."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Final

import pytest

from db.store.store import Store
from db.tables import classes
from tests.faults.killed import Killer, killer, sampled
from tests.pipeline.commands import ingest, inside, rows
from tests.pipeline.photos import numbered_head

REMOVE: Final = """
from pathlib import Path
from db.store.store import Store
from pipeline.actions.sources import remove_source
with Store.open(Path(args[0])) as store:
    remove_source(store, int(args[1]))
"""

ZIP: Final = """
from pathlib import Path
from db.store.store import Store
from pipeline.actions.releases import read_accepted, write_zip
from pipeline.export.export import plan
from pipeline.export.split import SplitPlan
with Store.open(Path(args[0])) as store:
    accepted = read_accepted(store)
    write_zip(store, plan(accepted.items, accepted.class_names, SplitPlan(val=0.5, seed=0)), "set", None)
"""
FACES: Final = "SELECT id FROM faces ORDER BY id"


@pytest.fixture(scope="module")
def killing() -> Iterator[Killer]:
    with killer() as one:
        yield one


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a workspace `w` of two sources, their photos copied into it: two photos and one."""
    root = tmp_path_factory.mktemp("made")
    for folder, numbers in (("in", (1, 2)), ("more", (3,))):
        (root / folder).mkdir()
        for number in numbers:
            (root / folder / f"{number}.jpg").write_bytes(numbered_head(number))
        ingest(root / "w", root / folder, "--copy")
    return root


def images(workspace: Path) -> set[str]:
    return {sha256 for (sha256,) in rows(workspace, "SELECT sha256 FROM images")}


def stems(workspace: Path) -> set[str]:
    """The names, hashes of photos and ids of faces, of all files of the workspace's own."""
    kinds = ("originals", "images", "crops", "thumbs")
    return {path.stem for kind in kinds for path in (workspace / kind).rglob("*") if path.is_file()}


def named(workspace: Path) -> set[str]:
    return images(workspace) | {face for (face,) in rows(workspace, "SELECT id FROM faces WHERE removed_at IS NULL")}


def verified(workspace: Path) -> str:
    """What `verify` finds, nothing where all is well. It opens the workspace, as whatever comes next does."""
    done = inside("verify", "--workspace", workspace)
    assert done.returncode == (0 if "nothing is wrong" in done.stdout else 1)
    return "" if done.returncode == 0 else done.stdout


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


@pytest.fixture(scope="module")
def decided(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace of one class whose three photos are accepted."""
    root = tmp_path_factory.mktemp("decided")
    shutil.copytree(made / "w", root / "w")
    with Store.open(root / "w") as store:
        kept, *others = store.read(classes.list_classes)
        for spec in others:
            store.write(partial(classes.archive_class, class_id=spec.id))
    lines = ["face_id,verdict,label", *(f"{face},accept,{kept.name}" for (face,) in rows(root / "w", FACES))]
    (root / "all.csv").write_text("\n".join(lines), "utf-8")
    done = inside("decide", root / "all.csv", "--annotator", "Ann", "--workspace", root / "w")
    assert done.returncode == 0, done.stderr
    return root


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


def tree(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
