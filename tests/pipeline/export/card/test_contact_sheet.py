from __future__ import annotations

import base64
import xml.etree.ElementTree as ET
from functools import partial

import cv2
import numpy as np

from pipeline.export.card.contact_sheet import TILE, contact_sheet, sheet_faces, sheet_link
from pipeline.pixels.encode import encode_png

SVG = "{http://www.w3.org/2000/svg}"


def picture(width: int, height: int, level: int) -> bytes:
    return encode_png(np.full((height, width, 3), level, np.uint8))


def tiles(sheet: bytes) -> list[tuple[dict[str, str], np.ndarray]]:
    found = []
    for one in ET.fromstring(sheet).iter(f"{SVG}image"):
        data = base64.b64decode(one.attrib["href"].removeprefix("data:image/jpeg;base64,"))
        found.append((dict(one.attrib), cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)))
    return found


def test_a_sheet_shows_its_pictures_in_their_shape_and_tells_of_how_many() -> None:
    sheet = contact_sheet("<微笑>", 1200, [lambda: picture(200, 200, 40), lambda: picture(30, 60, 220)])
    assert sheet is not None
    assert ET.fromstring(sheet).findtext(f"{SVG}title") == "<微笑> · 2 of 1,200"
    (first, dark), (second, light) = tiles(sheet)
    assert (first["width"], first["height"], dark.shape) == (str(TILE), str(TILE), (TILE, TILE, 3))
    assert (second["width"], second["height"], light.shape) == (str(TILE // 2), str(TILE), (TILE, TILE // 2, 3))
    assert abs(int(dark.mean()) - 40) <= 2
    assert abs(int(light.mean()) - 220) <= 2


def test_no_more_pictures_are_read_than_are_shown_and_none_that_cannot_be() -> None:
    asked: list[int] = []

    def give(number: int) -> bytes:
        asked.append(number)
        return b"no picture" if number == 0 else picture(8, 8, number)

    sheet = contact_sheet("smile", 100, [partial(give, number) for number in range(100)])
    assert sheet is not None
    assert len(tiles(sheet)) == 40
    assert asked == list(range(41))
    assert contact_sheet("smile", 1, [lambda: b"no picture"]) is None


def test_most_of_a_sheet_stays_when_faces_come() -> None:
    faces = [f"{number:032x}" for number in range(1000)]
    before, after = sheet_faces(faces[:900]), sheet_faces(faces)
    assert len(before) == len(after) == 40
    assert len(set(before) & set(after)) >= 30
    assert sheet_faces(reversed(faces)) == after


def test_a_class_of_any_name_is_linked_to() -> None:
    assert sheet_link("no ne") == "contact_sheet_no%20ne.svg"
    assert sheet_link("微") == "contact_sheet_%E5%BE%AE.svg"
