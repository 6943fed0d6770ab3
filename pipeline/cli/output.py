"""What the command line prints: a reader that has enough, and a terminal that lacks a letter, are no errors."""

from __future__ import annotations

import io
import os
import sys
from typing import Any, Final, TextIO, cast

from pipeline.core.exit_codes import FINDINGS

_ESCAPED: Final = "backslashreplace"


def prepare_output() -> None:
    """Make stdout and stderr of this process such: once, before anything is printed.

    What they cannot encode is written as `\\u5fae`. Where the reader of a pipe has gone (`| head`) the rest goes
    nowhere, and the command ends as it would have; so it does where a stream was closed before the start (`>&-`).
    """
    sys.stdout, sys.stderr = (_prepared(cast("TextIO | None", stream)) for stream in (sys.stdout, sys.stderr))


def _prepared(stream: TextIO | None) -> TextIO:
    if stream is None:
        return open(os.devnull, "w", encoding="utf-8")
    if not isinstance(stream, io.TextIOWrapper):
        return stream
    stream.flush()
    raw = _Pipe(stream.fileno(), "w", closefd=False)
    unbuffered = stream.write_through
    buffer: Any = raw if unbuffered else io.BufferedWriter(raw)
    return io.TextIOWrapper(
        buffer, stream.encoding, _ESCAPED, line_buffering=stream.line_buffering, write_through=unbuffered
    )


class _Pipe(io.FileIO):
    """A file whose reader may go: from then on it is the null device, for child processes, too.

    gone: it went. failure: what else went wrong (a full disk).
    """

    gone = False
    failure: OSError | None = None

    def write(self, data: Any, /) -> int:
        try:
            return super().write(data)
        except OSError as e:
            self.gone = True
            self.failure = None if isinstance(e, BrokenPipeError) else e
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self.fileno())
            os.close(nowhere)
            return memoryview(data).nbytes


def is_read(stream: TextIO) -> bool:
    """False once the reader of what `prepare_output` made has gone: who only prints may end then."""
    raw = _raw(stream)
    return raw is None or not raw.gone


def finish_output(code: int) -> int:
    """Write what still waits; the exit code, or that of a failure where something could not be written."""
    sys.stdout.flush()
    raw = _raw(sys.stdout)
    if raw is None or raw.failure is None:
        return code
    print(f"moue: what was found cannot be printed: {raw.failure.strerror}", file=sys.stderr)
    return code or FINDINGS


def _raw(stream: TextIO) -> _Pipe | None:
    raw = getattr(stream.buffer, "raw", stream.buffer) if isinstance(stream, io.TextIOWrapper) else None
    return raw if isinstance(raw, _Pipe) else None
