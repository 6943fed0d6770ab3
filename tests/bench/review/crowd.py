"""A crowd at human pace: each person opens Review, decides twice a second, loads pictures, asks what others decided.

    python -m tests.bench.review.crowd ADDRESS FACES.json [--people 24] [--seconds 30] [--rate 2]

FACES.json: [[face id, sha256, crop version], …]. A process of its own: it must not share the server's interpreter.
Prints one JSON object: decisions, pictures, refused, p50 and p95 in ms, cpu in seconds.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.bench.review.session import Session


@dataclass
class Seen:
    """What all people met. laps: ms of each decision."""

    laps: list[float] = field(default_factory=list)
    pictures: int = 0
    refused: int = 0


class Line:
    """One kept-alive HTTP connection, as thin as it gets: the load must not eat the machine it measures."""

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        self.host, self.port, self.origin = parts.hostname, parts.port, address
        self.cookie = ""

    async def open(self) -> None:
        self.reader, self.writer = await asyncio.open_connection(self.host, self.port)

    async def ask(self, method: str, path: str, body: object = None) -> tuple[int, dict[str, str], bytes]:
        """(status, headers, body). Raises IncompleteReadError where the server hangs up."""
        data = b"" if body is None else json.dumps(body).encode()
        head = [f"{method} {path} HTTP/1.1", f"Host: {self.host}:{self.port}", f"Content-Length: {len(data)}"]
        head += [f"Cookie: {self.cookie}"] if self.cookie else []
        head += [f"Origin: {self.origin}", "Content-Type: application/json"] if body is not None else []
        self.writer.write("\r\n".join([*head, "", ""]).encode() + data)
        lines = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in lines[1:] if line)}
        return int(lines[0].split()[1]), headers, await self._body(headers)

    async def _body(self, headers: dict[str, str]) -> bytes:
        if headers.get("transfer-encoding") != "chunked":
            return await self.reader.readexactly(int(headers.get("content-length", "0")))
        whole = b""
        while size := int((await self.reader.readuntil(b"\r\n")).strip(), 16):
            whole += await self.reader.readexactly(size)
            await self.reader.readexactly(2)
        await self.reader.readexactly(2)
        return whole


async def person(
    number: int, address: str, faces: Sequence[Sequence[str]], until: float, rate: float, seen: Seen
) -> None:
    """One of them. Where each begins is left to chance, the pace varies by a half."""
    dice = random.Random(number)
    line, pictures = Line(address), Line(address)
    await line.open()
    await pictures.open()
    _, headers, _ = await line.ask("POST", "/api/sign-in", {"name": f"crowd {number}"})
    line.cookie = pictures.cookie = headers["set-cookie"].partition(";")[0]
    await asyncio.sleep(dice.random() * 2)
    session = await Session.open(address, line.cookie)
    opens = time.monotonic() + dice.random() * max(0.0, until - time.monotonic() - 1)
    follows = asyncio.create_task(_follow(pictures, until))
    while time.monotonic() < until:
        if time.monotonic() > opens:
            await session.visit("review", "size=200&state=all")
            opens = until + 1
        face, sha, version = dice.choice(faces)
        status, _, _ = await pictures.ask("GET", f"/api/image/crop/{face}?v={version}&s=192")
        seen.pictures += status == 200
        await _decide(line, face, sha, dice, seen)
        await asyncio.sleep(dice.uniform(0.5, 1.5) / rate)
    await follows
    await session.close()


async def _decide(line: Line, face: str, sha: str, dice: random.Random, seen: Seen) -> None:
    op = {"op": "decide", "uuid": str(uuid.UUID(int=dice.getrandbits(128), version=4)), "step": str(uuid.uuid4()),
          "face_id": face, "sha256": sha, "verdict": "accept", "class_id": dice.randint(1, 4)}  # fmt: skip
    start = time.perf_counter()
    status, _, answer = await line.ask("POST", "/api/decisions", {"ops": [{**op, "seq": 1}]})
    seen.laps.append(1000 * (time.perf_counter() - start))
    results: list[dict[str, Any]] = json.loads(answer)["results"] if status == 200 else []
    seen.refused += not results or results[0]["status"] != "saved"


async def _follow(line: Line, until: float) -> None:
    """What others decided, about every four seconds, as the page asks; the pictures' connection serves."""
    mine = Line(line.origin)
    mine.cookie = line.cookie
    await mine.open()
    seq = 0
    while time.monotonic() < until:
        await asyncio.sleep(4)
        status, _, answer = await mine.ask("GET", f"/api/changes?after={seq}")
        if status == 200:
            seq = json.loads(answer)["seq"]


async def crowd(address: str, faces: Sequence[Sequence[str]], people: int, seconds: float, rate: float) -> Seen:
    seen, until = Seen(), time.monotonic() + seconds
    async with asyncio.TaskGroup() as group:
        for number in range(people):
            group.create_task(person(number, address, faces, until, rate, seen))
    return seen


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.review.crowd", description=__doc__.splitlines()[0])
    parser.add_argument("address")
    parser.add_argument("faces", type=Path)
    parser.add_argument("--people", type=int, default=24)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--rate", type=float, default=2)
    args = parser.parse_args(argv)
    start = time.process_time()
    seen = asyncio.run(crowd(args.address, json.loads(args.faces.read_text()), args.people, args.seconds, args.rate))
    laps = sorted(seen.laps) or [0.0]
    json.dump({"decisions": len(seen.laps), "pictures": seen.pictures, "refused": seen.refused,
               "p50": laps[len(laps) // 2], "p95": laps[int(0.95 * (len(laps) - 1))],
               "cpu": time.process_time() - start}, sys.stdout)  # fmt: skip


if __name__ == "__main__":
    main()
