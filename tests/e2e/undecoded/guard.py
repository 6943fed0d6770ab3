"""A server of tests decodes nothing: in its process each decoder raises, and so any page or route that would use one.

Installed in every server that browser tests start (`forkery`). Its programs, jobs and commands are processes of their
own, where decoders work.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import av
import cv2
import simplejpeg
from PIL import Image, ImageFile

ALLOWED = {
    "pipeline.export.card.contact_sheet": "pictures of the release that is being written",
    "pipeline.export.pictures.reviewed": "a crop with the hash that is noted beside its row",
    "pipeline.export.release.pictures": "a released picture with the hash that is noted in the database",
    "pipeline.sources.samples": "portraits that come with a package",
}
"""Modules of ours whose pictures Moue, or a package, made: the only ones that decode in a server. The reason."""
DECODERS = (
    (Image, "open"),
    (ImageFile.ImageFile, "load"),
    (simplejpeg, "decode_jpeg"),
    (cv2, "imdecode"),
    (cv2, "imread"),
    (av, "open"),
)
SAID = "the web process decodes"


def install() -> None:
    for owner, name in DECODERS:
        setattr(owner, name, _refusing(f"{owner.__name__}.{name}", getattr(owner, name)))


def _refusing(name: str, decoder: Callable[..., Any]) -> Callable[..., Any]:
    def refused(*given: Any, **named: Any) -> Any:
        caller = str(sys._getframe(1).f_globals.get("__name__"))
        if caller in ALLOWED or caller.startswith("PIL."):  # Pillow's own, below an `open` that was let through
            return decoder(*given, **named)
        print(f"{SAID}: {name} called by {caller}", file=sys.stderr, flush=True)
        raise RuntimeError(f"{SAID}: {name} called by {caller}")

    return refused
