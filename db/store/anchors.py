"""Anchors: a file beside the database that notes where the decision log ended at certain times; one more for the audit.

If somebody cuts the log off or rewrites its end, and changes the database's own note of it as well, the database alone
cannot show it. A line of this file says that decision number n had a certain hash. A line is appended whenever the
workspace is closed, backed up, exported or verified without findings. It holds no names and no paths.
"""

from __future__ import annotations

import logging
import os
import re
from pathlib import Path
from typing import Final, Literal

from sqlite_utils.db import Database as Db

from db.base.clock import now_iso
from pipeline.core.errors import StorageError
from pipeline.core.messages import Finding, Message, finding, message
from pipeline.core.system.calls import read_at
from pipeline.core.system.regular import read_regular

NAME: Final = ".anchors"
OF_AUDIT: Final = ".anchors-audit"
LOGS: Final = {NAME: "decisions", OF_AUDIT: "audit"}
"""The table whose end a file notes."""
_CODES: Final = {"decisions": ("found_decision_gone", "found_decision_other"),
                 "audit": ("found_audit_row_gone", "found_audit_row_other")}  # fmt: skip
_OCCASIONS: Final = frozenset(("found_when_closed", "found_when_backup", "found_when_release", "found_when_verified"))
Occasion = Literal["closed", "backup", "release", "verified", "restored"]
_LINE: Final = re.compile(r"(?P<seq>[1-9]\d*) (?P<hash>[0-9a-f]{64}) (?P<at>\S+) (?P<occasion>[a-z]+)")
_TAIL: Final = 512


def read_head(db: Db, table: str = "decisions") -> tuple[int, str] | None:
    """(seq, hash) of the newest decision (of `audit`: of its newest row), None while there is none."""
    row = db.execute(f"SELECT seq, hash FROM {table} ORDER BY seq DESC LIMIT 1").fetchone()
    return None if row is None else (row[0], row[1])


def note(root: Path, head: tuple[int, str] | None, occasion: Occasion, name: str = NAME) -> None:
    """Append a line for the log's end `head`, unless the last line says the same. Raises OSError."""
    if head is None:
        return
    file = root / name
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
    try:
        end = os.fstat(descriptor).st_size
        tail = read_at(descriptor, _TAIL, max(0, end - _TAIL)).decode("ascii", "replace")
        if tail.rpartition("\n")[0].rpartition("\n")[2].startswith(f"{head[0]} {head[1]} "):
            return
        torn = "\n" if tail and not tail.endswith("\n") else ""  # by a crash in the middle of a line
        os.write(descriptor, f"{torn}{head[0]} {head[1]} {now_iso()} {occasion}\n".encode())  # one write: whole lines
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def try_note(root: Path, head: tuple[int, str] | None, occasion: Occasion, name: str = NAME) -> None:
    """Like `note`, but if the file cannot be written, this is only logged."""
    try:
        note(root, head, occasion, name)
    except OSError as e:
        logging.warning("%s could not be written: %s", root / name, e)


def check(db: Db, root: Path) -> list[Finding]:
    """A finding for each line that contradicts its log or was not written by Moue, empty if none."""
    return [finding for name in LOGS for finding in _check_file(db, root, name)]


def _check_file(db: Db, root: Path, name: str) -> list[Finding]:
    try:
        text = read_regular(root / name).decode("ascii", "replace")
    except FileNotFoundError:
        return []
    except OSError as e:
        raise StorageError(message("anchors_unreadable", file=root / name, why=e.strerror)) from e
    findings: list[Finding] = []
    lines = text.split("\n")
    for number, line in enumerate(lines, start=1):
        found = _LINE.fullmatch(line)
        if found is not None:
            findings += check_anchor(db, int(found["seq"]), found["hash"], _when(**found.groupdict()), LOGS[name])
        elif line and number < len(lines) and not _is_torn(line):
            findings.append(finding("found_anchor_foreign", file=name, line=number))
    return findings


def check_anchor(db: Db, seq: int, digest: str, when: Message, table: str = "decisions") -> list[Finding]:
    """A finding if the hash of row `seq` is not `digest`, as was noted `when`."""
    gone, other = _CODES[table]
    row = None if seq >= 1 << 63 else db.execute(f"SELECT hash FROM {table} WHERE seq = ?", [seq]).fetchone()
    if row is None:
        return [finding(gone, seq=str(seq), when=when)]
    return [] if row[0] == digest else [finding(other, seq=str(seq), when=when)]


def _when(at: str, occasion: str, **_more: str) -> Message:
    known = f"found_when_{occasion}"
    return message(known, at=at) if known in _OCCASIONS else message("found_when_noted", at=at, occasion=occasion)


def _is_torn(line: str) -> bool:
    """The beginning of a line as a crash leaves it, or zeros in its place or behind it, which a power cut leaves where
    the file had grown and its bytes were not there yet. The next line is whole again."""
    return re.fullmatch(r"([1-9]\d*( [0-9a-f]*( \S*( [a-z]*)?)?)?)?\0*", line) is not None
