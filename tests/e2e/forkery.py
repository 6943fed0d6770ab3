"""Servers of Moue by fork from one process that has their modules in memory: two seconds of CPU less each.

What starts in the child is Streamlit's own command with its own arguments, and it runs `app.py` anew. Moue's modules
read settings when they are asked, not when they are imported; `test_sign_in_browser` starts servers the long way.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

READY = "ready"
SINGLE = {"OPENBLAS_NUM_THREADS": "1", "JE_ARROW_MALLOC_CONF": "background_thread:false"}
ROOT = Path(__file__).resolve().parents[2]
MODULES = (  # what every server imports, as it starts or when a page is first looked at
    "streamlit.web.cli", "streamlit.web.bootstrap", "streamlit.web.server.starlette", "streamlit.runtime.runtime",
    "uvicorn", "uvloop", "httptools", "starlette.applications", "numpy", "cv2", "PIL.Image", "sqlite_utils", "aiohttp",
    "pandas", "altair", "PIL.ImageOps", "dlib", "simplejpeg", "lxml.html", "aiohttp_socks", "pebble", "filelock",
    "itsdangerous", "charset_normalizer", "numpy.f2py", "numpy.testing", "anyio._backends._asyncio",
    "anyio.streams.tls", "starlette.middleware.sessions", "starlette.staticfiles", "uvicorn.lifespan.on",
    "uvicorn.loops.uvloop",
    "uvicorn.protocols.http.httptools_impl", "uvicorn.protocols.websockets.websockets_sansio_impl",
    "streamlit.runtime.agent.mcp", "streamlit.web.server.starlette.starlette_agent_routes", "encodings.idna",
    "pages._routes", "pages._server.gate", "pages._server.lifespan", "pages._ui",
)  # fmt: skip


@dataclass(frozen=True)
class Forked:
    """A server that was forked: the forkery is its parent, so only its number is known here."""

    pid: int

    def poll(self) -> int | None:
        """None while it runs; 0 when it has ended, however."""
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return 0
        return None

    def wait(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while self.poll() is None:
            if time.monotonic() > until:
                raise AssertionError(f"process {self.pid} does not end")
            time.sleep(0.01)


class Forkery:
    """The parent of servers; one for each process that runs tests, and gone with it: its input ends then."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env={**os.environ, **SINGLE},
        )  # fmt: skip
        self._answer()

    def start(self, arguments: Sequence[str], cwd: Path, env: Mapping[str, str], log: Path) -> Forked:
        """`streamlit` with these arguments, in a session of its own; what it prints is appended to `log`."""
        wanted = {"arguments": list(arguments), "cwd": str(cwd), "env": dict(env), "log": str(log)}
        assert self.process.stdin
        self.process.stdin.write(json.dumps(wanted) + "\n")
        self.process.stdin.flush()
        return Forked(int(self._answer()))

    def _answer(self) -> str:
        assert self.process.stdout
        line = self.process.stdout.readline().strip()
        assert line, "the process that servers are forked from has ended"
        return line


def serve(wanted: dict[str, object]) -> None:
    """In the child: become what `streamlit` starts."""
    from streamlit.web import cli

    os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.chdir(str(wanted["cwd"]))
    os.environ.clear()
    os.environ.update(wanted["env"])  # type: ignore[call-overload]
    log = os.open(str(wanted["log"]), os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    null = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((null, 0), (log, 1), (log, 2)):
        os.dup2(source, target)
    sys.path[0] = str(wanted["cwd"])
    sys.argv = ["streamlit", *wanted["arguments"]]  # type: ignore[misc]
    cli.main(prog_name="streamlit")


def _of_pages() -> Iterator[str]:
    """Modules that pages import: what lies in their rooms. The pages themselves run anew, for each session."""
    for file in (ROOT / "pages").glob("_*/**/*.py"):
        if not file.read_text("utf-8").endswith("\nmain()\n"):  # a page that lies in a room
            yield ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def main() -> None:
    sys.path[0] = str(ROOT)
    for name in MODULES:
        importlib.import_module(name)
    importlib.import_module("tests.e2e.undecoded.guard").install()
    for name in sorted(_of_pages()):
        importlib.import_module(name)
    threads = os.listdir("/proc/self/task") if sys.platform == "linux" else [""]
    assert len(threads) == 1, "a thread would not come along through the fork: see SINGLE"
    gc.collect()
    gc.freeze()  # else each child goes through all of it, and copies it, whenever it collects
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # children are gone when they end
    print(READY, flush=True)
    made: list[int] = []
    for line in sys.stdin:
        if pid := os.fork():
            made.append(pid)
            print(pid, flush=True)
            continue
        serve(json.loads(line))
        return
    for pid in made:  # tests that were killed stop no server; each leads a session of its own
        with suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)


if __name__ == "__main__":
    main()
