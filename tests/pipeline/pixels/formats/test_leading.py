"""Photos behind blanks, which a script printed first; all else stays as it is."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from pipeline.core.errors import DecodeError
from pipeline.core.records import Settings
from pipeline.pixels.decode import decode
from pipeline.pixels.formats.leading import without_leading
from tests.pipeline.photos import astronaut, encoded, rgb_of

PHOTO = Image.fromarray(rgb_of(astronaut())).resize((61, 40))
KINDS = {kind: encoded(PHOTO, kind) for kind in ("JPEG", "PNG", "GIF", "WEBP")}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("lead", [b"\n", b"\r\n\r\n", b" ", b"\xef\xbb\xbf", b"\xef\xbb\xbf\xef\xbb\xbf\n", bytes(4)])
def test_the_picture_behind_is_read_and_the_file_is_no_jpeg_for_browsers(kind: str, lead: bytes) -> None:
    found = decode(lead + KINDS[kind], "x.jpg", Settings())
    np.testing.assert_array_equal(found.bgr, decode(KINDS[kind], "x.jpg", Settings()).bgr)
    assert not found.intact_jpeg
    assert not found.end_cut_off


def test_other_bytes_before_a_picture_and_long_blanks_are_left() -> None:
    for lead in (b"x", b"<br>\n", b" " * 65, b"HTTP/1.1 200 OK\r\n\r\n"):
        data = lead + KINDS["JPEG"]
        assert without_leading(data) is data
        with pytest.raises(DecodeError):
            decode(data, "x.jpg", Settings())
    assert without_leading(KINDS["JPEG"]) is KINDS["JPEG"]


@pytest.mark.parametrize("kind", KINDS)
def test_half_a_picture_behind_blanks_is_refused(kind: str) -> None:
    data = b"\n" + KINDS[kind]
    with pytest.raises(DecodeError, match="damaged"):
        decode(data[: len(data) // 2], "x.jpg", Settings())
