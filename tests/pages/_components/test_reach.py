"""No component shows a browser's own words for a server that is away ("Failed to fetch", in each browser another)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

COMPONENTS: Final = Path(__file__).resolve().parents[3] / "pages" / "_components"
METHOD: Final = re.compile(r"^\s*(async )?fetch\(.*\{$", re.M)
"""The head of a method that is called so."""
SILENT: Final = {
    "_shared/post_json.js",  # says it in our words
    "_shared/decision_queue.js",  # the same, and tries again
    "face_map/crops.js", "review_grid/others/claims.js", "review_grid/others/polling.js",  # ask again, and say nothing
    "server_watch/server_watch.js",  # says it on every page
}  # fmt: skip


def test_who_asks_the_server_by_itself_says_nothing_of_its_failure_in_foreign_words() -> None:
    bare = {
        file.relative_to(COMPONENTS).as_posix()
        for file in COMPONENTS.rglob("*.js")
        if re.search(r"(?<![.\w])fetch\(", METHOD.sub("", file.read_text("utf-8")))
    }
    assert bare == SILENT
