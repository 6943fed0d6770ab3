"""People label through the real server, which is killed again and again; what it said was saved must be in the log.

A client does what the page does: it numbers its answers, sends them in batches, and sends again, under the same UUIDs,
what was not answered. `python -m tests.faults` runs it for minutes.
"""

from __future__ import annotations

import http.client
import json
import random
import signal
import sqlite3
import threading
import time
import uuid
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.e2e.conftest import Server, free_port
from tests.faults.tally import Tally
from tests.pipeline.commands import inside, rows

BATCHES: Final = (1, 5, 20, 100, 500)
"""Sizes of a batch, as quick and slow people and a page that was offline send them."""
_KEPT: Final = {"saved", "repeat", "differs"}
"""Statuses of an op that is in the log: now, before, as an answer that had not seen another's."""
FACES: Final = "SELECT id, sha256 FROM faces ORDER BY id"


class Client:
    """One person's page. `saved` are the UUIDs that the server acknowledged, `waiting` the ops that it did not."""

    def __init__(self, server: Server, name: str, faces: Sequence[tuple[str, str]], seed: int) -> None:
        self._server = server
        self._faces = faces
        self._chance = random.Random(seed)
        self._cookie = ""
        self.name = name
        self.saved: list[str] = []
        self.waiting: list[dict[str, Any]] = []

    def label(self, stop: threading.Event) -> None:
        """Send batches until told to stop, or until the server is gone."""
        line = http.client.HTTPConnection("127.0.0.1", self._server.port, timeout=20)
        try:
            self._sign_in(line)
            while not stop.is_set():
                self._send(line)
        except (OSError, http.client.HTTPException):
            return  # killed: what was not answered is sent again
        finally:
            line.close()

    def _sign_in(self, line: http.client.HTTPConnection) -> None:
        if self._cookie:
            return
        answer = self._ask(line, "/api/sign-in", {"name": self.name})
        self._cookie = str(answer.headers["set-cookie"]).partition(";")[0]

    def _send(self, line: http.client.HTTPConnection) -> None:
        size = self._chance.choice(BATCHES)
        while len(self.waiting) < size:
            self.waiting.append(self._op())
        sent = self.waiting[:size]
        answer = self._ask(line, "/api/decisions", {"ops": sent})
        told = {result["uuid"]: result["status"] for result in json.loads(answer.body)["results"]}
        assert set(told.values()) <= _KEPT, told
        self.saved += list(told)
        self.waiting = [op for op in self.waiting if op["uuid"] not in told]

    def _ask(self, line: http.client.HTTPConnection, path: str, body: dict[str, Any]) -> _Answer:
        headers = {"Origin": self._server.address, "Cookie": self._cookie, "Content-Type": "application/json"}
        line.request("POST", path, json.dumps(body), headers)
        answer = line.getresponse()
        told = _Answer(answer.status, dict((k.lower(), v) for k, v in answer.getheaders()), answer.read())
        if told.status not in (200, 303):
            raise AssertionError(f"{path} answered {told.status}: {told.body[:300]!r}")
        return told

    def _op(self) -> dict[str, Any]:
        face, sha256 = self._chance.choice(self._faces)
        made = str(uuid.UUID(int=self._chance.getrandbits(128), version=4))
        return {
            "seq": 1, "op": "decide", "uuid": made, "step": made, "face_id": face, "sha256": sha256,
            "verdict": "accept", "class_id": self._chance.choice((1, 2, 3)), "reason": None, "took_ms": 100,
        }  # fmt: skip


@dataclass(frozen=True)
class _Answer:
    status: int
    headers: dict[str, str]
    body: bytes


def labelled_and_killed(
    workspace: Path, *, kills: int | None, until: float, people: int = 3, seed: int = 0, most_s: float = 2.0
) -> Tally:
    """Kill the server of `workspace` so many times, or until the monotonic clock says `until`; then look at the log."""
    tally, chance = Tally(), random.Random(seed)
    server = Server(workspace, workspace.parent / "server.log", free_port())
    faces = [(str(face), str(sha256)) for face, sha256 in rows(workspace, FACES)]
    clients = [Client(server, f"Person {number}", faces, seed * 100 + number) for number in range(people)]
    checked: dict[str, int] = dict.fromkeys((client.name for client in clients), 0)
    try:
        while (kills is None or tally.cuts < kills) and time.monotonic() < until:
            server.start()
            stop = threading.Event()
            with ThreadPoolExecutor(people) as pool:
                labelling = [pool.submit(client.label, stop) for client in clients]
                time.sleep(chance.uniform(0.05, most_s))  # where in its work it is hit is chance
                server.stop(signal.SIGKILL)
                stop.set()
            tally.cuts += 1
            for one in labelling:
                one.result()
            _look(workspace, clients, checked, tally)
        _look_at_all(workspace, clients, tally)
        done = inside("verify", "--workspace", workspace)
        if done.returncode:
            tally.findings += done.stdout.splitlines()
    finally:
        server.stop(signal.SIGKILL)
    return tally


def _look(workspace: Path, clients: Sequence[Client], checked: dict[str, int], tally: Tally) -> None:
    """Whether what was acknowledged since the last kill is in the log, once each."""
    new = [uuid for client in clients for uuid in client.saved[checked[client.name] :]]
    for client in clients:
        checked[client.name] = len(client.saved)
    tally.acknowledged += len(new)
    tally.lost += _missing(workspace, new)


def _look_at_all(workspace: Path, clients: Sequence[Client], tally: Tally) -> None:
    """Whether no later kill took what an earlier one had left, and nothing is there twice."""
    known = set(tally.lost)
    everything = [uuid for client in clients for uuid in client.saved]
    tally.lost += [uuid for uuid in _missing(workspace, everything) if uuid not in known]
    tally.doubled = int(rows(workspace, "SELECT count(*) - count(DISTINCT uuid) FROM decisions")[0][0])


def _missing(workspace: Path, uuids: Sequence[str]) -> list[str]:
    with closing(sqlite3.connect(f"file:{workspace / 'moue.db'}?mode=ro", uri=True)) as db:
        found = db.execute(
            "SELECT uuid FROM decisions WHERE uuid IN (SELECT value FROM json_each(?))", [json.dumps(uuids)]
        )
        there = {str(one) for (one,) in found}
    return [uuid for uuid in uuids if uuid not in there]
