"""One bit of a file is another one: `verify` or `release verify` names it, and no export is silently another one."""

from __future__ import annotations

import random
import shutil
import sqlite3
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import pytest

from tests.faults.kills.killed import Killer
from tests.faults.power.decided import DECIDE
from tests.faults.whole import tree
from tests.pipeline.commands import inside, rows

FLIPS: Final = 24
KILLED: Final = f"""
import os, signal
{DECIDE}
    os.kill(os.getpid(), signal.SIGKILL)  # before the log is folded into the database
"""
EXPORT: Final = ("export", "--val", ".5", "--name", "data", "--workspace")


def flip(file: Path, at: int) -> None:
    """Turn the bit of that number round."""
    data = bytearray(file.read_bytes())
    data[at // 8] ^= 1 << at % 8
    file.write_bytes(data)


def bits(file: Path, number: int) -> Iterator[int]:
    chance = random.Random(file.name)
    yield from sorted(chance.sample(range(file.stat().st_size * 8), number))


@pytest.fixture
def workspace(decided: Path, tmp_path: Path) -> Path:
    shutil.copytree(decided / "w", tmp_path / "w")
    return tmp_path / "w"


@pytest.mark.parametrize("kind", ["originals", "images", "crops"])
def test_a_stored_file_is_named_and_a_crop_is_not_exported(workspace: Path, kind: str) -> None:
    files = sorted(path for path in (workspace / kind).rglob("*") if path.is_file())
    if not files:
        pytest.skip(f"these photos have no {kind}")
    whole = files[0].read_bytes()
    for at in bits(files[0], 4):
        flip(files[0], at)
        done = inside("verify", "--workspace", workspace)
        assert done.returncode == 1, at
        assert files[0].stem in done.stdout, at
        if kind == "crops":
            done = inside(*EXPORT, workspace, "--out", workspace.parent / "out")
            assert done.returncode == 1, at
            assert files[0].name in done.stderr, at
            assert not (workspace.parent / "out").exists()
        files[0].write_bytes(whole)
    assert inside("verify", "--workspace", workspace).returncode == 0


def test_any_file_of_a_release_is_named(workspace: Path) -> None:
    out = workspace.parent / "out"
    assert inside(*EXPORT, workspace, "--out", out).returncode == 0
    for name, whole in tree(out).items():
        own = name == "release.json"  # what it says may be no JSON any more: then the rest is not looked at
        for at in bits(out / name, 12 if own else 3):
            flip(out / name, at)
            done = inside("release", "verify", out)
            assert done.returncode in ((1, 2) if own else (1,)), (name, at)
            assert name in done.stdout + done.stderr, (name, at)
            (out / name).write_bytes(whole)
    assert inside("release", "verify", out).returncode == 0


def test_a_zip_of_a_release_is_named(workspace: Path) -> None:
    out = workspace.parent / "out"
    assert inside(*EXPORT, workspace, "--out", out).returncode == 0
    shutil.make_archive(str(out), "zip", out)
    file = out.with_suffix(".zip")
    assert inside("release", "verify", file).returncode == 0
    whole = file.read_bytes()
    for at in bits(file, FLIPS):
        flip(file, at)
        done = inside("release", "verify", file)
        assert done.returncode == 1 or unpacked(file) == tree(out), at  # what an unpacker passes over may be anything
        file.write_bytes(whole)


def unpacked(file: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(file) as archive:
        return {one.filename: archive.read(one) for one in archive.infolist() if not one.is_dir()}


def test_the_database_is_named_or_holds_the_same(workspace: Path) -> None:
    """Bits that nothing reads (what is free in a page) may be anything."""
    assert inside(*EXPORT, workspace, "--out", workspace.parent / "whole").returncode == 0
    file = workspace / "moue.db"
    rows(workspace, "SELECT 1")
    assert not [path for path in workspace.glob("moue.db-*") if path.stat().st_size], "the log was folded in"
    whole, said = file.read_bytes(), dump(file)
    assert said is not None
    told = 0
    for at in bits(file, FLIPS):
        flip(file, at)
        same = dump(file) == said
        done = inside("verify", "--workspace", workspace)
        assert "Traceback" not in done.stderr, at
        assert done.returncode in ((0, 1) if same else (1,)), (at, done.stdout)
        told += done.returncode != 0
        for path in workspace.glob("moue.db-*"):
            path.unlink()
        file.write_bytes(whole)
    assert told > 0


def test_the_log_of_a_server_that_was_killed_holds_a_beginning_of_the_same(
    made: Path, killing: Killer, tmp_path: Path
) -> None:
    """SQLite's checksums end the log before a frame that is another: no decision is another one. Where more than the
    newest is gone, which a power cut could have torn, that is said, and what is there stays as it is."""
    left = tmp_path / "left"
    shutil.copytree(made / "w", left)
    assert killing.run(left, 0, 24, 2, code=KILLED).was_killed
    log = left / "moue.db-wal"
    pristine = tree(left)
    said = decided_in(left)
    assert len(said) == 24
    told, shorter = 0, 0
    for at in bits(log, FLIPS):
        shutil.rmtree(left)
        for name, data in pristine.items():
            (left / name).parent.mkdir(parents=True, exist_ok=True)
            (left / name).write_bytes(data)
        flip(log, at)
        flipped = log.read_bytes()
        done = inside("verify", "--workspace", left)
        assert "Traceback" not in done.stderr, at
        refused = "transactions that had been saved cannot be read" in done.stderr
        same = log.exists() and log.read_bytes() == flipped
        found = decided_in(left)
        assert found == said[: len(found)], at
        assert refused or len(found) >= len(said) - 2, at  # of the last but one the mark of its end can be hit
        assert same or not refused, at
        told += refused
        shorter += len(found) < len(said)
    assert shorter > 0
    assert told > 0
    print(f"{FLIPS} bits of {len(pristine[log.name]):,} bytes: {shorter} logs are shorter, {told} refused")


def decided_in(workspace: Path) -> list[tuple[Any, ...]]:
    return rows(workspace, "SELECT seq, uuid, annotator, face_id, verdict, class_id, hash FROM decisions ORDER BY seq")


def dump(file: Path) -> list[str] | None:
    """All that the database says, None where it cannot be read."""
    try:
        with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro&immutable=1", uri=True)) as conn:
            return list(conn.iterdump())
    except (sqlite3.Error, UnicodeError):
        return None
