"""A server that is told to stop while people decide: all that it acknowledged is in the log, and nothing else is."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import signal
import threading
import time
import uuid
from pathlib import Path

import pytest

from pages._web.stopping import LONGEST_S, REFUSING_S
from tests.e2e.conftest import Server, free_port
from tests.pipeline.commands import inside, rows

PEOPLE = 6
BEFORE = 60
"""Decisions that are acknowledged before it is told to stop."""


class Person(threading.Thread):
    """Decides on one connection until it is refused or hung up on."""

    def __init__(self, server: Server, face: tuple[str, str, int], name: str, below: str) -> None:
        """below: where in the server the workspace is."""
        super().__init__(name=name, daemon=True)
        self.server, self.face, self.below = server, face, below
        self.acknowledged: list[str] = []
        self.refusals: list[tuple[int, str, str]] = []
        self.unanswered: list[str] = []

    def run(self) -> None:
        line = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=30)
        origin = {"Origin": self.server.address, "Content-Type": "application/json"}
        line.request("POST", f"{self.below}/api/sign-in", json.dumps({"name": self.name}), origin)
        answer = line.getresponse()
        answer.read()
        assert answer.status == 200, answer.status
        headers = origin | {"Cookie": str(answer.headers["Set-Cookie"]).partition(";")[0]}
        while True:
            one = str(uuid.uuid4())
            try:
                line.request("POST", f"{self.below}/api/decisions", json.dumps({"ops": [self._op(one)]}), headers)
                answer = line.getresponse()
                body = json.loads(answer.read())
            except (OSError, http.client.HTTPException):
                self.unanswered.append(one)
                return
            if answer.status != 200:
                self.refusals.append((answer.status, body["code"], body["error"]))
                return
            self.acknowledged.append(one)

    def _op(self, one: str) -> dict[str, object]:
        face, sha, kept = self.face
        return {
            "uuid": one, "op": "decide", "step": str(uuid.uuid4()), "face_id": face, "sha256": sha,
            "verdict": "accept", "class_id": kept, "took_ms": 1,
        }  # fmt: skip


@pytest.mark.parametrize("several", [False, True], ids=["one workspace", "several"])
def test_a_stop_under_load_answers_what_it_wrote_and_refuses_the_rest_in_words(
    made: Path, tmp_path: Path, several: bool
) -> None:
    workspace = tmp_path / "every" / "workspace"
    shutil.copytree(made / "w", workspace)
    settings = {"MOUE_WORKSPACES": str(workspace.parent)} if several else {}
    server = Server(workspace, tmp_path / "server.log", free_port(), settings)
    server.start()
    process = server.process
    assert process is not None
    try:
        (face,) = server.rows("SELECT f.id, f.sha256, (SELECT min(id) FROM classes) FROM faces f LIMIT 1")
        people = [Person(server, face, f"P{number}", "/w/workspace" if several else "") for number in range(PEOPLE)]
        for person in people:
            person.start()
        until = time.monotonic() + 60
        while sum(len(person.acknowledged) for person in people) < BEFORE and time.monotonic() < until:
            time.sleep(0.005)
        os.kill(process.pid, signal.SIGTERM)
        began = time.monotonic()
        for person in people:
            person.join(60)
        process.wait(60)
        took = time.monotonic() - began
    finally:
        server.stop(signal.SIGKILL)
    acknowledged = {one for person in people for one in person.acknowledged}
    assert len(acknowledged) >= BEFORE
    assert {one for (one,) in server.rows("SELECT uuid FROM decisions")} == acknowledged
    refusals = {refused for person in people for refused in person.refusals}
    assert {(status, code) for status, code, _ in refusals} == {(503, "server_stopping")}
    assert all("stopping" in words for _, _, words in refusals)
    assert took < REFUSING_S + LONGEST_S + 20  # the last are a loaded machine's
    assert inside("verify", "--workspace", workspace).returncode == 0
    assert rows(workspace, "PRAGMA integrity_check") == [("ok",)]
    assert "Traceback" not in server.log.read_text()
    print(
        f"{len(acknowledged):,} decisions acknowledged, 0 lost, {len(refusals)} kinds of refusal; ended in {took:.1f} s"
    )
