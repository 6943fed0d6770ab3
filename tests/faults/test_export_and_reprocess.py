"""An export beside a reprocessing, one that runs and one that was killed: its files agree with its manifest, or it is
refused and says why."""

from __future__ import annotations

import csv
import subprocess
from collections.abc import Iterator
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Final

import pytest
from PIL import Image

from db.store.store import Store
from db.tables import classes
from tests.faults.kills.killed import Killer, killer, sampled
from tests.pipeline.commands import ROOT, command, environment, ingest, inside, rows
from tests.pipeline.photos import write_heads

PHOTOS: Final = 12
REFUSED: Final = "is not the one that its face was reviewed by"


@pytest.fixture(scope="module")
def killing() -> Iterator[Killer]:
    with killer() as one:
        yield one


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """Twelve photos of one class, all accepted."""
    write_heads(tmp_path / "in", PHOTOS)
    ingest(tmp_path / "w", tmp_path / "in")
    with Store.open(tmp_path / "w") as store:
        kept, *others = store.read(classes.list_classes)
        for spec in others:
            store.write(partial(classes.archive_class, class_id=spec.id))
    faces = [face for (face,) in rows(tmp_path / "w", "SELECT id FROM faces")]
    (tmp_path / "all.csv").write_text("\n".join(["face_id,verdict,label", *(f"{f},accept,{kept.name}" for f in faces)]))
    assert inside("decide", tmp_path / "all.csv", "--annotator", "A", "--workspace", tmp_path / "w").returncode == 0
    return tmp_path / "w"


def agrees(out: Path) -> int:
    """Every crop has the size that the manifest says; returns how many there are."""
    with (out / "manifest.csv").open(newline="", encoding="utf-8") as stream:
        listed = list(csv.DictReader(stream))
    for row in listed:
        with Image.open(BytesIO((out / row["file"]).read_bytes())) as crop:
            assert crop.size == (int(row["crop_width"]), int(row["crop_height"]))
    assert {row["file"] for row in listed} == {path.relative_to(out).as_posix() for path in out.rglob("*.png")}
    return len(listed)


def exported(workspace: Path, out: Path) -> bool:
    """Whether an export was written; then it agrees with its manifest, else it says why and nothing is there."""
    done = inside("export", "--out", out, "--val", ".5", "--workspace", workspace)
    if done.returncode:
        assert REFUSED in done.stderr
        assert not out.exists()
        return False
    assert agrees(out) == PHOTOS
    return True


@pytest.mark.long
def test_beside_one_that_was_killed(killing: Killer, workspace: Path, tmp_path: Path) -> None:
    """One workspace, killed again and again with another margin each time: wherever that leaves it."""
    whole = killing.run("reprocess", "--margin", "2", "--executor", "serial", "--workspace", workspace)
    assert whole.code == 0, whole.words
    said = set()
    for number, step in enumerate(sampled(whole.steps, 8)):
        words = ("reprocess", "--margin", f"{1.5 + number / 10:g}", "--executor", "serial", "--workspace", workspace)
        killing.run(*words, before=step)
        said.add(exported(workspace, tmp_path / f"after {step}"))
        assert killing.run(*words).code == 0
        assert exported(workspace, tmp_path / f"whole {step}")
        assert inside("verify", "--workspace", workspace).returncode == 0
    assert said == {True, False}


@pytest.mark.long
def test_beside_one_that_runs(workspace: Path, tmp_path: Path) -> None:
    """Exports one after the other, from before its first crop to behind its last."""
    number = 0
    for margin in ("2", "1.6"):
        words = command("reprocess", "--margin", margin, "--executor", "serial", "--workspace", workspace)
        with subprocess.Popen(words, cwd=ROOT, env=environment(), stderr=subprocess.PIPE, text=True) as run:
            while run.poll() is None:
                exported(workspace, tmp_path / f"{number}")
                number += 1
            assert run.returncode == 0
    assert exported(workspace, tmp_path / "last")
    assert number > 2
