"""GET /api/script/{file}: the scripts of components, for everybody, each under an address that holds its hash.

Streamlit sends a component's script with every run of its page and hands it to the browser as a blob, which is compiled
anew each time. From its own address it comes once, beside Streamlit's own scripts, and the browser keeps it compiled.
"""

from __future__ import annotations

import gzip
import hashlib
from functools import cache
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pages._server.refusal import refusal
from pipeline.core.messages import message

LARGE: Final = 16 * 1024
"""Bytes: a smaller script costs less than one more request for it."""
_KEPT: Final = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}
_served: Final[dict[str, str]] = {}
"""By file name: made when components are loaded, as many as there are."""


def by_address(name: str, script: str) -> str:
    """What Streamlit is given in the place of a component's script: that one itself where it is small."""
    if len(script) < LARGE:
        return script
    file = f"{name}.{hashlib.sha256(script.encode()).hexdigest()[:16]}.js"
    _served[file] = script
    # a blob has no address of its own to start from; what failed once would stay so under the same address
    return (
        f'const at = new URL("api/script/{file}", window.__streamlit.BACKEND_BASE_URL).href\n'
        "const { default: show } = await import(at).catch(() => import(`${at}?again`))\n"
        "export default show\n"
    )


def link(name: str) -> str:
    """What has the browser load a component's script before Streamlit asks for it; "" for a small one."""
    found = (file for file in _served if file.partition(".")[0] == name)
    return "".join(f'<link rel="modulepreload" href="./api/script/{file}">' for file in found)


async def script(request: Request) -> Response:
    """404 for a script of another Moue."""
    file = request.path_params["file"]
    if file not in _served:
        return refusal(request, 404, message("route_unknown", path=request.url.path))
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return Response(_served[file], media_type="text/javascript", headers=_KEPT)
    return Response(_packed(file), media_type="text/javascript", headers={**_KEPT, "Content-Encoding": "gzip"})


@cache
def _packed(file: str) -> bytes:
    return gzip.compress(_served[file].encode(), mtime=0)


route: Final = Route("/api/script/{file}", script, methods=["GET"])
