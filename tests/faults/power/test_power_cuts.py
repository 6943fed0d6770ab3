"""A power cut at any moment: opened again the workspace is whole, or says what is unfinished; what was told holds.

Every state that the disk may be found in is made from what the work asked of it (`disk.states`), at a sample of
moments; at all of them with `MOUE_TEST_ALL_STEPS=1`, which takes an hour.
"""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from db.store.store import Store
from pipeline.actions.verify import verify_workspace
from pipeline.files import unnamed
from tests.faults.kills.killed import ALL, Killer, sampled
from tests.faults.power.decided import DECIDE, decided_and_cut
from tests.faults.power.disk import Recording, State, states
from tests.faults.power.sqlite_calls import library
from tests.faults.whole import REMOVE, ZIP, images, named, stems, tree, verified
from tests.pipeline.commands import ingest, inside, rows
from tests.pipeline.photos import numbered_head

pytestmark = [
    pytest.mark.skipif(not library(), reason="this Python's SQLite is no shared library: what it writes is not heard"),
    pytest.mark.timeout(0 if os.environ.get(ALL) else 180),
]


@pytest.fixture(autouse=True)
def _any_time_is_the_job_s(monkeypatch: pytest.MonkeyPatch) -> None:
    """A state is laid out long after the job that made it: its files are its own all the same."""
    monkeypatch.setattr(unnamed, "_AFTER_LAST_SIGN_S", 1e9)


def cut(recording: Recording, root: Path, most: int = 8) -> Iterator[tuple[Path, State]]:
    """A few states of a few moments, or all of all, laid out one after the other; the last moment is among them."""
    tried = 0
    for state in states(recording) if os.environ.get(ALL) else some(recording, most):
        folder = root / "cut"
        state.write(folder)
        yield folder, state
        shutil.rmtree(folder)
        tried += 1
        if tried % 200 == 0:
            print(f"{tried:,} states, {state.before:,} of {len(recording.events):,} calls", flush=True)
    print(f"{tried:,} states after {len(recording.events):,} calls")


def some(recording: Recording, most: int) -> Iterator[State]:
    chance = random.Random(0)
    for moment in sampled(len(recording.events) + 1, most):
        found = list(states(recording, [moment]))
        yield from chance.sample(found, min(len(found), 2))


def told(workspace: Path) -> None:
    """Nothing is wrong with it: what was left behind is noted at most."""
    with Store.open(workspace) as store:
        assert verify_workspace(store).findings == ()


def test_what_is_recorded_is_what_is_there(killing: Killer, made: Path, tmp_path: Path) -> None:
    shutil.copytree(made / "w", tmp_path / "w")
    ended, recording = killing.record(tmp_path / "w", "ingest", made / "in", "--copy", "--executor", "serial",
                                      "--workspace", tmp_path / "w")  # fmt: skip
    assert ended.code == 0, ended.words
    events = dict(enumerate(recording.events))
    files = {path: data for path, data in recording.tree(events, len(events)).items() if data is not None}
    assert files == {path: data for path, data in tree(tmp_path / "w").items() if not path.endswith("-shm")}


def test_an_ingest(killing: Killer, made: Path, tmp_path: Path) -> None:
    words = ("ingest", made / "in", "--copy", "--executor", "serial", "--workspace")
    ingest(tmp_path / "w", made / "more", "--copy")
    shutil.copytree(tmp_path / "w", tmp_path / "recorded")
    ended, recording = killing.record(tmp_path / "recorded", *words, tmp_path / "recorded")
    assert ended.code == 0, ended.words
    for workspace, state in cut(recording, tmp_path):
        told(workspace)
        assert images(workspace) <= images(tmp_path / "recorded"), state.how
        if state.before == len(recording.events):  # it had ended well
            assert named(workspace) == named(tmp_path / "recorded") <= stems(workspace), state.how
        again = inside(*words, workspace)
        assert again.returncode == 0, (state.how, again.stderr)
        told(workspace)
        left = {name for name in stems(workspace) if not name.startswith(".new-")}  # a thumbnail's, for two minutes
        assert left == named(workspace) == stems(tmp_path / "recorded"), state.how


def test_a_photo_that_is_erased(killing: Killer, made: Path, tmp_path: Path) -> None:
    sha256 = hashlib.sha256(numbered_head(3)).hexdigest()
    shutil.copytree(made / "w", tmp_path / "recorded")
    ended, recording = killing.record(tmp_path / "recorded", "erase", sha256, "--workspace", tmp_path / "recorded")
    assert ended.code == 0, ended.words
    for workspace, state in cut(recording, tmp_path):
        told(workspace)
        left = sha256 in images(workspace)
        if state.before == len(recording.events):
            assert not left, state.how
            assert not holding(workspace, sha256), state.how
        again = inside("erase", sha256, "--workspace", workspace)
        assert again.returncode == (0 if left else 2), (state.how, again.stderr)
        assert stems(workspace) == named(workspace) == stems(tmp_path / "recorded"), state.how
        assert not holding(workspace, sha256), state.how


def holding(workspace: Path, sha256: str) -> list[Path]:
    """The files in which the hash of a photo can be read."""
    return [path for path in workspace.rglob("*") if path.is_file() and sha256.encode() in path.read_bytes()]


