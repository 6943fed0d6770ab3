"""What a workspace of photos holds, and whether it is whole: for tests that interrupt what writes to it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tests.pipeline.commands import inside, rows

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
from pipeline.actions.release.accepted import read_accepted
from pipeline.actions.releases import write_zip
from pipeline.export.export import plan
from pipeline.export.split import SplitPlan
with Store.open(Path(args[0])) as store:
    accepted = read_accepted(store)
    write_zip(store, plan(accepted.items, accepted.class_names, SplitPlan(val=0.5, seed=0)), "set", None)
"""


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


def tree(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
