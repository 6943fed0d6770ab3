"""What another model says of the faces, as suggestions: all of it, or, where a row is refused, nothing."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import Any, Final

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import Response

from pages._routes.v1.operation import Caller, Operation
from pages._routes.v1.shapes import about
from pages._server import workspace
from pages._server.refusal import refusal
from pages._words import recorded
from pipeline.actions.suggest.predictions import Taken, take_predictions
from pipeline.core.messages import message

MOST: Final = 50_000
MOST_TOLD: Final = 200
_HEADER: Final = ("face_id", "sha256", "class", "confidence")


@dataclass(frozen=True, slots=True)
class Prediction:
    """Of one face and class; a face may have one for each class. Exactly one of face_id and sha256."""

    label: str = about("name of a class", maxLength=80, minLength=1, pattern=r"^[^\x00-\x1f]*$")
    confidence: float = about("how probable it is", exclusiveMinimum=0, maximum=1, minimum=0)
    face_id: str | None = about("of the face", default=None, pattern="^[0-9a-f]{32}$")
    sha256: str | None = about("of an image with one face", default=None, pattern="^[0-9a-f]{64}$")


@dataclass(frozen=True, slots=True)
class Predictions:
    """The same version again adds to what it said; another one takes its place."""

    suggester: str = about("name of the model", minLength=1, maxLength=60)
    predictions: tuple[Prediction, ...] = about("what it says", minItems=1, maxItems=MOST)
    version: str = about("in its maker's words", default="1", minLength=1, maxLength=60)


@dataclass(frozen=True, slots=True)
class Kept:
    """version: its number here. faces: whose suggestions are new or changed; repeats: those that were there."""

    suggester: str
    version: int
    faces: int
    repeats: int


async def predict(request: Request, caller: Caller, body: Predictions) -> Kept | Response:
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(_HEADER)
    for one in body.predictions:
        table.writerow((one.face_id or "", one.sha256 or "", one.label, repr(one.confidence)))
    data = text.getvalue().encode()

    def work() -> Taken:
        store = workspace.get_store()
        return take_predictions(store, data, "predictions", body.suggester, body.version, by=caller.annotator)

    done = await anyio.to_thread.run_sync(work)
    if done.refused:
        rows = [
            {"index": int(str(one.params["line"])) - 2, "error": recorded.translate(one, caller.locale)}
            for one in done.refused[:MOST_TOLD]
        ]
        count = len(done.refused)
        return refusal(request, 422, message("predictions_refused", n=count), refused=rows, n=count)
    return Kept(done.suggester, done.version, done.faces, done.repeats)


_handler: Any = predict
operations: Final = (
    Operation("POST", "/predictions", "predict", "predictions", "Keep what another model says as suggestions",
              _handler, Kept, body=Predictions, refusals=(400, 413, 415, 422)),
)  # fmt: skip
