"""Numbers, times and other people's text as the pages write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from db.tables.jobs import Job
from pages import _ui, _words
from pages._ui import job_view
from pages._ui.job import speed
from pages._words import count


def job(done: int, total: int | None, seconds: float, state: str = "running") -> Job:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    stamps = [(start + timedelta(seconds=s)).isoformat().replace("+00:00", "Z") for s in (0, seconds)]
    return Job("1", "ingest", {}, state, 1, total, done, {}, None, False, stamps[0], stamps[1], stamps[1])


def test_numbers_have_thousands_separators_and_the_right_noun() -> None:
    assert (count(1, "face"), count(1234, "face"), count(0, "box", "boxes")) == (
        "1 face", "1,234 faces", "0 boxes",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("part", "whole", "told"),
    [(0, 0, "0 %"), (0, 9, "0 %"), (1, 3000, "1 %"), (1, 3, "33 %"), (2999, 3000, "99 %"), (3000, 3000, "100 %")],
)
def test_a_share_is_all_only_when_it_is_all(part: int, whole: int, told: str) -> None:
    assert _ui.percentage(part, whole) == told


@pytest.mark.parametrize(
    ("seconds", "told"), [(0.2, "0 s"), (59, "59 s"), (61, "1 min"), (3540, "59 min"), (5400, "1 h 30 min")]
)
def test_spans_of_time(seconds: float, told: str) -> None:
    assert _ui.format_duration(seconds) == told


def test_other_people_s_text_is_no_markdown() -> None:
    assert _ui.escaped("a_b*c:red[x] `$1$`") == r"a\_b\*c\:red\[x\] \`\$1\$\`"


def test_words_become_a_sentence() -> None:
    assert _words.as_sentence("the disk is full: free some space") == "The disk is full: free some space."
    assert _words.as_sentence("a.jpg is empty", capital=False) == "a.jpg is empty."
    assert _words.as_sentence("磁盘已满") == "磁盘已满。"
    assert _words.as_sentence("Is it so?") == "Is it so?"


def test_speed_and_time_left() -> None:
    assert speed.describe_speed(job(100, 400, 4)) == "25 photos a second, about 12 s left"
    assert speed.describe_speed(job(10, None, 4)) == "2.5 photos a second"
    assert speed.describe_speed(job(0, 400, 4)) == ""


def test_counts_in_words() -> None:
    told = job_view.describe_counts({"added": 1200, "no_face": 2, "unsupported": 0, "faces": 1})
    assert told == "1,200 added, 2 no face found; 1 new face"
