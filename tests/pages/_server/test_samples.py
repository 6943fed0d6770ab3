"""The sample photos as the pages start them: made on the spot, and nothing left where that fails."""

from __future__ import annotations

import errno
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from db.store.store import Store
from pages._server import jobs, samples, workspace
from pipeline.core.errors import ModelError, StorageError


def test_they_are_ingested_as_samples_under_their_name(empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(samples, "write_samples", lambda folder: (folder / "one.jpg").write_bytes(b"photo"))

    def start(_: Store, paths: list[Path], kind: str, *, annotator: str, name: str) -> str:
        asked.append((paths, kind, annotator, name))
        return "job"

    monkeypatch.setattr(jobs, "start_ingest", start)
    assert samples.load(workspace.get_store(), "Ada") == "job"
    (((folder,), kind, annotator, name),) = asked
    assert (kind, annotator, name) == ("sample", "Ada", "Sample photos")
    assert folder.parent == empty / ".incoming" / "samples"  # from where an ingest takes them away
    assert [path.name for path in folder.iterdir()] == ["one.jpg"]
    assert samples.make(empty) != folder


def full_disk(folder: Path) -> None:
    (folder / "one.jpg").write_bytes(b"half")
    raise OSError(errno.ENOSPC, "No space left on device")


def no_model(folder: Path) -> None:
    raise ModelError("the landmarks model is missing")


def stopped(folder: Path) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("fails", "error", "words"),
    [
        (full_disk, StorageError, "disk is full"),
        (no_model, ModelError, "is missing"),
        (stopped, KeyboardInterrupt, None),
    ],
)
def test_what_was_begun_is_removed(
    fails: Callable[[Path], None],
    error: type[BaseException],
    words: str | None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(samples, "write_samples", fails)
    with pytest.raises(error, match=words):
        samples.make(tmp_path)
    assert list((tmp_path / ".incoming" / "samples").iterdir()) == []
