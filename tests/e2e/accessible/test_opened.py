"""The rules of test_accessible.py in all that can be opened: dialogs, boxes, drawers, and where something is wrong.

Each page in one of: narrow in Chinese, wide in English; light, dark. What differs by these is the style of all pages.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from db.decisions.log import apply_ops
from db.store.store import Db, Store
from pages._words import COOKIE
from pipeline.actions.near_duplicates import hash_missing, update_near_duplicates
from pipeline.actions.suggest.train import train
from tests.db.make import decide
from tests.e2e.accessible.looks import wrong
from tests.e2e.accessible.opened import PAGES
from tests.e2e.accessible.reader import Reader
from tests.e2e.conftest import CHROMIUM, Server, running, visiting
from tests.e2e.shell.filled import fill
from tests.e2e.test_duplicates_browser import write_copies
from tests.pipeline import commands as cli
from tests.pipeline.made import write_photos

sync_api = pytest.importorskip("playwright.sync_api", reason="pip install -r tests/requirements.txt")

pytestmark = pytest.mark.long
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 390, "height": 844}


def furnish(template: Path, folder: Path) -> None:
    """A workspace in which each page has something to open: misses, near copies, faces of each class, a model, slips,
    answers that differ, and a file that is damaged."""
    root = folder / "workspace"
    shutil.copytree(template, root)
    write_photos(folder / "photos")
    write_copies(folder / "copies")
    cli.ingest(root, folder / "photos", folder / "copies")
    with Store.open(root) as store:
        hash_missing(store)
        update_near_duplicates(store)
        store.write(_labels)
        train(store)
    fill(root)
    (last,) = cli.rows(root, "SELECT id FROM faces ORDER BY seq DESC LIMIT 1")[0]
    (root / "crops" / last[:2] / f"{last}.png").write_bytes(b"damaged")


def _labels(db: Db) -> None:
    faces = [face for (face,) in db.execute("SELECT id FROM faces ORDER BY seq LIMIT 56")]
    apply_ops(db, "Ann", [decide(db, face, class_id=1 + at % 4) for at, face in enumerate(faces)])


@pytest.fixture(scope="module")
def furnished(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    if not CHROMIUM:
        pytest.skip("no browser: apt-get install chromium")
    folder = tmp_path_factory.mktemp("furnished")
    furnish(template, folder)
    yield from running(folder)


@pytest.mark.parametrize("name", PAGES)
def test_what_is_open_can_be_read_by_everybody(chromium: Any, furnished: Server, name: str) -> None:
    at = list(PAGES).index(name)
    language, size = (("zh", NARROW), ("en", WIDE))[at % 2]
    found: dict[str, list[str]] = {}
    with visiting(chromium, furnished, "words") as page:
        page.set_viewport_size(size)
        page.context.add_cookies([{"name": COOKIE, "value": language, "url": furnished.address}])
        page.emulate_media(color_scheme=("light", "dark")[at // 2 % 2])
        for state in PAGES[name](Reader(page, furnished, language)):
            if wrong(page, language) and (still := wrong(page, language)):  # colours may have been on their way
                found[state] = still
    assert found == {}
