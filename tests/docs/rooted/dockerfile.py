"""A Dockerfile's instructions, as far as docs/deploy/Dockerfile goes."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import dataclass, replace
from typing import Final, Self

_CONTINUED: Final = re.compile(r"\\\n\s*")
OF_NO_EFFECT: Final = frozenset({"FROM", "VOLUME", "EXPOSE", "STOPSIGNAL"})
"""While an image is made; what FROM brings is laid out before."""


@dataclass(frozen=True)
class State:
    """What holds for the instructions after it."""

    user: str = "0"
    folder: str = "/"
    environment: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Step:
    """One RUN (words: what a shell is given) or COPY (words: the sources, then where to), with what holds for it."""

    kind: str
    words: tuple[str, ...]
    state: State


@dataclass(frozen=True)
class Dockerfile:
    base: str
    steps: tuple[Step, ...]
    command: tuple[str, ...]
    health: tuple[str, ...]
    last: State

    @classmethod
    def of(cls, text: str) -> Self:
        """Raises ValueError where an instruction is none that this understands."""
        state, steps = State(), []
        said = dict.fromkeys(("FROM", "CMD", "HEALTHCHECK"), "")
        for kind, rest in _instructions(text):
            said[kind] = rest
            if kind == "RUN":
                steps.append(Step(kind, ("/bin/sh", "-c", rest), state))
            elif kind == "COPY":
                steps.append(Step(kind, tuple(rest.split()), state))
            elif kind not in OF_NO_EFFECT | {"CMD", "HEALTHCHECK"}:
                state = _changed(state, kind, rest)
        health = json.loads(said["HEALTHCHECK"].partition("CMD ")[2])
        return cls(said["FROM"], tuple(steps), tuple(json.loads(said["CMD"])), tuple(health), state)


def _instructions(text: str) -> list[tuple[str, str]]:
    whole = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    lines = (line.strip() for line in _CONTINUED.sub(" ", whole).splitlines())
    return [(line.partition(" ")[0], line.partition(" ")[2]) for line in lines if line]


def _changed(state: State, kind: str, rest: str) -> State:
    if kind == "ENV":
        pairs = [tuple(pair.split("=", 1)) for pair in shlex.split(rest)]
        return replace(state, environment=(*state.environment, *((name, value) for name, value in pairs)))
    if kind == "USER":
        return replace(state, user=rest)
    if kind == "WORKDIR":
        return replace(state, folder=rest)
    raise ValueError(f"{kind} {rest}: tests/docs/rooted does not know this instruction")
