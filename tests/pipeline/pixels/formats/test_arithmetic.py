"""JPEGs with an arithmetic coder (ITU-T T.81, annex D): libjpeg-turbo reads them, browsers do not.

Written once by its `cjpeg -arithmetic -quality 80` from a picture that is a formula; Pillow writes none.
"""

from __future__ import annotations

import base64
from typing import Final

import numpy as np
import pytest

from pipeline.core.errors import UndecodableError
from pipeline.core.records import Settings
from pipeline.pixels.decode import decode
from pipeline.pixels.formats.cut_ends import jpeg_with_end
from pipeline.pixels.formats.jpeg_frame import is_shown_by_browsers

SEQUENTIAL: Final = base64.b85decode(
    "|JeWF01!$>Nk#wx0RR9200961|JwjV00smF1_cBL1_cHO2L=cV5DE$j2?`Vr4-"
    "60&6c`v66c!d59VH(c8zUSR79cDjBPJ&)Dk&KsEif%8FeNA{DF534LjeZ|2MP!Z6AB6wC>j<TC@3f>C@3f>C@3f>C@3f>C@3f>C@"
    "3f>C@3f>C@3f>C@3f>C@3f>C@3f>C@3f>C@BBQ01*fP7yuvx0U`hb5di}c0sqVZ3IGrg1pyEd1^?Or3<CiG0ucid06zf#0M8zxbx"
    "ecwpUUSBrophzbUUrbA~EHdQ3jWG13<PHxPN@q7P)7gfhP?6)c*Nrf;j@Pol*lE8qVHp)wMPybko3-"
    "qJ5Dnugy8^?>B9ej?2Zr(Er&"
)
PROGRESSIVE: Final = base64.b85decode(
    "|JeWF01!$>Nk#wx0RR9200961|JwjV00smF1_cBL1_cHO2L=cV5DE$j2?`Vr4-"
    "60&6c`v66c!d59VH(c8zUSR79cDjBPJ&)Dk&KsEif%8FeNA{DF534LjeZ|2MP!Z6AB6wC>j<TC@3f>C@3f>C@3f>C@3f>C@3f>C@"
    "3f>C@3f>C@3f>C@3f>C@3f>C@3f>C@3f>C@BBR01*fP7yuvx0U`hb5di}c0sqVZ1^^HN5dYc$3<CiG0uTcb000610G-"
    "b?2_r|9$&A}H;;L~h<Pi=FO}s-V2>;9g1P}%P+5iXv0RRC70v?UhK;9+J@RvvMfd9+@1Q7-"
    "Q+5iXv0|5a)0TriD;zYjYD3bro00a>Q|Jncu0RjO5KLI#@GLfy8i-"
    "l1C%m4%s1^?Or2mt{A20sG8|I7dc5C#9*00;pA00BQCOk=zUG3fu=01N{G00IC50000GL0CBd%m4%t1^?Or2mu2D0Y4C^4i}97%m"
    "4%t1^?Or2mt~C0Y4C@S(M^<|I7dc5C#9*00;pA00BP`sxsq6Beeh7"
)


def picture() -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    y, x = np.mgrid[0:24, 0:32]
    return np.stack([x * 8, y * 10, 255 - x * 4 - y * 4], axis=-1)


@pytest.mark.parametrize(("data", "marker"), [(SEQUENTIAL, 0xC9), (PROGRESSIVE, 0xCA)])
def test_it_is_read_and_a_browser_gets_an_ordinary_one(data: bytes, marker: int) -> None:
    assert bytes([0xFF, marker]) in data
    decoded = decode(data, "x.jpg", Settings())
    assert decoded.format == "JPEG"
    assert np.abs(decoded.bgr[..., ::-1] - picture()).mean() < 4
    assert not decoded.intact_jpeg
    assert not is_shown_by_browsers(data)


@pytest.mark.parametrize("data", [SEQUENTIAL, PROGRESSIVE])
@pytest.mark.parametrize("kept", [0.6, 0.8, 1.0])
def test_one_that_is_cut_is_refused_wherever_the_cut_is(data: bytes, kept: float) -> None:
    """Its decoder goes on in zeros behind the end of a scan: half a photo would look whole to it."""
    cut = data[: round((len(data) - 2) * kept)]
    assert jpeg_with_end(cut) is None
    with pytest.raises(UndecodableError):
        decode(cut, "x.jpg", Settings())