def test_a_source_that_is_removed(killing: Killer, made: Path, tmp_path: Path) -> None:
    before = images(made / "w")
    shutil.copytree(made / "w", tmp_path / "recorded")
    ended, recording = killing.record(tmp_path / "recorded", tmp_path / "recorded", 1, code=REMOVE)
    assert ended.code == 0, ended.words
    after = images(tmp_path / "recorded")
    for workspace, state in cut(recording, tmp_path):
        told(workspace)
        assert images(workspace) in (before, after), state.how
        assert stems(workspace) == named(workspace), state.how
        if state.before == len(recording.events):
            assert images(workspace) == after, state.how


def test_an_export_to_a_folder(killing: Killer, decided: Path, tmp_path: Path) -> None:
    """Over an earlier one; both lie beside the workspace, so that the power of both is cut."""
    words = ("export", "--val", ".5", "--overwrite", "--name", "data", "--workspace")
    root = tmp_path / "recorded"
    shutil.copytree(decided / "w", root / "w")
    assert inside(*words, root / "w", "--out", root / "out", "--size", "32").returncode == 0
    earlier = tree(root / "out")
    ended, recording = killing.record(root, *words, root / "w", "--out", root / "out")
    assert ended.code == 0, ended.words
    whole = tree(root / "out")
    for folder, state in cut(recording, tmp_path):
        told(folder / "w")
        found = tree(folder / "out")
        assert found in (earlier, whole), state.how
        if state.before == len(recording.events):
            assert found == whole, state.how
        assert inside(*words, folder / "w", "--out", folder / "out").returncode == 0, state.how
        assert tree(folder / "out") == whole, state.how
        assert sorted(path.name for path in folder.iterdir()) == ["out", "w"], state.how


def test_an_export_to_a_zip(killing: Killer, decided: Path, tmp_path: Path) -> None:
    shutil.copytree(decided / "w", tmp_path / "recorded")
    ended, recording = killing.record(tmp_path / "recorded", tmp_path / "recorded", code=ZIP)
    assert ended.code == 0, ended.words
    wanted = (tmp_path / "recorded" / "releases" / "set.zip").read_bytes()
    for workspace, state in cut(recording, tmp_path):
        found = verified(workspace).splitlines()
        assert [line for line in found if not line.startswith("releases/")] == [], state.how
        noted = rows(workspace, "SELECT count(*) FROM releases")[0][0]
        zips = sorted((workspace / "releases").glob("*.zip"))
        assert noted <= len(zips) <= 1, state.how
        assert {path.read_bytes() for path in zips} <= {wanted}, state.how
        if state.before == len(recording.events):
            assert noted == 1, state.how


def test_a_backup_that_is_restored(killing: Killer, decided: Path, tmp_path: Path) -> None:
    root = tmp_path / "recorded"
    shutil.copytree(decided / "w", root / "w")
    assert inside("backup", root / "backup.db", "--workspace", root / "w").returncode == 0
    count = "SELECT count(*) FROM decisions"
    shutil.copytree(decided / "w", tmp_path / "later")
    words = ("restore", root / "backup.db", "--replace", "--workspace", root / "w")
    ended, recording = killing.record(root, *words)
    assert ended.code == 0, ended.words
    for folder, state in cut(recording, tmp_path):
        if not (folder / "w" / "moue.db").exists():
            again = inside("restore", folder / "backup.db", "--workspace", folder / "w")
            assert again.returncode == 0, (state.how, again.stderr)
        told(folder / "w")
        assert rows(folder / "w", count) == rows(root / "w", count), state.how


def test_a_backup(killing: Killer, decided: Path, tmp_path: Path) -> None:
    root = tmp_path / "recorded"
    shutil.copytree(decided / "w", root / "w")
    (root / "b").mkdir()
    ended, recording = killing.record(root, "backup", root / "b" / "backup.db", "--workspace", root / "w")
    assert ended.code == 0, ended.words
    whole = rows(root / "w", "SELECT * FROM decisions ORDER BY seq")
    for folder, state in cut(recording, tmp_path):
        told(folder / "w")
        file = folder / "b" / "backup.db"
        if state.before == len(recording.events):
            assert file.is_file(), state.how
        if file.is_file():  # under its name it is whole
            again = inside("restore", file, "--workspace", folder / "new")
            assert again.returncode == 0, (state.how, again.stderr)
            assert rows(folder / "new", "SELECT * FROM decisions ORDER BY seq") == whole, state.how


def test_decisions_that_were_acknowledged(killing: Killer, made: Path, tmp_path: Path) -> None:
    shutil.copytree(made / "w", tmp_path / "recorded")
    ended, recording = killing.record(tmp_path / "recorded", tmp_path / "recorded", 0, 12, 1, code=DECIDE)
    assert ended.code == 0, ended.words
    assert len(recording.said(len(recording.events))) == 12
    for workspace, state in cut(recording, tmp_path, most=16):
        told(workspace)
        kept = [op for (op,) in rows(workspace, "SELECT uuid FROM decisions ORDER BY seq")]
        acknowledged = recording.said(state.before)
        assert kept[: len(acknowledged)] == acknowledged, state.how
        assert len(kept) <= len(acknowledged) + 1, state.how


def test_decisions_go_on_from_what_a_cut_left(killing: Killer, made: Path, tmp_path: Path) -> None:
    shutil.copytree(made / "w", tmp_path / "w")
    tally = decided_and_cut(killing, tmp_path / "w", cuts=3, until=time.monotonic() + 120, count=20, batch=4)
    assert (tally.cuts, tally.lost, tally.doubled, tally.findings) == (3, [], 0, [])
    assert tally.acknowledged > 0
