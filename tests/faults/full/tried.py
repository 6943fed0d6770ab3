"""One work on a disk that gets full at a certain call: done, refused in words, looked at, and done again with room."""

from __future__ import annotations

import json
from pathlib import Path

from pages._words import recorded
from pipeline.core.errors import MoueError
from pipeline.core.messages import VERBATIM
from tests.faults.full.disk import FullDisk
from tests.faults.full.works import WORKS, Work


def tried(name: str, root: str, call: str, short: str) -> None:
    """Prints one line of JSON: the calls that needed room, whether it got full, what was said. call: "" for never."""
    disk = FullDisk(Path(root))
    work = WORKS[name](Path(root))
    work.prepare()
    disk.fill_at(int(call) if call else None, short=bool(short))
    said = attempt(work)
    told = {"calls": disk.calls, "full": disk.is_full, "said": said[0], "zh": said[1]}
    disk.free()
    if said[0]:
        assert told["full"], f"refused though there was room: {said}"
        work.check()
        again = attempt(work)
        assert again == ("", ""), f"refused again, with room: {again}"
    elif name == "thumbnail":
        work.do()
    work.done()
    print(json.dumps(told, ensure_ascii=False))


def attempt(work: Work) -> tuple[str, str]:
    """What it was refused with, in English and in Chinese; empty where it was done."""
    try:
        work.do()
    except MoueError as e:
        told = e.message
    else:
        return "", ""
    assert told.code != VERBATIM, f"not in words: {told}"
    return str(told), recorded.translate(told, "zh")
