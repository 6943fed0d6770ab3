"""Secrets that are given to a server by its environment, or to a person by a page, are nowhere that others read."""

from __future__ import annotations

import http.client
import json
import shutil
import signal
from pathlib import Path
from typing import Any

from tests.e2e.conftest import Server, free_port

PLANTED = {
    "MOUE_PROXY_SECRET": "planted-proxy-secret-1",
    "SERPAPI_KEY": "planted-serpapi-key-2",
    "SERPER_KEY": "planted-serper-key-3",
    "BRAVE_KEY": "planted-brave-key-4",
    "MOUE_PROXY": "http://ann:planted-password-5@127.0.0.1:9",
}
WRONG = "planted-wrong-secret-6"


def asked(
    server: Server, method: str, path: str, body: dict[str, Any] | None = None, **headers: str
) -> tuple[int, str]:
    line = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    try:
        sent = {"Origin": server.address, "Content-Type": "application/json", **headers}
        line.request(method, path, None if body is None else json.dumps(body), sent)
        answer = line.getresponse()
        return answer.status, answer.read().decode("utf-8", "replace")
    finally:
        line.close()


def test_planted_secrets_are_in_no_log_answer_or_file(made: Path, tmp_path: Path) -> None:
    shutil.copytree(made / "w", tmp_path / "w")
    server = Server(tmp_path / "w", tmp_path / "server.log", free_port(), {"MOUE_AUTH": "header", **PLANTED})
    answers: list[str] = []
    try:
        server.start()
        right = {"X-Moue-Proxy-Secret": PLANTED["MOUE_PROXY_SECRET"], "X-Forwarded-User": "Ann"}
        for headers in ({}, right, {**right, "X-Moue-Proxy-Secret": WRONG}, {"Authorization": f"Bearer moue_{WRONG}"}):
            for path in ("/", "/api/v1/faces", "/api/workspaces", "/api/ready", "/api/nowhere", "/review"):
                status, text = asked(server, "GET", path, **headers)
                answers.append(text)
                assert status < 500, (path, text)
        status, text = asked(server, "POST", "/api/sign-in", {"name": WRONG}, **right)
        answers.append(text)
        assert asked(server, "GET", "/api/workspaces", **right)[0] == 200  # the right one did let somebody in
        assert asked(server, "GET", "/api/workspaces")[0] == 401
    finally:
        server.stop(signal.SIGTERM)
    values = [value.rpartition("@")[0].rpartition(":")[2] or value for value in PLANTED.values()]
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert tmp_path / "server.log" in files
    for secret in [*values, WRONG]:
        assert secret.startswith("planted")
        assert not [path for path in files if secret.encode() in path.read_bytes()]
        assert not [text for text in answers if secret in text]
