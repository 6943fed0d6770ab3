"""One error tree. A message names the thing and the remedy."""

from __future__ import annotations

import errno
import json
import os
from typing import ClassVar, Final

from pipeline.core.messages import Message, message_of, os_message, verbatim
from pipeline.core.outcome import Outcome

ERRORS_VARIABLE: Final = "MOUE_ERRORS"
"""With the value `json`, the command line writes the error that ends it as JSON: the server sets it, to translate."""
_PREFIX: Final = "moue: "
_CLOSED: Final = frozenset({errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT})
_FAILING: Final = frozenset({errno.EIO, errno.ESTALE, errno.ENXIO, errno.ENODEV, errno.ENOTCONN, errno.ETIMEDOUT})
"""Of a disk, or of what it hangs on."""


class MoueError(Exception):
    """The root of everything that Moue raises on purpose.

    It is made of a Message, where a page or a record tells of it, or of plain words.
    """

    @property
    def message(self) -> Message:
        """What happened, to be translated; `str` is the English sentence."""
        said = self.args[0] if self.args else ""
        return said if isinstance(said, Message) else verbatim(str(self))


class UsageError(MoueError):
    """The call itself is wrong (a missing path, an unknown name): exit code 2 on the command line."""


class DecodeError(MoueError):
    """An image does not pass the decode gate: the root of four errors, never raised itself.

    outcome: what becomes of the image then.
    """

    outcome: ClassVar[Outcome]


class UndecodableError(DecodeError):
    """The bytes claim to be an image and are not a whole one."""

    outcome = Outcome.UNDECODABLE


class TooLargeError(DecodeError):
    """The file or the picture in it is over a cap."""

    outcome = Outcome.TOO_LARGE


class UnsupportedError(DecodeError):
    """Not one of the image formats that Moue reads."""

    outcome = Outcome.UNSUPPORTED


class UnavailableError(DecodeError):
    """The bytes cannot be read: the file vanished or may not be opened."""

    outcome = Outcome.UNAVAILABLE


class ModelError(MoueError):
    """A weight file is missing or is not the one that Moue was measured with."""


class WorkerError(MoueError):
    """Worker processes cannot be kept running at all; no single photo is to blame."""


class StorageError(MoueError):
    """The workspace cannot be written or read: full disk, permissions, a lock."""


class BusyError(StorageError):
    """Another living process holds the lock of this workspace or job."""


class IntegrityError(MoueError):
    """A stored record contradicts another (hash chain, missing file, changed bytes)."""


class DecisionError(MoueError):
    """A decision cannot be taken: unknown face, other image, unknown class, unknown reason."""


class ExportError(MoueError):
    """A release is refused; the message says what is short and what to do."""


class SignInError(MoueError):
    """A name cannot be used to sign in."""


class NotAllowedError(MoueError):
    """Somebody's role in this workspace does not allow what they ask for."""


class EngineError(MoueError):
    """An image search gives no answer that can be used; the message names the engine and the remedy.

    blocked: the engine refuses this machine's IP address for now; an immediate retry makes it worse.
    """

    def __init__(self, message: Message | str, *, blocked: bool = False) -> None:
        super().__init__(message)
        self.blocked = blocked


def refused_place(error: OSError) -> StorageError | None:
    """What to say of a place that the system keeps from whoever runs Moue, or whose disk fails, where nobody asked
    before. None for an error that names no place, or that permissions and disks do not explain: a slip of ours."""
    if error.filename is None or error.errno not in _CLOSED | _FAILING:
        return None
    code = "place_refused" if error.errno in _CLOSED else "place_fails"
    return StorageError(os_message(error, code, place=error.filename))


def error_line(error: MoueError) -> str:
    """The line on stderr with which a command ends: for people, or for the server that started it."""
    if os.environ.get(ERRORS_VARIABLE) != "json":
        return f"{_PREFIX}{error}"
    told = error.message
    text = str(error).encode("utf-8", "backslashreplace").decode()  # a path may hold bytes that are no text
    return json.dumps({"text": text, "code": told.code, "params": told.json_params()})


def last_message(stderr: str) -> Message | None:
    """What a command that failed said last, as `error_line` wrote it or in any words; None where it said nothing."""
    lines = stderr.strip().splitlines()
    if not lines:
        return None
    try:
        said = json.loads(lines[-1])
        return message_of(str(said["text"]), said["code"], said["params"])
    except (ValueError, RecursionError, KeyError, TypeError):
        return verbatim(lines[-1].removeprefix(_PREFIX))
