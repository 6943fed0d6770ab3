"""Two machines with other hash seeds, locales, time zones and orders of folders write the same bytes."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Final

import pytest

from pipeline.export.formats.registry import FORMATS
from tests.pipeline import commands as cli
from tests.pipeline.actions.imports.importing import CLASSES
from tests.pipeline.actions.release.test_again import tree
from tests.pipeline.photos import numbered_head

MACHINES: Final = (
    {"PYTHONHASHSEED": "1", "TZ": "Asia/Shanghai", "LC_ALL": "C"},
    {"PYTHONHASHSEED": "99", "TZ": "America/St_Johns", "LC_ALL": "C.UTF-8", "PYTHONUTF8": "1"},
)
EVERY: Final = tuple(word for name in FORMATS for word in ("--format", name))


def copied(workspace: Path, target: Path, *, backwards: bool) -> Path:
    """The workspace with its files made in another order."""
    for path in sorted(workspace.rglob("*"), reverse=backwards):
        if path.is_file():
            copy = target / path.relative_to(workspace)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
    return target


def called(machine: int, *words: object) -> str:
    done = cli.call(*words, **MACHINES[machine])
    assert done.returncode == 0, done.stderr
    return done.stdout


def made_on(machine: int, root: Path, backwards: bool) -> Path:
    """A workspace of eight photos, two a class, that came in and were labelled in one order or the other."""
    photos = root / "photos"
    photos.mkdir(parents=True)
    numbers = sorted(range(8), reverse=backwards)
    for number in numbers:
        (photos / f"{number}.jpg").write_bytes(numbered_head(number))
    given = [photos / f"{number}.jpg" for number in numbers]
    called(machine, "ingest", *given, "--workspace", root / "w", "--executor", "serial")
    rows = [f"{hashlib.sha256(numbered_head(n)).hexdigest()},accept,{CLASSES[n % 4]}\n" for n in numbers]
    (root / "labels.csv").write_text("sha256,verdict,label\n" + "".join(rows))
    called(machine, "decide", root / "labels.csv", "--annotator", "Ada", "--workspace", root / "w")
    return root / "w"


@pytest.fixture(scope="module")
def workspaces(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    root = tmp_path_factory.mktemp("machines")
    return made_on(0, root / "a", False), made_on(1, root / "b", True)


def exported(machine: int, workspace: Path, out: Path, *words: str) -> dict[str, bytes]:
    called(machine, "export", "--workspace", workspace, "--out", out, "--name", "data", "--val", "0.5", *words)
    return tree(out)


@pytest.mark.long
@pytest.mark.parametrize("content", ["mouth", "photo"])
def test_one_workspace_on_two_machines(workspaces: tuple[Path, Path], tmp_path: Path, content: str) -> None:
    """Every format in one release, all of its folder compared."""
    words = (*EVERY, "--content", content)
    found = [
        exported(at, copied(workspaces[0], tmp_path / f"w{at}", backwards=bool(at)), tmp_path / f"out{at}", *words)
        for at in range(2)
    ]
    assert len(found[0]) > 8 * len(FORMATS) / 2
    assert found[0] == found[1]


@pytest.mark.long
def test_the_same_photos_and_labels_taken_in_on_two_machines(workspaces: tuple[Path, Path], tmp_path: Path) -> None:
    """Each with a log of its own, whose head is told: nothing else differs but the sum over it."""
    one, other = (exported(at, workspaces[at], tmp_path / f"out{at}", *EVERY) for at in range(2))
    heads = [json.loads(files.pop("release.json")) for files in (one, other)]
    for own in ("head", "sha256"):
        assert heads[0].pop(own) != heads[1].pop(own)
    assert one == other
    assert heads[0] == heads[1]
