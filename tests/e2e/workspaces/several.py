"""A server with two workspaces, and people who work on them by the routes while browsers do by the pages."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Any, Final

import httpx

from tests.e2e.conftest import Server
from tests.pipeline import commands as cli

BATCH: Final = "0" * 32
"""The same one in both workspaces: browsers make them, and nothing keeps two browsers from making the same."""
FACES_SQL: Final = "SELECT id, sha256, crop_version FROM faces ORDER BY seq"


@dataclass
class Place:
    """One of the workspaces. address: of its first page, without a slash behind."""

    name: str
    root: Path
    address: str
    faces: list[tuple[str, str, str]] = field(default_factory=list)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return cli.rows(self.root, sql)

    def decided(self, annotator: str) -> list[tuple[Any, ...]]:
        """(face, class) of each decision of this person, in their order."""
        return [row[1:] for row in self.rows("SELECT annotator, face_id, class_id FROM decisions ORDER BY seq")
                if row[0] == annotator]  # fmt: skip


def place(server: Server, name: str) -> Place:
    root = server.workspace.parent / name
    return Place(name, root, f"{server.address}/w/{name}", cli.rows(root, FACES_SQL))


@contextmanager
def client_of(where: Place, annotator: str) -> Iterator[httpx.Client]:
    """Signed in there, as one of our pages sends its requests."""
    origin = where.address.partition("/w/")[0]
    with httpx.Client(headers={"Origin": origin}, timeout=60) as client:
        assert client.post(f"{where.address}/api/sign-in", json={"name": annotator}).status_code == 200
        yield client


def decide(client: httpx.Client, where: Place, face: tuple[str, str, str], class_id: int) -> httpx.Response:
    op = {
        "op": "decide", "uuid": str(uuid.uuid4()), "step": str(uuid.uuid4()), "face_id": face[0], "sha256": face[1],
        "verdict": "accept", "class_id": class_id, "seen": "", "took_ms": 5, "seq": 1,
    }  # fmt: skip
    return client.post(f"{where.address}/api/decisions", json={"ops": [op]})


def upload(client: httpx.Client, where: Place, name: str, data: bytes) -> httpx.Response:
    query = {"kind": "photos", "batch": BATCH, "name": name, "size": str(len(data)), "modified": "1", "number": name}
    return client.put(f"{where.address}/api/upload", params=query, content=data)


class Load:
    """Somebody in each workspace who does everything at once until `end`: decides, uploads, looks, asks for changes."""

    def __init__(self, places: list[Place]) -> None:
        self._end = Event()
        self._pool = ThreadPoolExecutor(len(places))
        self._working: list[Future[int]] = [
            self._pool.submit(self._work, here, other) for here in places for other in places if here is not other
        ]

    def end(self) -> list[int]:
        """How often each of them went round. Raises what went wrong for one of them."""
        self._end.set()
        with self._pool:
            return [working.result() for working in self._working]

    def _work(self, here: Place, other: Place) -> int:
        rounds = 0
        with client_of(here, f"load-{here.name}") as client:
            while not self._end.is_set():
                face = here.faces[rounds % len(here.faces)]
                strange = other.faces[rounds % len(other.faces)]
                answer = decide(client, here, face, 1 + rounds % 4)
                assert (answer.status_code, answer.json()["results"][0]["faces"][0]["face_id"]) == (200, face[0])
                assert decide(client, here, strange, 1).json()["results"][0]["status"] == "refused"
                for kind, found, missing in (("crop", face[0], strange[0]), ("thumb", face[1], strange[1])):
                    version = {"v": face[2]}  # with it, pictures are kept in memory
                    own = client.get(f"{here.address}/api/image/{kind}/{found}", params=version)
                    assert own.status_code == 200
                    gone = client.get(f"{here.address}/api/image/{kind}/{missing}", params=version)
                    assert gone.status_code == 404
                told = client.get(f"{here.address}/api/changes", params={"after": "0"}).json()
                assert not {one["face_id"] for one in told["faces"]} & {one[0] for one in other.faces}
                upload(client, here, f"{rounds}.jpg", here.name.encode() * 1000).raise_for_status()
                rounds += 1
        return rounds


def replayed(cookies: list[dict[str, Any]], get: Callable[[dict[str, str]], int]) -> list[int]:
    """What the server says to each cookie under each one's name: status codes."""
    ours = [one for one in cookies if one["name"].startswith("moue_annotator")]
    return [get({name["name"]: value["value"]}) for name in ours for value in ours if name is not value]
