"""What a card tells of the faces of a release beside their classes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from pipeline.core.border import filled_share
from pipeline.core.geometry import MESH
from pipeline.core.records import ExportItem
from pipeline.export.attribution import licence_of
from pipeline.export.pictures.shown import Shown

MOSTLY_FILLED: Final = 0.1
"""The share of a crop that is not photo from which on the card counts it."""


@dataclass(frozen=True, slots=True)
class CardFacts:
    """photos: how many. own: of these, those that are not from the web. websites, licences: photos by each, the most
    first. sides: the least, middle and largest side of the crops, in pixels of the photos. confirmed: faces whose class
    was confirmed by page. filled: crops of which at least MOSTLY_FILLED is not photo. faces: how many. by_mesh: of
    these, those whose landmarks the Face Landmarker placed."""

    photos: int = 0
    own: int = 0
    websites: tuple[tuple[str, int], ...] = ()
    licences: tuple[tuple[str, int], ...] = ()
    sides: tuple[int, int, int] = (0, 0, 0)
    confirmed: int = 0
    filled: int = 0
    faces: int = 0
    by_mesh: int = 0


NO_FACTS: Final = CardFacts()


def facts_of(items: Iterable[ExportItem], shown: Callable[[ExportItem], Shown] | None = None) -> CardFacts:
    """Of the faces of a release, in any order. shown: what pictures that are cut from photos show; without it they are
    the reviewed crops."""
    photos: dict[str, tuple[str, str]] = {}
    sides, confirmed, filled, by_mesh = [], 0, 0, 0
    for item in items:
        if item.image_sha256 not in photos:
            photos[item.image_sha256] = (_website(item), licence_of(item))
        crop = item.crop if shown is None else shown(item).crop
        share = item.filled if shown is None else filled_share(crop, item.width, item.height)
        sides.append(min(crop.width, crop.height))
        confirmed += bool(item.confirmed)
        filled += share >= MOSTLY_FILLED
        by_mesh += item.landmark_model == MESH
    if not sides:
        return NO_FACTS
    sides.sort()
    websites = Counter(website for website, _ in photos.values() if website)
    licences = Counter(licence for _, licence in photos.values())
    return CardFacts(
        len(photos), len(photos) - websites.total(), _most_first(websites), _most_first(licences),
        (sides[0], sides[len(sides) // 2], sides[-1]), confirmed, filled, len(sides), by_mesh,
    )  # fmt: skip


def _website(item: ExportItem) -> str:
    """The host of the page that the photo was on, else of the photo; "" for one that is not from the web."""
    for found in item.provenance:
        for address in (found.page_url, found.image_url):
            if host := _host(address):
                return host
    return "elsewhere" if item.provenance else ""


def _host(address: str) -> str:
    try:
        return (urlsplit(address).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def _most_first(counted: Counter[str]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(counted.items(), key=lambda one: (-one[1], one[0])))
