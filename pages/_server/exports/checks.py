"""Whether the files of a release are as they were made: `release verify` beside the server, one at a time in a
workspace.

A page begins it and looks again until it is known; nobody waits for it. It reads alone: the server's end ends it, too.
"""

from __future__ import annotations

import json
import subprocess
import threading
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from db.tables.releases import ReleaseRow
from pages._server.command import command_line, environment
from pipeline.core.errors import BusyError, StorageError, last_message
from pipeline.core.exit_codes import FINDINGS
from pipeline.core.messages import Message, message, message_of


@dataclass(frozen=True, slots=True)
class Found:
    """title: of the release that lies there. files: that it names. own_sum: whether its release.json has a sum of its
    own. findings: what is missing, changed or not its own."""

    title: str
    files: int
    own_sum: bool
    findings: tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class Check:
    """release: its number in the list; title: as the list has it. found: raises StorageError where none can be read."""

    release: int
    title: str
    found: Future[Found]
    process: subprocess.Popen[str]


_checks: Final[dict[Path, Check]] = {}
"""The newest of each workspace."""
_guard: Final = threading.Lock()


def begin(root: Path, release: ReleaseRow) -> None:
    """Raises BusyError while another one is read, StorageError where no process can be started."""
    with _guard:
        before = _checks.get(root)
        if before is not None and not before.found.done():
            raise BusyError(message("release_check_running", title=before.title))
        words = command_line("release", "verify", release.path, "--json", "--workspace", str(root))
        try:
            process = subprocess.Popen(
                words, env=environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                text=True,
            )  # fmt: skip
        except OSError as e:
            raise StorageError(message("verify_not_run", why=e.strerror or str(e))) from e
        check = _checks[root] = Check(release.id, release.title, Future(), process)
    threading.Thread(target=_follow, args=(check,), name="release-check", daemon=True).start()


def newest(root: Path) -> Check | None:
    """The check that runs, or the one that ended last since the server started."""
    return _checks.get(root)


def end_all() -> None:
    """At the server's end."""
    with _guard:
        for check in _checks.values():
            if check.process.poll() is None:
                check.process.terminate()
        _checks.clear()


def _follow(check: Check) -> None:
    told, complained = check.process.communicate()
    try:
        check.found.set_result(_read(told, complained, check.process.returncode))
    except StorageError as e:
        check.found.set_exception(e)


def _read(told: str, complained: str, code: int) -> Found:
    """Raises StorageError where it says that it could not check, or nothing that can be read."""
    if code not in (0, FINDINGS):
        why = last_message(complained)
        raise StorageError(message("verify_failed", why=why) if why else message("verify_failed_silently"))
    try:
        said = json.loads(told)
        findings = zip(said["findings"], said["finding_messages"], strict=True)
        found = tuple(message_of(text, one["code"], one["params"]) for text, one in findings)
        return Found(f"{said['line']} #{said['number']}", int(said["files"]), bool(said["own_sum"]), found)
    except (ValueError, KeyError, TypeError) as e:
        raise StorageError(message("verify_failed_silently")) from e
