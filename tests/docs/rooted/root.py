"""A root of its own, made by debootstrap, in which an image's steps are run without an engine.

What is mounted in it is mounted for the process that runs there alone, and is gone with it: who removes the folder
removes nothing else.
"""

from __future__ import annotations

import shlex
import shutil
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.docs.rooted.dockerfile import State, Step

PACKAGES: Final = "python3,python3-venv,ca-certificates,netbase,tzdata"
"""What python:3.11-slim-bookworm holds besides: Debian's own Python stands in for the one that is compiled there."""
PATH: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
MOUNTS: Final = (
    ("-t proc proc", "proc"),
    ("--rbind /dev", "dev"),
    ("-t tmpfs -o size=64m tmpfs", "dev/shm"),
)
"""As an engine has them, 64 MB of shared memory among them."""
_NOT_COPIED: Final = shutil.ignore_patterns("__pycache__")


@dataclass(frozen=True)
class Root:
    """lent: folders of the machine that its processes may read while the image is made."""

    path: Path
    lent: Sequence[Path] = ()

    def begin(self, suite: str, mirror: str) -> None:
        """Raises CalledProcessError."""
        asked = ("--variant=minbase", f"--include={PACKAGES}", suite, str(self.path), mirror)
        subprocess.run(("unshare", "--mount", "debootstrap", *asked), check=True)
        shutil.copy("/etc/resolv.conf", self.path / "etc/resolv.conf")
        # The base image's Python lies in /usr/local, and pip may write there.
        subprocess.run(
            self.words(State(), ["python3", "-m", "venv", "/usr/local"]), env=self.variables(State()), check=True
        )

    def lend(self, paths: Iterable[Path]) -> Root:
        """Copies what are files to where they lie here; folders are mounted, to be read."""
        folders = []
        for path in paths:
            there = self.path / path.relative_to("/")
            if path.is_dir():
                folders.append(path)
                there.mkdir(parents=True, exist_ok=True)
            else:
                there.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(path, there)
        return Root(self.path, folders)

    def variables(self, state: State, more: Mapping[str, str] | None = None) -> dict[str, str]:
        _, _, home = self.user(state)
        return {"PATH": PATH, "HOME": home, **dict(state.environment), **(more or {})}

    def words(self, state: State, words: Sequence[str], *unshared: str) -> list[str]:
        """A command that runs `words` in the root; unshared: options of unshare(1)."""
        uid, gid, _ = self.user(state)
        mounts = [(what, self.path / where) for what, where in MOUNTS]
        mounts += [(f"--bind -o ro {shlex.quote(str(one))}", self.path / one.relative_to("/")) for one in self.lent]
        lines = [f"mount {what} {shlex.quote(str(where))}" for what, where in mounts]
        if "--net" in unshared:
            lines.append("ip link set lo up")
        inside = shlex.join(["/bin/sh", "-c", f"cd {shlex.quote(state.folder)} && exec {shlex.join(words)}"])
        lines.append(f"exec chroot --userspec={uid}:{gid} --groups= {shlex.quote(str(self.path))} {inside}")
        return ["unshare", "--mount", *unshared, "--", "/bin/sh", "-ec", "\n".join(lines)]

    def do(self, step: Step, context: Path, more: Mapping[str, str]) -> None:
        """Raises CalledProcessError with what the step said. context: the folder that COPY copies from."""
        folder = self.path / step.state.folder.lstrip("/")
        folder.mkdir(parents=True, exist_ok=True)
        if step.kind == "RUN":
            subprocess.run(self.words(step.state, step.words), env=self.variables(step.state, more), check=True)
            return
        *sources, to = step.words
        for source in sources:
            if (context / source).is_dir():
                shutil.copytree(context / source, folder / to, ignore=_NOT_COPIED)
            else:
                shutil.copy(context / source, folder / to)

    def user(self, state: State) -> tuple[str, str, str]:
        """Its number, its group's, and its home, as the root's own table of users says."""
        for line in (self.path / "etc/passwd").read_text("utf-8").splitlines():
            name, _, uid, gid, _, home, _ = line.split(":")
            if state.user in (name, uid):
                return uid, gid, home
        raise LookupError(f"nobody is {state.user} in {self.path}")
