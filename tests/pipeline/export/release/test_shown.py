from __future__ import annotations

import hashlib
import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from pipeline.export.release.compare import differences
from pipeline.export.release.shown import DifferencesPage, ShownFace, from_json, page_of, pages_of, to_json
from pipeline.pixels.encode import encode_png
from tests.pipeline.export.release.test_compare import face, release

NOWHERE = Path("nowhere")


def test_where_none_differs_so_the_first_kind_in_which_some_do_is_taken() -> None:
    changed = differences(release(face(1), face(2)), release(face(1, split="val"), face(2), face(3)))
    moved = page_of(changed, NOWHERE, NOWHERE, "moved", 1)
    assert dict(moved.counts) == {"added": 1, "removed": 0, "relabelled": 0, "moved": 1, "recropped": 0}
    assert moved.rows == ((ShownFace("1.png", "train", "smile", b""), ShownFace("1.png", "val", "smile", b"")),)
    for asked in ("", "removed", "counts"):
        added = page_of(changed, NOWHERE, NOWHERE, asked, 1)
        assert (added.kind, added.page) == ("added", 1)
        assert added.rows == ((None, ShownFace("3.png", "train", "smile", b"")),)


def test_where_nothing_differs_there_is_no_kind() -> None:
    alike = release(face(1))
    counts = dict.fromkeys(["added", "removed", "relabelled", "moved", "recropped"], 0)
    assert page_of(differences(alike, alike), NOWHERE, NOWHERE, "moved", 3) == DifferencesPage(counts, "", 1, ())


@pytest.mark.parametrize(("number", "pages"), [(0, 1), (1, 1), (24, 1), (25, 2), (48, 2), (49, 3)])
def test_the_pages_hold_every_face_once(number: int, pages: int) -> None:
    changed = differences(release(*map(face, range(number))), release())
    found = [page_of(changed, NOWHERE, NOWHERE, "removed", page) for page in range(1, pages + 1)]
    assert [before.file for page in found for before, _ in page.rows if before] == [f"{n}.png" for n in range(number)]
    assert pages_of(number) == pages
    assert page_of(changed, NOWHERE, NOWHERE, "removed", pages + 7) == found[-1]


def test_what_is_said_in_json_is_the_same_with_its_pictures(tmp_path: Path) -> None:
    png = encode_png(np.full((30, 20, 3), 77, np.uint8))
    (tmp_path / "train" / "smile").mkdir(parents=True)
    (tmp_path / "train" / "smile" / "1.png").write_bytes(png)
    digest = hashlib.sha256(png).hexdigest()
    changed = differences(release(face(1, "pout", digest="0")), release(face(1, digest=digest)))
    found = page_of(changed, NOWHERE, tmp_path, "relabelled", 1)
    ((before, after),) = found.rows
    assert before is not None
    assert after is not None
    assert (before.picture, before.label, after.label) == (b"", "pout", "smile")
    shown = cv2.imdecode(np.frombuffer(after.picture, np.uint8), cv2.IMREAD_COLOR)
    assert shown is not None
    assert shown.mean() == pytest.approx(77, abs=2)
    assert from_json(json.loads(json.dumps(to_json(found)))) == found
