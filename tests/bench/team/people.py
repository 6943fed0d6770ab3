"""People who label together at human pace, by the routes alone: each takes the next faces and answers them.

    python -m tests.bench.team.people ADDRESS FACES.json [--people 25] [--seconds 120] [--rate 2]

FACES.json: {face id: sha256}. A process of its own: it must not share the server's interpreter. Prints one JSON object:
served ([person, face] in order), saves, claims, renewals, changes (ms of each), saved_at (when each save was answered,
seconds since they began), errors (texts), cpu in seconds.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import random
import sys
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tests.bench.review.crowd import Line

BATCH = 96
RENEW_SECONDS = 60
POLL_SECONDS = 4


@dataclass
class Seen:
    """What all people met."""

    served: list[tuple[int, str]] = field(default_factory=list)
    saves: list[float] = field(default_factory=list)
    saved_at: list[float] = field(default_factory=list)
    claims: list[float] = field(default_factory=list)
    renewals: list[float] = field(default_factory=list)
    changes: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)


@dataclass
class Person:
    """One of them, with a line for what they do and one for what their page does beside. ids: of all faces, sorted
    once for all people: sorted by each, what this process did would be told as the server's time."""

    number: int
    line: Line
    beside: Line
    faces: Mapping[str, str]
    ids: Sequence[str]
    seen: Seen
    dice: random.Random
    batch: str = ""

    async def ask(self, line: Line, laps: list[float], method: str, path: str, body: object = None) -> Any:
        start = time.perf_counter()
        try:
            status, _, answer = await line.ask(method, path, body)
        except (asyncio.IncompleteReadError, ConnectionError):  # hung up while nothing was asked: a browser dials anew
            await line.open()
            status, _, answer = await line.ask(method, path, body)
        laps.append(1000 * (time.perf_counter() - start))
        if status != 200:
            self.seen.errors.append(f"{path}: {status} {answer[:200].decode('utf-8', 'replace')}")
            return {}
        return json.loads(answer)

    async def label(self, until: float, rate: float) -> None:
        while time.monotonic() < until:
            found = await self.ask(
                self.line, self.seen.claims, "POST", "/api/claims/next", {"query": {}, "size": BATCH}
            )
            self.batch = found.get("batch", "")
            if not self.batch:
                return
            self.seen.served += [(self.number, face) for face in found["faces"]]
            for face in found["faces"]:
                if time.monotonic() > until:
                    return
                await asyncio.sleep(self.dice.uniform(0.5, 1.5) / rate)
                await self.decide(face)

    async def decide(self, face: str) -> None:
        key = str(uuid.UUID(int=self.dice.getrandbits(128), version=4))
        op = {"op": "decide", "uuid": key, "step": key, "face_id": face, "sha256": self.faces[face], "seq": 1,
              "verdict": "accept", "class_id": self.dice.randint(1, 4), "seen": ""}  # fmt: skip
        answer = await self.ask(self.line, self.seen.saves, "POST", "/api/decisions", {"ops": [op]})
        self.seen.saved_at.append(time.monotonic() - self.seen.began)
        for result in answer.get("results", ()):
            if result["status"] != "saved":
                self.seen.errors.append(f"{face}: {result['status']} {result['message']}")

    async def live(self, until: float) -> None:
        """What an open page does by itself."""
        seq, claims, renew_at = 0, "", time.monotonic() + RENEW_SECONDS
        while time.monotonic() < until:
            await asyncio.sleep(POLL_SECONDS * self.dice.uniform(0.9, 1.1))
            told = await self.ask(self.beside, self.seen.changes, "GET", f"/api/changes?after={seq}")
            seq = told.get("seq", seq)
            if told.get("claims", "") != claims:
                claims = told["claims"]
                shown = self.dice.sample(self.ids, BATCH)
                await self.ask(self.beside, self.seen.changes, "POST", "/api/claims/others", {"faces": shown})
            if time.monotonic() > renew_at and self.batch:
                renew_at += RENEW_SECONDS
                asked = self.batch
                answer = await self.ask(self.beside, self.seen.renewals, "POST", "/api/claims/renew", {"batch": asked})
                if not answer.get("alive") and self.batch == asked:  # else it was done meanwhile
                    self.seen.errors.append(f"a living page lost its batch: {answer}")


async def person(
    number: int, address: str, faces: Mapping[str, str], ids: Sequence[str], until: float, rate: float, seen: Seen
) -> None:
    """Where each begins is left to chance."""
    dice = random.Random(number)
    line, beside = Line(address), Line(address)
    await line.open()
    await beside.open()
    _, headers, _ = await line.ask("POST", "/api/sign-in", {"name": f"person {number}"})
    line.cookie = beside.cookie = headers["set-cookie"].partition(";")[0]
    await asyncio.sleep(dice.random() * 2)
    one = Person(number, line, beside, faces, ids, seen, dice)
    await asyncio.gather(one.label(until, rate), one.live(until))


async def crowd(address: str, faces: Mapping[str, str], people: int, seconds: float, rate: float) -> Seen:
    ids = sorted(faces)
    gc.collect()
    gc.freeze()
    seen, until = Seen(), time.monotonic() + seconds
    async with asyncio.TaskGroup() as group:
        for number in range(people):
            group.create_task(person(number, address, faces, ids, until, rate, seen))
    return seen


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.team.people", description=__doc__.splitlines()[0])
    parser.add_argument("address")
    parser.add_argument("faces", type=Path)
    parser.add_argument("--people", type=int, default=25)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--rate", type=float, default=2)
    args = parser.parse_args()
    start = time.process_time()
    faces = json.loads(args.faces.read_text())
    seen = asyncio.run(crowd(args.address, faces, args.people, args.seconds, args.rate))
    json.dump({**asdict(seen), "cpu": time.process_time() - start}, sys.stdout)


if __name__ == "__main__":
    main()
