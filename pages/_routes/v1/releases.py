"""Exports: begin one, see how far it is, list what was made, fetch it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Literal

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from db.tables import releases
from db.tables.classes import list_classes
from pages._routes import release as release_route
from pages._routes._batch import RequestError
from pages._routes.v1.operation import BASE, Caller, Operation, Parameter
from pages._routes.v1.shapes import about
from pages._server import spaces, workspace
from pages._server.exports import runs
from pages._server.exports.runs import Run
from pages._words import recorded
from pipeline.actions.release.asked import settings_of
from pipeline.core import ranges
from pipeline.core.errors import ExportError
from pipeline.core.messages import message
from pipeline.export.formats.registry import NAMES


@dataclass(frozen=True, slots=True)
class Export:
    """What a release is to hold, as `python -m pipeline export` says it."""

    name: str = about("its name, which later releases of the line share", minLength=1, maxLength=80)
    val: float = about("share of val", default=ranges.USUAL_VAL, minimum=0, maximum=1)
    test: float = about("share of test; 0: there is none", default=0.0, minimum=0, maximum=1)
    folds: int = about("so many folds instead; 0: none", default=0, minimum=0, maximum=ranges.FOLDS.most)
    seed: int = about("of the split", default=0, minimum=0, maximum=2**31 - 1)
    anew: bool = about("places of earlier releases of the line do not count", default=False)
    size: int | None = about(
        "pixels of a picture's side; null: as it was cut", default=None, minimum=ranges.CROP_SIDE.least,
        maximum=ranges.CROP_SIDE.most,
    )  # fmt: skip
    content: Literal["mouth", "face", "photo"] = about("what is shown; mouth: as it was reviewed", default="mouth")
    margin: float | None = about(
        "side over the mouth's width or the face's longer side; null: as usual", default=None,
        minimum=int(ranges.MARGIN.least), maximum=int(ranges.MARGIN.most),
    )  # fmt: skip
    level_eyes: bool = about("mouths or faces are turned so that the eyes are level", default=False)
    grey: bool = about("grey pictures, of one channel", default=False)
    encoding: Literal["png", "jpeg"] = about("what the pictures are", default="png")
    jpeg_quality: int = about(
        "of JPEGs",
        default=ranges.USUAL_JPEG_QUALITY,
        minimum=ranges.JPEG_QUALITY.least,
        maximum=ranges.JPEG_QUALITY.most,
    )
    formats: tuple[str, ...] = about(f"of {', '.join(NAMES)}; none: class folders", default=(), maxItems=len(NAMES))
    min_side: int = about("smaller crops stay out", default=0, minimum=0, maximum=ranges.MIN_SIDE.most)
    licences: tuple[str, ...] = about("only photos under these; none: all", default=(), maxItems=100)
    without_confirmed: bool = about("what was confirmed by page stays out", default=False)
    people_only: bool = about("only what people decided face by face", default=False)
    only_seen: bool = about("what was decided by page while it was not on the screen stays out", default=False)
    min_agreement: float = about("faces on which a lesser share agree stay out", default=0.0, minimum=0, maximum=1)
    at_most: int | None = about("faces of a class; null: all", default=None, minimum=1, maximum=ranges.AT_MOST.most)
    balance: bool = about("of each class as many as the smallest has", default=False)
    by: Literal["chance", "sharpness", "difference"] = about("which stay where that is fewer", default="chance")
    rejects_as: str = about("rejected faces as a class of this name; empty: they stay out", default="", maxLength=40)
    class_names: Literal["plain", "course"] = about(
        "course: 0none, 1pouting …, in the order of the classes", default="plain"
    )


@dataclass(frozen=True, slots=True)
class ExportRun:
    """state: running, done, cancelled or failed (why: `code`, `error`). release: its number once it is done. doing:
    plan, photos (cut from), files, disk or zip, of which `done` of `of` are; "" before it began."""

    id: str
    state: str
    name: str
    annotator: str
    started_at: str
    release: int | None
    files: int | None
    code: str
    error: str
    doing: str
    done: int
    of: int


@dataclass(frozen=True, slots=True)
class ReleaseInfo:
    """counts: crops by split and class. digest: SHA-256 over what was written. zip: where it can be fetched, null
    where it is a folder, or gone."""

    id: int
    name: str
    options: dict[str, Any]
    counts: dict[str, dict[str, int]]
    digest: str
    annotator: str | None
    created_at: str
    zip: str | None


@dataclass(frozen=True, slots=True)
class Releases:
    """Newest first."""

    releases: tuple[ReleaseInfo, ...]


async def begin(_request: Request, caller: Caller, body: Export) -> ExportRun:
    options = asdict(body)
    name = options.pop("name")
    store = workspace.get_store()
    if options.pop("class_names") == "course":
        options["course_order"] = [one.name for one in await anyio.to_thread.run_sync(store.read, list_classes)]
    try:
        settings = settings_of(options)
    except ExportError as e:  # before anything begins
        raise RequestError(400, e.message) from e
    run = await anyio.to_thread.run_sync(runs.start, store, caller.annotator, name, *settings)
    return _told(run, caller.locale)


async def state(request: Request, caller: Caller, _body: None) -> ExportRun:
    return _told(await _run(request), caller.locale)


async def cancel(request: Request, caller: Caller, _body: None) -> ExportRun:
    run = await _run(request)
    await anyio.to_thread.run_sync(runs.cancel, workspace.get_store(), run.id)
    return _told(await _run(request), caller.locale)


async def _run(request: Request) -> Run:
    run_id = str(request.path_params["id"])
    run = await anyio.to_thread.run_sync(runs.find, workspace.get_store(), run_id)
    if run is None:
        raise RequestError(404, message("run_unknown", name=run_id[:64]))
    return run


async def list_releases(_request: Request, _caller: Caller, _body: None) -> Releases:
    rows = await anyio.to_thread.run_sync(lambda: workspace.get_store().read(releases.list_releases))
    root, base = workspace.root(), f"{spaces.base_path()}{BASE}"

    def info(row: releases.ReleaseRow) -> ReleaseInfo:
        there = release_route.is_zip_here(Path(row.path), root)
        where = f"{base}/releases/{row.id}/zip" if there else None
        return ReleaseInfo(row.id, row.name, row.params, row.counts, row.digest, row.annotator, row.created_at, where)

    return await anyio.to_thread.run_sync(lambda: Releases(tuple(map(info, rows))))


async def fetch(request: Request, _caller: Caller, _body: None) -> Response:
    found = await anyio.to_thread.run_sync(release_route.zip_of, request.path_params["id"])
    if found is None:
        raise RequestError(404, message("release_gone"))
    headers = {"Cache-Control": "private, no-store"}
    return FileResponse(found, media_type="application/zip", filename=found.name, headers=headers)


def _told(run: Run, locale: str) -> ExportRun:
    code = "" if run.error is None else run.error.code
    words = "" if run.error is None else recorded.translate(run.error, locale)
    about_it = (run.id, run.state, run.name, run.annotator, run.started_at, run.release, run.files)
    at = ("", 0, 0) if run.progress is None else (run.progress.doing, run.progress.done, run.progress.of)
    return ExportRun(*about_it, code, words, *at)


_begin: Any = begin
_RUN: Final = Parameter("id", "of the export", {"type": "string", "maxLength": 64}, "path")
_RELEASE: Final = Parameter("id", "number of the release", {"type": "integer", "minimum": 1, "maximum": 2**31}, "path")
operations: Final = (
    Operation("POST", "/exports", "beginExport", "export", "Begin an export into a zip; one at a time", _begin,
              ExportRun, body=Export, status=202, refusals=(400, 409, 413, 415)),
    Operation("GET", "/exports/{id}", "getExport", "export", "How far an export is", state, ExportRun,
              parameters=(_RUN,), refusals=(404,)),
    Operation("POST", "/exports/{id}/cancel", "cancelExport", "export", "Stop an export; nothing of it is left", cancel,
              ExportRun, parameters=(_RUN,), refusals=(404,)),
    Operation("GET", "/releases", "listReleases", "see", "The releases that were made", list_releases, Releases),
    Operation("GET", "/releases/{id:int}/zip", "getRelease", "export", "A release's zip", fetch, "application/zip",
              parameters=(_RELEASE,), refusals=(404,)),
)  # fmt: skip
