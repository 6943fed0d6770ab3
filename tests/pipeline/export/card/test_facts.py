from __future__ import annotations

from dataclasses import replace

from pipeline.core.geometry import BoundingBox, CropBox
from pipeline.core.records import ExportItem, Provenance
from pipeline.export.card.facts import NO_FACTS, CardFacts, facts_of
from pipeline.export.card.gaps import known_gaps
from pipeline.export.pictures.shown import Shown

OWN = ExportItem(
    "f" * 32,
    "a" * 64,
    "a" * 64,
    "smile",
    "Ann",
    "yunet",
    BoundingBox(0, 0, 9, 9),
    CropBox(0, 0, 40, 30),
    "0" * 16,
    "/x",
)
NOTHING_ELSE = "Of the people nothing else was recorded: how age, sex or looks are spread is not known."


def found(sha: str, page: str, licence: str) -> ExportItem:
    return replace(
        OWN, image_sha256=sha * 64, provenance=(Provenance("https://cdn.x.org/1.jpg", page, licence=licence),)
    )


def test_photos_are_counted_once_by_website_and_licence() -> None:
    items = [
        OWN,
        replace(OWN, face_id="e" * 32, crop=CropBox(0, 0, 80, 80), confirmed="moue 1 0.9712"),
        found("b", "https://www.flickr.com/p/1", "CC BY 4.0"),
        found("c", "https://flickr.com:443/p/2", "CC BY 4.0"),
        replace(found("d", "", ""), filled=0.5, landmark_model="landmarker"),
    ]
    websites, licences = (("flickr.com", 2), ("cdn.x.org", 1)), (("CC BY 4.0", 2), ("unknown", 2))
    assert facts_of(items) == CardFacts(4, 1, websites, licences, (30, 30, 80), 1, 1, 5, 1)
    assert facts_of(reversed(items)) == facts_of(items)
    assert facts_of([]) == NO_FACTS


def test_whole_faces_are_told_as_they_are_shown() -> None:
    """The card told the sides of the reviewed mouths, and nothing of squares that stick out of the photo."""
    own = replace(OWN, width=200, height=200)
    assert facts_of([own], lambda item: Shown(CropBox(-10, 0, 220, 220), 220, 220)).filled == 1
    inside = facts_of([own], lambda item: Shown(CropBox(0, 0, 90, 90), 90, 90))
    assert (inside.sides, inside.filled) == ((90, 90, 90), 0)


def test_the_page_is_not_led_astray_by_an_address_that_is_none() -> None:
    assert facts_of([found("b", "https://[::1", "")]).websites == (("cdn.x.org", 1),)


def test_gaps_are_named_and_only_where_there_are_any() -> None:
    full = {"train": {"smile": 90, "none": 80}, "val": {"smile": 20, "none": 20}}
    assert known_gaps(full, NO_FACTS) == (NOTHING_ELSE,)
    facts = CardFacts(10, 4, (("x.org", 6),), (("unknown", 7), ("CC0", 3)), (1, 2, 3), 3, 2)
    assert known_gaps({"train": {"smile": 90, "none": 19}, "val": {"smile": 20, "none": 2}}, facts) == (
        "Fewer than 20 faces: none (19 in train), none (2 in val).",
        "Unbalanced: 110 of smile, 21 of none.",
        "6 of 10 photos are from x.org.",
        "3 classes were confirmed by page, not face by face.",
        "Of 2 crops at least a tenth is not photo (column `filled`).",
        "Of 7 of 10 photos no licence is known.",
        NOTHING_ELSE,
    )
