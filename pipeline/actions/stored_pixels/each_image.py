"""One image after the other with its pixels: for what is worked out of faces that are stored already."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from functools import partial
from typing import Final, TypeAlias

from db.images.images import note_unified
from db.reads.details import ImageInfo, image_info
from db.store.store import Db, Store
from pipeline.actions.stored_pixels.read import upright_pixels
from pipeline.core.errors import IntegrityError
from pipeline.core.geometry import Bgr

Page: TypeAlias = Callable[[Db, str, int], list[str]]
"""SHA-256 of images that lie behind one in their order, so many at the most."""
AT_ONCE: Final = 50


def each_image(store: Store, page: Page, most: int | None = None) -> Iterator[tuple[ImageInfo, Bgr | None]]:
    """At most `most` images (None: all), with upright pixels; None where those are gone. One that was erased meanwhile
    is left out.

    page: which images. Raises StorageError.
    """
    images, after = 0, ""
    while most is None or images < most:
        step = AT_ONCE if most is None else min(AT_ONCE, most - images)
        listed = _listed(store, page, after, step)
        if not listed:
            return
        for sha256 in listed:
            image = store.read(partial(image_info, sha256=sha256))
            if image is not None:
                yield image, _pixels(store, image)
        images, after = images + len(listed), listed[-1]


def _listed(store: Store, page: Page, after: str, most: int) -> list[str]:
    return store.read(lambda db: page(db, after, most))


def _pixels(store: Store, image: ImageInfo) -> Bgr | None:
    try:
        found = upright_pixels(store.root, image)
    except IntegrityError as e:
        logging.info("%s is passed over: %s", image.sha256, e)
        return None
    if found.unnoted is not None:
        store.write(partial(note_unified, sha256=image.sha256, unified_sha256=found.unnoted))
    return found.bgr
