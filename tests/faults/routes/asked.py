"""Requests with valid bodies, one for each route that changes something, made on a small workspace.

They are made for a folder with the workspace `w` as the fixture `decided` makes it: three photos of one class, accepted
by Ann. Olga, whose requests they are, owns the workspace.
"""

from __future__ import annotations

import os
import struct
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from starlette.applications import Starlette
from starlette.testclient import TestClient

from db.projection.filters import ReviewFilter
from db.store.store import Db
from db.tables import roles
from db.tables.access import tokens
from db.tables.annotators import ensure_annotator
from db.tables.classes import list_classes
from db.team import claims, gold, notes
from pages._routes import routes
from pages._server import identity, workspace
from pipeline.core.records import Verdict

BASE: Final = "http://127.0.0.1:8501"
WHO: Final = "Olga"


@dataclass(frozen=True, slots=True)
class Asked:
    """One request. content: its bytes, else `body` as JSON."""

    method: str
    path: str
    body: Any = None
    content: bytes | None = None
    params: dict[str, str] = field(default_factory=dict)

    def send(self, client: TestClient) -> tuple[int, dict[str, Any]]:
        """The status and the answer."""
        given: dict[str, Any] = {"json": self.body} if self.content is None else {"content": self.content}
        answer = client.request(self.method, self.path, params=self.params, **given)
        told = answer.json()
        assert isinstance(told, dict), told
        if told.get("code") == "upload_out_of_step" and self.content is not None:  # as a page goes on
            have = int(told["have"])
            rest = replace(self, content=self.content[have:], params={**self.params, "offset": str(have)})
            return rest.send(client)
        return answer.status_code, told


@dataclass(frozen=True, slots=True)
class Known:
    """What requests name: faces and their photos in one order, a class, a batch of Olga's, a decision's step."""

    faces: tuple[str, ...]
    images: tuple[str, ...]
    class_id: int
    label: str
    batch: str
    secret: str


def key(number: int) -> str:
    return str(uuid.UUID(int=number, version=4))


def _decide(known: Known) -> Asked:
    op = {
        "seq": 1, "op": "decide", "uuid": key(1), "step": key(2), "face_id": known.faces[0], "sha256": known.images[0],
        "verdict": "reject", "reason": "blurred",
    }  # fmt: skip
    return Asked("POST", "/api/decisions", {"ops": [op]})


def _undo(_known: Known) -> Asked:
    return Asked("POST", "/api/decisions", {"ops": [{"seq": 1, "op": "undo", "uuid": key(4)}]})


def _group(known: Known, **more: Any) -> Asked:
    return Asked("POST", "/api/duplicates", {"ops": [{"seq": 1, "uuid": key(3), "members": known.images[:2], **more}]})


def _upload(content: bytes, **more: str) -> Asked:
    params = {"kind": "photos", "batch": key(5), "name": "mine/a.jpg", "number": "0", **more}
    return Asked("PUT", "/api/upload", content=content, params=params)


REQUESTS: Final[dict[str, Callable[[Known], Asked]]] = {
    "decide": _decide,
    "undo": _undo,
    "label-group": lambda known: _group(
        known, op="label", faces=[[known.faces[0], known.images[0]]], class_id=known.class_id
    ),
    "claim": lambda _: Asked("POST", "/api/claims/next", {"query": {"state": "all"}, "size": 2}),
    "renew": lambda known: Asked("POST", "/api/claims/renew", {"batch": known.batch}),
    "release": lambda known: Asked("POST", "/api/claims/release", {"batch": known.batch}),
    "others": lambda known: Asked("POST", "/api/claims/others", {"faces": known.faces}),
    "note": lambda known: Asked("POST", "/api/notes", {"face_id": known.faces[0], "id": key(6), "text": "is it?"}),
    "resolved": lambda known: Asked("POST", "/api/notes/resolved", {"face_id": known.faces[1], "resolved": "yes"}),
    "gold": lambda known: Asked(
        "POST", "/api/gold", {"face_id": known.faces[0], "verdict": "accept", "class_id": known.class_id}
    ),
    "gold-none": lambda known: Asked("POST", "/api/gold", {"face_id": known.faces[1], "verdict": "none"}),
    "example": lambda known: Asked(
        "POST",
        "/api/guidelines/example",
        {"class_id": known.class_id, "face_id": known.faces[0], "as": "example"},
    ),
    "kept": lambda known: Asked(
        "POST", "/api/slips/kept", {"face_id": known.faces[0], "class_id": known.class_id, "kept": "yes"}
    ),
    "selection": lambda _: Asked("POST", "/api/selections", content=struct.pack("<2I", 1, 2)),
    "predictions": lambda known: Asked(
        "POST",
        "/api/predictions",
        content=f"face_id,class,confidence\n{known.faces[0]},{known.label},0.8\n".encode(),
        params={"suggester": "mine", "version": "1"},
    ),
    "upload": lambda _: _upload(b"x" * 3000),
    "upload-part": lambda _: _upload(b"x" * 3000, size="3000", offset="0"),
    "upload-data-set": lambda _: _upload(b"x" * 3000, kind="dataset", name="set.zip"),
    "upload-cancelled": lambda _: Asked("DELETE", "/api/upload", params={"kind": "photos", "batch": key(5)}),
    "sign-in": lambda _: Asked("POST", "/api/sign-in", {"name": "Nora New"}),
    "v1-decide": lambda known: Asked(
        "POST",
        "/api/v1/decisions",
        {
            "decisions": [{"face_id": known.faces[0], "verdict": "reject", "reason": "blurred", "uuid": key(7)}],
            "overrule": True,
        },
    ),
    "v1-predict": lambda known: Asked(
        "POST",
        "/api/v1/predictions",
        {"suggester": "mine", "predictions": [{"label": known.label, "confidence": 0.8, "face_id": known.faces[0]}]},
    ),
    "v1-export": lambda _: Asked("POST", "/api/v1/exports", {"name": "first", "val": 0.5}),
}
BY_TOKEN: Final = ("v1-decide", "v1-predict", "v1-export")


def prepared(root: Path) -> Known:
    """People, notes, a known answer and a batch, in the workspace that the server serves from now on."""
    os.environ["MOUE_WORKSPACE"] = str(root / "w")
    store = workspace.get_store()

    def people(db: Db) -> None:
        ensure_annotator(db, WHO)
        roles.set_role(db, WHO, "owner", WHO)

    store.write(people)
    known = store.read(_known)
    store.write(lambda db: notes.add_note(db, WHO, known[0][1], key(8), "look here"))
    store.write(lambda db: gold.make_gold_as(db, known[0][1], WHO, Verdict.ACCEPT, known[2], None))
    secret = store.write(lambda db: tokens.make(db, WHO, "test", "owner", by=WHO))[0]
    batch = store.write(lambda db: claims.claim_next(db, WHO, ReviewFilter(state="all"), 1))
    return Known(known[0], known[1], known[2], known[3], batch.id, secret)


def _known(db: Db) -> tuple[tuple[str, ...], tuple[str, ...], int, str]:
    found = db.execute("SELECT id, sha256 FROM faces ORDER BY id").fetchall()
    spec = list_classes(db)[0]
    return tuple(face for face, _ in found), tuple(sha for _, sha in found), spec.id, spec.name


def client(name: str, known: Known) -> TestClient:
    asking = TestClient(Starlette(routes=routes), base_url=BASE, headers={"Origin": BASE})
    if name in BY_TOKEN:
        asking.headers["Authorization"] = f"Bearer {known.secret}"
    else:
        asking.cookies.set(*identity.sign(WHO))
    return asking
