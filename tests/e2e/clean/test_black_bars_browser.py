"""The line about crops with a black bar, and its button, in a real browser: on Clean and on Export."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import pytest

from tests.e2e.conftest import Server, running, visiting
from tests.e2e.grid import until
from tests.pipeline import commands as cli
from tests.pipeline.photos import astronaut, bgr_of

sync_api = pytest.importorskip("playwright.sync_api", reason="pip install -r tests/requirements.txt")

pytestmark = pytest.mark.long
expect = sync_api.expect


@pytest.fixture
def barred(chromium: Any, tmp_path: Path) -> Iterator[Server]:
    """A workspace of an earlier Moue: two accepted mouths at their photos' lower edges, and one amid its photo."""
    (tmp_path / "photos").mkdir()
    for height in (158, 160, 512):
        cv2.imwrite(str(tmp_path / "photos" / f"{height}.png"), bgr_of(astronaut())[:height])
    cli.ingest(tmp_path / "workspace", tmp_path / "photos", "--border", "black")
    verdicts = [f"{face},accept,smile,\n" for (face,) in cli.rows(tmp_path / "workspace", "SELECT id FROM faces")]
    (tmp_path / "decisions.csv").write_text("face_id,verdict,label,reason\n" + "".join(verdicts))
    done = cli.call("decide", tmp_path / "decisions.csv", "--annotator", "Ada", "--workspace", tmp_path / "workspace")
    assert done.returncode == 0, done.stderr
    yield from running(tmp_path)


def lowest_rows(server: Server) -> list[int]:
    """Of each crop the brightest value in its lowest row: 0 is a black bar."""
    crops = [server.workspace / "crops" / face[:2] / f"{face}.png" for (face,) in server.rows("SELECT id FROM faces")]
    return sorted(int(cv2.imread(str(crop))[-1].max()) for crop in crops)


@pytest.mark.parametrize("page", ["clean", "export"])
def test_the_line_says_how_many_and_the_button_cuts_them_again(chromium: Any, barred: Server, page: str) -> None:
    before = barred.rows("SELECT id, crop_width FROM faces ORDER BY id")
    assert lowest_rows(barred)[:2] == [0, 0]
    with visiting(chromium, barred, page, name="Ada") as screen:
        line = screen.get_by_text("2 crops have a black bar: they stick out of their photos.")
        line.wait_for()
        screen.get_by_role("button", name="Cut them again inside their photos").click()
        line.wait_for(state="hidden")
        until(screen, lambda: barred.rows("SELECT state FROM jobs WHERE kind = 'reprocess'") == [("done",)], 60)
        screen.get_by_role("button", name="Cancel").wait_for(state="hidden")
        expect(screen.get_by_role("button", name="Cut them again")).to_have_count(0)
        screen.reload()
        screen.get_by_role("heading", name=page.capitalize()).first.wait_for()
        expect(screen.get_by_text("have a black bar")).to_have_count(0)
    assert lowest_rows(barred)[0] > 0
    assert barred.rows("SELECT id, crop_width FROM faces ORDER BY id") == before
    assert barred.labels() == {"smile": 3}
    (kinds,) = barred.rows("SELECT group_concat(kind) FROM jobs WHERE state = 'done'")
    assert kinds == ("ingest,reprocess",)
