"""What a release says beside its pictures is made without holding what it is made of."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from pipeline.core.records import Provenance
from pipeline.export.attribution import attribution_bytes
from pipeline.export.card.contact_sheet import contact_sheet
from pipeline.pixels.encode import encode_png
from tests.pipeline.export_items import items


def most_held(work: Callable[[], object]) -> int:
    """Bytes at the most, beside those before."""
    work()  # what is made once
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_contact_sheet_holds_one_picture_at_a_time() -> None:
    noise = np.random.default_rng(0).integers(0, 255, (256, 256, 3)).astype(np.uint8)
    png = encode_png(noise)
    asked = list[int]()

    def picture(number: int) -> bytes:
        asked.append(number)
        return png + b"\0" * (1 << 20) + bytes([number])  # a new one each time

    pictures = [lambda number=number: picture(number) for number in range(100)]
    held = most_held(lambda: contact_sheet("smile", 100, pictures))
    assert asked == [*range(40), *range(40)]
    assert held < 5 << 20


def test_the_attribution_holds_no_more_than_its_bytes() -> None:
    page = "https://example.com/" + "p" * 100
    item = replace(items()[0], provenance=(Provenance("https://example.com/a.jpg", page, "A title", "Eve", "CC BY"),))
    files = [(f"train/smile/{number}.png", item) for number in range(5000)]
    written = attribution_bytes(files)
    assert written is not None
    assert written.count(b"\n") == 5001
    assert most_held(lambda: attribution_bytes(files)) < 1.5 * len(written)
