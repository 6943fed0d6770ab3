"""GET /api/release/{id}: an export that was made as a zip, streamed from the disk."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import anyio
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from db.tables import releases
from pages._routes import _guard
from pages._server import workspace
from pages._server.refusal import refusal
from pipeline.core.messages import message
from pipeline.core.system.regular import open_regular


@_guard.may("export")
async def release(request: Request, _annotator: str) -> Response:
    """The zip, for signed-in people only; 404 if the release is no zip of this workspace or its file is gone."""
    found = await anyio.to_thread.run_sync(zip_of, request.path_params["id"])
    if found is None:
        return refusal(request, 404, message("release_gone"))
    return FileResponse(
        found, media_type="application/zip", filename=found.name, headers={"Cache-Control": "private, no-store"}
    )


def zip_of(release_id: int) -> Path | None:
    """Where a release's zip lies; None for one that is no zip of this workspace, is gone, or may not be read."""
    rows = workspace.get_store().read(releases.list_releases)
    path = next((Path(row.path) for row in rows if row.id == release_id), None)
    return path if path is not None and is_zip_here(path, workspace.root()) else None


def is_zip_here(path: Path, root: Path) -> bool:
    """Whether it is a zip among the releases of the workspace `root`, and can be sent."""
    inside = path.parent == root / "releases" and path.suffix == ".zip"
    if not inside or not os.path.isfile(path):
        return False
    try:
        open_regular(path).close()
    except OSError:
        return False
    return True


routes: Final = [Route("/api/release/{id:int}", release, methods=["GET"])]
