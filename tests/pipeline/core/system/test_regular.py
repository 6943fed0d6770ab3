"""What lies where a file should, and is none, is refused at once."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.core.messages import message
from pipeline.core.system.calls import flush_file, opened_folder
from pipeline.core.system.regular import IrregularFileError, open_regular, read_regular

pytestmark = pytest.mark.timeout(20)


def pipe(path: Path) -> None:
    os.mkfifo(path)


def bound(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(str(path))


def device(path: Path) -> None:
    path.symlink_to("/dev/zero")


@pytest.mark.parametrize("make", [pipe, bound, device])
def test_a_pipe_a_socket_and_a_device_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: Callable[[Path], None]
) -> None:
    monkeypatch.chdir(tmp_path)  # the name of a socket is short
    make(Path("it"))
    with pytest.raises(IrregularFileError) as refused:
        open_regular(Path("it"))
    assert message("file_unreadable", why=refused.value).params["why"] == message("os_irregular")


def test_a_pipe_that_takes_a_files_place_meanwhile_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"x")
    like_a_file = os.stat(path)
    path.unlink()
    os.mkfifo(path)
    monkeypatch.setattr(os, "stat", lambda *_: like_a_file)
    with pytest.raises(IrregularFileError):
        read_regular(path)


def test_files_links_and_folders_are_as_they_were(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x")
    (tmp_path / "b").symlink_to("a")
    assert (read_regular(tmp_path / "a"), read_regular(str(tmp_path / "b"))) == (b"x", b"x")
    with pytest.raises(IsADirectoryError):
        open_regular(tmp_path)
    with pytest.raises(FileNotFoundError):
        open_regular(tmp_path / "c")


def test_a_file_that_a_server_lent_to_somebody_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a").write_bytes(b"x")
    real = os.open

    def lent(path: str, flags: int, *more: int) -> int:
        if flags & os.O_NONBLOCK:
            raise BlockingIOError
        return real(path, flags, *more)

    monkeypatch.setattr(os, "open", lent)
    assert read_regular(tmp_path / "a") == b"x"


def test_no_flush_waits_for_a_pipe(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a")
    with pytest.raises(OSError, match="Invalid argument"):
        flush_file(tmp_path / "a")
    with opened_folder(tmp_path / "a") as descriptor:
        assert descriptor is not None
