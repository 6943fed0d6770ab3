"""What test_still_browser.py asks of pages, of sections that have something to show: nothing moves while they come."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import CHROMIUM, Server, running
from tests.e2e.shell.filled import fill
from tests.e2e.shell.test_still_browser import moved_on

pytestmark = pytest.mark.long

SECTIONS = {
    "suggestions?section=map": ".map[data-ready]",
    "suggestions?section=slips": ".slips .kind img",
    "suggestions?section=photo": "h2",
    "suggestions?section=models": "h2",
    "team?section=agreement": ".moue-figures",
    "team?section=disagreements": ".adjudication .answers li",
    "team?section=history": ".stMain button",
    "team?section=consensus": "h2",
    "review?state=all": ".card.loaded",
    "guidelines": "h2",
}
"""By address, what is there once the section is."""


@pytest.fixture(scope="module")
def filled(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    if not CHROMIUM:
        pytest.skip("no browser: apt-get install chromium")
    folder = tmp_path_factory.mktemp("sections")
    shutil.copytree(template, folder / "workspace")
    fill(folder / "workspace")
    yield from running(folder)


@pytest.mark.parametrize("width", [390, 1280, 1920, 2560])
def test_nothing_moves_while_a_section_comes(chromium: Any, filled: Server, width: int) -> None:
    assert moved_on(chromium, filled.address, SECTIONS, width) == {}
