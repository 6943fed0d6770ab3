"""Decisions of a script: appended to the log as those of its person, by the same rules as the pages'."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from starlette.requests import Request

from db.decisions.log import apply_ops
from db.decisions.ops import DecideOp, FaceState, OpResult
from db.listing.faces import state_name
from db.reads import lookup
from db.store.store import Db
from db.tables.annotators import ensure_annotator
from db.tables.classes import list_classes
from db.team.blind import visible_results
from pages._routes.v1.operation import Caller, Operation
from pages._routes.v1.shapes import about
from pages._server import workspace
from pages._server.refusal import words_of
from pipeline.core.messages import Message, message
from pipeline.core.names import find_name
from pipeline.core.records import Verdict

MOST: Final = 1000
_UUID: Final = "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"
_MOST_MS: Final = 24 * 3600 * 1000


@dataclass(frozen=True, slots=True)
class Decision:
    """One verdict on one face."""

    face_id: str = about("of the face", pattern="^[0-9a-f]{32}$")
    verdict: Literal["accept", "reject", "unsure"] = about("what it is")
    label: str | None = about("name of a class, with accept", default=None, maxLength=80)
    reason: str | None = about("why, with reject: blurred, occluded …", default=None, maxLength=40)
    uuid: str | None = about("made by the client, so that a repeat changes nothing", default=None, pattern=_UUID)
    seen: str | None = about(
        "the decision that counted when the face was looked at (its `decision`)", default=None, maxLength=64
    )
    took_ms: int = about("how long one looked", default=0, minimum=0, maximum=_MOST_MS)


@dataclass(frozen=True, slots=True)
class Decisions:
    """Taken one by one, in order."""

    decisions: tuple[Decision, ...] = about("one for each face", minItems=1, maxItems=MOST)
    overrule: bool = about("what others decided was seen and is overruled", default=False)


@dataclass(frozen=True, slots=True)
class FaceNow:
    """What counts on a face now, as the caller may see it."""

    face_id: str
    state: str
    label: str | None
    reason: str | None
    annotator: str | None
    at: str | None
    decision: str | None


@dataclass(frozen=True, slots=True)
class Decided:
    """status: saved, repeat, differs (kept beside another person's, which counts) or refused. code, message: why."""

    uuid: str
    status: str
    code: str
    message: str
    faces: tuple[FaceNow, ...]


@dataclass(frozen=True, slots=True)
class Results:
    """One for each decision, in their order."""

    results: tuple[Decided, ...]


async def decide(_request: Request, caller: Caller, body: Decisions) -> Results:
    def work(db: Db) -> Results:
        name = ensure_annotator(db, caller.annotator)
        classes = {spec.name: spec.id for spec in list_classes(db)}
        names = {spec.id: spec.name for spec in list_classes(db, archived=True)}
        step = str(uuid.uuid4())
        prepared = [_op(db, one, classes, step, overrule=body.overrule) for one in body.decisions]
        ops = [one for one in prepared if isinstance(one, DecideOp)]
        done = iter(visible_results(db, name, apply_ops(db, name, ops)))
        results = [
            _told(next(done), names, caller.locale) if isinstance(one, DecideOp) else _told(one, names, caller.locale)
            for one in prepared
        ]
        return Results(tuple(results))

    return await asyncio.wrap_future(workspace.get_store().submit(work))


def _op(db: Db, said: Decision, classes: Mapping[str, int], step: str, *, overrule: bool) -> DecideOp | OpResult:
    """The op, or why there is none."""
    key = said.uuid or str(uuid.uuid4())
    sha256 = lookup.image_of_face(db, said.face_id)
    if sha256 is None:
        return _refused(key, message("decided_face_unknown", face=said.face_id))
    class_id = None if said.label is None else classes.get(find_name(said.label, classes) or "")
    if said.label is not None and class_id is None:
        return _refused(key, message("class_name_unknown", name=said.label, names=tuple(classes)))
    seen = None if overrule else said.seen or ""
    return DecideOp(
        key, step, said.face_id, sha256, Verdict(said.verdict), class_id, said.reason or None, said.took_ms, seen
    )


def _refused(key: str, why: Message) -> OpResult:
    return OpResult(key, "refused", why, ())


def _told(result: OpResult, names: Mapping[int, str], locale: str) -> Decided:
    code = "" if result.message is None else result.message.code
    faces = tuple(_now(face, names) for face in result.faces)
    return Decided(result.uuid, result.status, code, words_of(result, locale), faces)


def _now(face: FaceState, names: Mapping[int, str]) -> FaceNow:
    state, label = state_name(face.verdict, face.waiting), names.get(face.class_id or 0)
    return FaceNow(face.face_id, state, label, face.reason, face.annotator, face.at, face.decision)


_handler: Any = decide
operations: Final = (
    Operation("POST", "/decisions", "decide", "label", "Decide on faces; each is kept or refused by itself", _handler,
              Results, body=Decisions, refusals=(400, 409, 413, 415)),
)  # fmt: skip
