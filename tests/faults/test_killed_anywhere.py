"""kill -9 before each step on the file system: opened again the workspace is whole, or says what is unfinished."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

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
