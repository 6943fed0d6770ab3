"""The comparison of two detectors: a process of its own, its answers read as they come, and how a photo is drawn."""

from __future__ import annotations

import html
import json
import os
import signal
import subprocess
import tempfile
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

from pages import _ui
from pages._server.command import command_line, environment
from pages._words import count, t
from pages._words.locations import split_location
from pipeline.core.errors import BusyError, StorageError, last_message
from pipeline.core.exit_codes import INTERRUPTED
from pipeline.core.messages import Message, message
from pipeline.core.system.calls import read_at

COLOUR_A: Final = "#E69F00"
COLOUR_B: Final = "#56B4E9"
COLOUR_BOTH: Final = "#FFFFFF"
_guard: Final = threading.Lock()
_running: Final[list[subprocess.Popen[bytes]]] = []


@dataclass(slots=True, eq=False)
class Run:
    """One comparison. Its output goes to files without a name, so nothing is left behind."""

    a: str
    b: str
    child: subprocess.Popen[bytes]
    out: IO[bytes]
    errors: IO[bytes]

    def photos(self) -> list[dict[str, Any]]:
        """The photos done so far, in order."""
        whole, _, _ = _all_of(self.out).rpartition("\n")
        return [json.loads(line) for line in whole.splitlines()]

    @property
    def ended(self) -> bool:
        return self.child.poll() is not None

    @property
    def failure(self) -> Message | None:
        """Why it stopped early; None where it did not, or somebody stopped it."""
        if not self.child.poll() or self.child.returncode in (-signal.SIGTERM, INTERRUPTED):
            return None
        return last_message(_all_of(self.errors)) or message("comparison_died", n=self.child.returncode)

    def stop(self) -> None:
        if not self.ended:
            self.child.terminate()


def _all_of(stream: IO[bytes]) -> str:
    # at an offset of our own: the child writes through the same open file
    return read_at(stream.fileno(), os.fstat(stream.fileno()).st_size, 0).decode("utf-8", "replace")


def start(root: Path, a: str, b: str, sample: int) -> Run:
    """Raises BusyError while another one runs (two would spoil each other's seconds), StorageError."""
    words = ("--workspace", str(root), "--json-lines", "--a", a, "--b", b, "--sample", str(sample))
    with _guard:
        _running[:] = [child for child in _running if child.poll() is None]
        if _running:
            raise BusyError(t("two detectors are being compared already: wait for that, or stop it"))
        try:
            out, errors = tempfile.TemporaryFile(), tempfile.TemporaryFile()  # noqa: SIM115 - they live with the run
            child = subprocess.Popen(
                command_line("compare", *words), env=environment(), stdin=subprocess.DEVNULL, stdout=out, stderr=errors
            )
        except OSError as e:
            raise StorageError(message("comparison_not_started", why=e.strerror or e)) from e
        _running.append(child)
    return Run(a, b, child, out, errors)


@dataclass(frozen=True, slots=True)
class Summary:
    """Over the photos that could be looked at; rates are photos a second."""

    photos: int
    differ: int
    failed: int
    both: int
    only_a: int
    only_b: int
    rate_a: float
    rate_b: float


def summary(photos: Sequence[Mapping[str, Any]]) -> Summary:
    """The sums of what `Run.photos` tells."""
    intact = [photo for photo in photos if not photo["failure"]]

    def faces(name: str) -> int:
        return sum(len(photo[name]) for photo in intact)

    def rate(name: str) -> float:
        seconds = sum(float(photo[name]) for photo in intact)
        return len(intact) / seconds if seconds else 0.0

    return Summary(
        len(intact), sum(map(differs, intact)), len(photos) - len(intact),
        faces("both"), faces("only_a"), faces("only_b"), rate("seconds_a"), rate("seconds_b"),
    )  # fmt: skip


def rate_told(number: float) -> str:
    """Photos a second, so that a slow detector does not read as none: `1,240`, `9.4`, `0.38`."""
    digits = 0 if number >= 10 or not number else 1 if number >= 1 else 2
    return f"{number:,.{digits}f}"


def differs(photo: Mapping[str, Any]) -> bool:
    return bool(photo["only_a"] or photo["only_b"])


def gallery(photos: Sequence[Mapping[str, Any]], a: str, b: str) -> str:
    """HTML of the photos with their boxes: colour, stroke and letter tell A, B and both apart."""
    return f"<style>{_STYLE}</style><div class='cmp'>{''.join(_figure(photo, a, b) for photo in photos)}</div>"


def _figure(photo: Mapping[str, Any], a: str, b: str) -> str:
    boxes = [_box(photo, pair[0], "both", "AB") for pair in photo["both"]]
    boxes += [_box(photo, box, "a", "A") for box in photo["only_a"]]
    boxes += [_box(photo, box, "b", "B") for box in photo["only_b"]]
    name = html.escape(split_location(photo["name"])[1], quote=True)
    only = (("only_a", a), ("only_b", b))
    words = [t("{n} only {detector}", n=len(photo[key]), detector=who) for key, who in only if photo[key]]
    both = len(photo["both"])
    message = _ui.join_words(words) or (t("{faces} by both", faces=count(both, "face")) if both else t("no face"))
    source = f"{_ui.base_path()}api/image/thumb/{photo['sha256']}"
    return (
        f"<figure><div><img src='{source}' alt='{name}: {message}' loading='lazy'>{''.join(boxes)}</div>"
        f"<figcaption><b>{message}</b><br>{name}</figcaption></figure>"
    )


def _box(photo: Mapping[str, Any], box: Sequence[float], kind: str, letter: str) -> str:
    """A box as shares of the photo, so that it holds at any size on the screen; what lies outside is cut off."""
    width, height = photo["width"], photo["height"]
    x1, x2 = (min(max(v / width, 0), 1) * 100 for v in (box[0], box[2]))
    y1, y2 = (min(max(v / height, 0), 1) * 100 for v in (box[1], box[3]))
    position = f"left:{x1:.2f}%;top:{y1:.2f}%;width:{x2 - x1:.2f}%;height:{y2 - y1:.2f}%"
    return f"<span class='{kind}' style='{position}'><i>{letter}</i></span>"


_STYLE: Final = f"""
.cmp {{ display: grid; grid-template-columns: repeat(auto-fill, minmax(220px, 1fr)); gap: 16px; align-items: start; }}
.cmp figure {{ margin: 0; min-width: 0; }}
.cmp figure > div {{ position: relative; overflow: hidden; border-radius: 4px; width: fit-content; max-width: 100%; }}
.cmp img {{ display: block; max-width: 100%; max-height: 320px; }}
.cmp figcaption {{ font-size: 0.875rem; overflow-wrap: anywhere; margin-top: 4px; }}
.cmp span {{ position: absolute; box-sizing: border-box; outline: 1px solid rgba(0, 0, 0, .6); }}
.cmp .a {{ border: 3px solid {COLOUR_A}; }}
.cmp .b {{ border: 3px dashed {COLOUR_B}; }}
.cmp .both {{ border: 1px solid {COLOUR_BOTH}; }}
.cmp i {{ position: absolute; left: 0; top: 0; font: 600 11px/14px sans-serif; padding: 0 3px; color: #000; }}
.cmp .a i {{ background: {COLOUR_A}; }}
.cmp .b i {{ background: {COLOUR_B}; left: auto; right: 0; }}
.cmp .both i {{ background: {COLOUR_BOTH}; }}
"""
