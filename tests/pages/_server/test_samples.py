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


@pytest.mark.parametrize("model", [None, "landmarker"])
def test_they_are_ingested_as_samples_under_their_name(
    model: str | None, empty: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the landmarks that there are weights for, where there is no choice."""
    asked: list[Any] = []
    monkeypatch.setattr(samples, "model_at_hand", lambda: model)
    monkeypatch.setattr(samples, "write_samples", lambda folder: (folder / "one.jpg").write_bytes(b"photo"))

    def start(_: Store, paths: list[Path], kind: str, *, annotator: str, name: str, landmarks: str | None) -> str:
        asked.append((paths, kind, annotator, name, landmarks))
        return "job"

    monkeypatch.setattr(jobs, "start_ingest", start)
    assert samples.load(workspace.get_store(), "Ada") == "job"
    (((folder,), kind, annotator, name, landmarks),) = asked
    assert (kind, annotator, name, landmarks) == ("sample", "Ada", "Sample photos", model)
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
