"""One damaged file through its door: how it ends, and what it costs."""

from __future__ import annotations

import ctypes
import resource
import shutil
import sys
import tempfile
import time
import traceback
from pathlib import Path
from typing import Final

from pages._routes._batch import RequestError
from pipeline.core.errors import MoueError
from tests.faults.mutated.attempt import Attempt
from tests.faults.mutated.doors import DOORS
from tests.faults.mutated.mutations import mutated
from tests.faults.mutated.samples import Sample, samples

NAMED: Final = (MoueError, RequestError)
_PAGE: Final = resource.getpagesize()
_TRIMMED_ABOVE: Final = 24 << 20
_resting = [0]


def attempt(name: str, number: int, folder: Path) -> Attempt:
    """folder: empty, and empty again afterwards."""
    return attempt_of(name, number, damaged(name, number), folder)


def attempt_of(name: str, number: int, data: bytes, folder: Path) -> Attempt:
    """`data` in the place of the format's file. folder: empty, and empty again afterwards."""
    sample = samples()[name]
    path = write(sample, data, folder)
    scratch = folder / "scratch"
    scratch.mkdir()
    before = names_in(folder)
    rest = _rest()
    cpu, clock = time.process_time(), time.monotonic()
    refused, fault = False, ""
    try:
        DOORS[sample.door](path, scratch)
    except NAMED as e:
        refused = True
        if not str(e).strip():
            fault = f"{type(e).__name__} without a word"
    except Exception:  # noqa: BLE001 - whatever comes is the finding
        fault = traceback.format_exc(limit=-4)
    cpu, clock = time.process_time() - cpu, time.monotonic() - clock
    grown = max(0, _peak() - rest)
    if not fault and (left := names_in(folder) ^ before):
        fault = f"left behind or taken away: {sorted(map(str, left))[:3]}"
    for one in (folder / "in", scratch):
        shutil.rmtree(one)
    return Attempt(name, number, cpu, clock, grown, refused, fault)


def try_one(name: str, number: int, folder: str) -> Attempt:
    """One damaged file, in a folder of its own below `folder`."""
    own = tempfile.mkdtemp(dir=folder)
    try:
        return attempt(name, number, Path(own))
    finally:
        shutil.rmtree(own, ignore_errors=True)


def damaged(name: str, number: int) -> bytes:
    """The damaged bytes; number 0 is the valid file."""
    found = samples()
    names = [one for one in found if found[one].door == found[name].door]
    other = found[names[(names.index(name) + 1 + number) % len(names)]]
    sample = found[name]
    return mutated(name, number, sample.data, other.data, sample.sizes) if number else sample.data


def write(sample: Sample, data: bytes, folder: Path) -> Path:
    """Lay the damaged file and what belongs to it into `folder/in`; the file's path."""
    for name, content in {**sample.beside, sample.name: data}.items():
        path = folder / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder / "in" / sample.name


def names_in(folder: Path) -> set[Path]:
    return set(folder.rglob("*"))


def _rest() -> int:
    """Bytes resident now, what earlier files left freed given back; the peak is counted from here."""
    if sys.platform != "linux":
        return 0
    now = _resident()
    if now > _resting[0] + _TRIMMED_ABOVE:
        ctypes.CDLL(None).malloc_trim(0)
        now = _resting[0] = _resident()
    Path("/proc/self/clear_refs").write_text("5")  # proc(5): the peak is the present again
    return now


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE


def _peak() -> int:
    if sys.platform != "linux":
        return 0
    said = Path("/proc/self/status").read_text()
    return int(said.partition("VmHWM:")[2].split()[0]) * 1024
