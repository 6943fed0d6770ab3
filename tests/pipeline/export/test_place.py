"""A folder put at its place: never over what was not checked, and nothing stays hidden beside it."""

from __future__ import annotations

import subprocess
import sys
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from pipeline.core.errors import ExportError
from pipeline.core.messages import message
from pipeline.export import place
from pipeline.export.place import clear_leftovers, folder_held, new_folder, put_in_place

HOLD = """
import sys
from pathlib import Path
from pipeline.export.place import folder_held
with folder_held(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def folder(path: Path, word: str) -> Path:
    path.mkdir(parents=True)
    (path / "file").write_text(word)
    return path


def content(out: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in out.iterdir()}


def names(parent: Path) -> list[str]:
    return sorted(path.name for path in parent.iterdir())


def agree(_: Path) -> None:
    pass


@pytest.fixture(params=[True, False], ids=["exchanged", "two steps"])
def out(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where an export goes; with and without a system that can exchange names."""
    if not request.param:
        monkeypatch.setattr("pipeline.files.exchange.renameat2", lambda one, other, flags: False)
    return tmp_path / "data"


def staged(out: Path, word: str) -> Path:
    staging = new_folder(out, "new")
    (staging / "file").write_text(word)
    return staging


def test_it_takes_a_free_name_an_empty_folder_s_and_an_earlier_export_s(out: Path) -> None:
    put_in_place(staged(out, "1"), out, agree)
    assert (names(out.parent), content(out)) == (["data"], {"file": "1"})
    put_in_place(staged(out, "2"), out, agree)
    clear_leftovers(out)
    assert (names(out.parent), content(out)) == (["data"], {"file": "2"})
    (out / "file").unlink()
    put_in_place(staged(out, "3"), out, agree)
    clear_leftovers(out)
    assert (names(out.parent), content(out)) == (["data"], {"file": "3"})


def test_what_turns_out_to_be_another_s_stays(out: Path) -> None:
    """A file that somebody put there after the check."""
    folder(out, "mine")

    def refuse(lies_at: Path) -> None:
        assert content(lies_at) == {"file": "mine"}
        raise ExportError(message("export_folder_taken", out=out))

    staging = staged(out, "new")
    with pytest.raises(ExportError):
        put_in_place(staging, out, refuse)
    assert content(out) == {"file": "mine"}
    assert content(staging) == {"file": "new"}
    assert names(out.parent) == [staging.name, "data"]


def test_a_name_that_is_taken_at_the_last_moment_is_not_taken_over(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    staging, given = staged(out, "new"), place.rename_new

    def taken(source: Path, target: Path) -> None:
        folder(target, "theirs")
        given(source, target)

    monkeypatch.setattr(place, "rename_new", taken)
    with pytest.raises(ExportError, match="holds other files"):
        put_in_place(staging, out, agree)
    assert content(out) == {"file": "theirs"}


def test_an_earlier_export_that_a_kill_left_aside_comes_back(out: Path) -> None:
    folder(new_folder(out, "old") / "old", "earlier")
    staged(out, "unfinished")
    other = new_folder(out.with_name("data.b"), "new")
    clear_leftovers(out)
    assert content(out) == {"file": "earlier"}
    assert names(out.parent) == [other.name, "data"]  # another export's is its own
    folder(new_folder(out, "old") / "old", "earlier still")
    clear_leftovers(out)
    assert content(out) == {"file": "earlier"}
    assert names(out.parent) == [other.name, "data"]


def test_one_export_at_a_time_in_a_folder_whatever_its_workspace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(place, "_PATIENCE_S", 0.1)
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as owner:
        assert owner.stdout is not None
        assert owner.stdout.readline() == b"held\n"
        with pytest.raises(ExportError, match="another export"), folder_held(tmp_path):
            pass
        owner.communicate()
    with folder_held(tmp_path):
        assert names(tmp_path) == []


def test_each_file_is_flushed_once_and_few_wait_at_a_time(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What waits takes memory: 100,000 flushes at once took more than all the rest of an export."""
    number, guard = 2000, threading.Lock()
    for at in range(number):
        (out / f"class {at % 3}").mkdir(parents=True, exist_ok=True)
        (out / f"class {at % 3}" / f"{at}.png").touch()
    flushed: list[Path] = []
    begun: list[int] = []

    class Pool(ThreadPoolExecutor):
        def submit(self, *args: Any, **kwargs: Any) -> Future[Any]:
            with guard:
                begun.append(len(begun) - len(told))
            return super().submit(*args, **kwargs)

    def sync(path: str) -> None:
        with guard:
            flushed.append(Path(path))

    monkeypatch.setattr(place, "ThreadPoolExecutor", Pool)
    monkeypatch.setattr(place, "sync_file", sync)
    told: list[tuple[int, int]] = []
    place.flush(out, lambda *far: told.append(far))
    assert sorted(flushed) == sorted(out.rglob("*.png"))
    assert told == [(done, number) for done in range(16, number + 1, 16)]
    assert 16 <= max(begun) <= 32
