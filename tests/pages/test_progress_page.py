"""The Progress page: what its charts, tables and links say."""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from streamlit.testing.v1 import AppTest

from db.decisions.log import apply_ops
from db.decisions.ops import DecideOp, UndoOp
from db.projection import histogram, range_text
from db.projection.filters import ReviewFilter
from db.reads import progress
from db.reads.progress import Tally
from db.store.store import Db, Store
from db.tables.classes import archive_class
from pages._progress import sections
from pages._server import identity, workspace
from pages._ui import histogram_bins, html_table, plots
from pages._ui.plots import Group
from pipeline.core.metrics import METRICS
from pipeline.core.records import Verdict
from tests.db import make
from tests.db.make import review_total
from tests.pages._ui import drawn
from tests.pages.faces_measured import PLAIN, add_measured

PAGE = str(Path(__file__).resolve().parents[2] / "pages" / "progress.py")
QUOTED = 'O\'Brien \\ "q"'


@pytest.fixture
def store(empty: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """Ten faces with sides of 10, 20 … 100 pixels and one that was not measured; nothing is decided."""
    monkeypatch.setattr(identity, "identify", lambda cookies, headers: "Ann")
    store = workspace.get_store()
    add_measured(store, [*(replace(PLAIN, side=10 * n, sharpness=40 * n - 0.1) for n in range(1, 11)), None])
    return store


def decide(store: Store, who: str, verdicts: Sequence[tuple[Verdict, str | None]], first: int = 0) -> None:
    """Verdicts on the faces from `first` on, one a second in the work of 2026-01-31."""

    def work(db: Db) -> None:
        ids = [face for (face,) in db.execute("SELECT id FROM faces ORDER BY seq LIMIT -1 OFFSET ?", [first])]
        for face, (verdict, reason) in zip(ids, verdicts, strict=False):
            op = replace(make.decide(db, face, verdict, reason=reason), took_ms=1000)
            apply_ops(db, who, [op], "2026-01-31T12:00:00.000Z")

    store.write(work)


def page() -> AppTest:
    made = AppTest.from_file(PAGE, default_timeout=30).run()
    assert not made.exception
    return made


def test_an_archived_class_that_faces_carry_is_in_the_balance(store: Store) -> None:
    def story(db: Db) -> None:
        (face,) = db.execute("SELECT id FROM faces ORDER BY seq LIMIT 1").fetchone()
        apply_ops(db, "Ann", [make.decide(db, face, class_id=4), make.decide(db, face, Verdict.REJECT)])
        archive_class(db, 4)
        apply_ops(db, "Ann", [UndoOp(str(uuid.uuid4()))])

    store.write(story)
    assert "openmouth 1" in next(text for text in drawn.plots(page()) if text.startswith("Accepted faces by class"))
    overview = AppTest.from_file(PAGE.replace("progress", "overview"), default_timeout=30).run()
    assert not overview.exception
    (bars,) = (one.proto.body for one in overview.get("html") if "moue-balance" in one.proto.body)
    assert re.findall(r'row">(\w+)</th>.*?n">(\d+)<', bars) == [
        ("none", "0"), ("pout", "0"), ("smile", "0"), ("openmouth", "1")
    ]  # fmt: skip


def said(made: AppTest) -> str:
    return "\n".join(one.value for one in made.caption)


@pytest.mark.usefixtures("empty")
def test_a_workspace_without_faces_points_to_collect(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identity, "identify", lambda cookies, headers: "Ann")
    made = page()
    assert "no faces yet" in made.info[0].value
    assert [button.label for button in made.button] == ["Collect photos"]


@pytest.mark.usefixtures("full")
def test_nobody_sees_the_page_unsigned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identity, "identify", lambda cookies, headers: None)
    made = page()
    assert (len(made.header), len(made.button), drawn.plots(made)) == (0, 0, [])


@pytest.mark.usefixtures("store")
def test_before_the_first_decision_the_rest_is_there() -> None:
    made = page()
    assert "Nobody has decided yet" in made.info[0].value
    balance, spread, funnel = drawn.plots(made)
    assert balance.startswith("Accepted faces by class: n\u00a0none 0; p\u00a0pout 0")
    assert spread.startswith("Sharpness: at most 39.9 1; 40 to 79.9 1")
    assert funnel == (
        "All sources: Files 11; Photos 11 · 100 % of the files; Faces 11; Decided 0 · 0 % of the faces; "
        "Accepted 0 · 0 % of the decided"
    )
    assert "Not measured: 1 face." in said(made)
    assert made.button(key="next").label == "Review"


def test_people_their_pace_and_what_they_chose(store: Store) -> None:
    yes, no = (Verdict.ACCEPT, None), (Verdict.REJECT, "blurred")
    decide(store, "Ann", [yes, yes, yes, no])
    decide(store, QUOTED, [(Verdict.UNSURE, None), (Verdict.REJECT, None)], first=4)
    wrong = DecideOp(str(uuid.uuid4()), "s", "f" * 32, "0" * 64, Verdict.UNSURE)
    store.write(lambda db: apply_ops(db, QUOTED, [wrong, replace(wrong, uuid=str(uuid.uuid4()))]))
    made = page()
    total, rows, pace, *_ = drawn.plots(made)
    assert total == "Decisions over time: 6"
    assert rows == "Decisions over time: s\u00a0smile · 3, ✕\u00a0rejected · 2, ?\u00a0unsure · 1"
    assert pace == f"Decisions a minute: Ann 60 a minute; {QUOTED} 60 a minute"
    first, second = drawn.table(made, "Median seconds")
    assert (first["Annotator"], first["Decisions"], first["s\u00a0smile"], first["✕\u00a0rejected"]) == (
        "Ann", "4", "75 %", "25 %",
    )  # fmt: skip
    assert (first["A minute"], first["Median seconds"], first["Taken back"]) == ("60.0", "1.0", "0")
    assert (second["Annotator"], second["s\u00a0smile"], second["?\u00a0unsure"]) == (QUOTED, "0 %", "50 %")
    assert (first["Refused"], second["Refused"]) == ("0", "2")
    (source,) = drawn.table(made, "Most is lost to")
    assert (source["Source"], source["Faces"], source["Decided"], source["Accepted"]) == ("Folder: /x", "11", "6", "3")
    assert (source["Most is lost to"], source["Rejected because"]) == (
        "rejected faces 2", "no reason given 1, blurred 1",
    )  # fmt: skip

    made.segmented_control(key="time-rows").set_value("annotator").run()
    assert drawn.plots(made)[1] == f"Decisions over time: Ann · 4, {QUOTED} · 2"
    assert not any("When" in rows[0] for rows in drawn.tables(made)), "a table is made when it is asked for"
    made.session_state["time-open"] = True
    made.run()
    (when,) = drawn.table(made, "Ann")
    assert (when["When"], when["Ann"], when[QUOTED]) == ("2026-01-31 12:00", "4", "2")


def test_targets_are_set_and_what_is_missing_is_told(store: Store) -> None:
    decide(store, "Ann", [(Verdict.ACCEPT, None)] * 3)
    made = page()
    assert "Set a target for each class" in said(made)
    assert not made.number_input, "the form is made when it is opened"
    made.session_state["targets-open"] = True
    made.run()
    made.number_input(key="target-3-0").set_value(5)
    store.write(lambda db: progress.set_targets(db, {1: 2}))  # by somebody else, meanwhile
    next(button for button in made.button if button.label == "Save targets").click().run()
    assert not made.exception
    assert store.read(progress.targets) == {1: 2, 3: 5}
    assert "4 faces missing" in said(made)
    assert "s\u00a0smile 3 of 5 · 2 missing" in drawn.plots(made)[3]
    made.session_state["balance-table-open"] = True
    made.run()
    assert [row["Missing"] for row in drawn.table(made, "Target")][:1] == ["2"]
    decide(store, "Ann", [(Verdict.ACCEPT, None)] * 2, first=3)
    store.write(lambda db: progress.set_targets(db, {1: 0}))
    assert "Every target is reached." in said(page())


def test_a_bar_opens_review_with_exactly_its_faces(store: Store) -> None:
    for metric in METRICS:
        number = histogram_bins.bins(metric)
        every = ReviewFilter("all")
        counts = store.read(lambda db, m=metric, n=number, f=every: histogram.histogram(db, m.name, n, f)).counts
        for place, faces in enumerate(counts):
            params = sections.query_params(metric.name, place, "all")
            flt = ReviewFilter(params["state"], order=params["order"], ranges=range_text.parse(params["quality"]))
            assert store.read(lambda db, f=flt: review_total(db, f)) == faces, params


def test_the_words_of_bars() -> None:
    side, lift = (next(m for m in METRICS if m.name == name) for name in ("side", "lift"))
    words = [histogram_bins.bar_words(side, n) for n in (0, 2, 24)]
    assert words == ["at most 19 px", "40 to 59 px", "480 px and more"]
    assert histogram_bins.bar_words(lift, 14) == "−0.02 to −0.001"


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) // 900


def line(where: str, *moments: str) -> plots.Timeline:
    return plots.timeline([Tally(at(one), "Ann", 3, 1) for one in moments], ZoneInfo(where), lambda one: one.annotator)


def test_time_is_the_reader_s() -> None:
    found = line("Asia/Kathmandu", "2026-01-31T12:00", "2026-01-31T12:15")  # 5 h 45 min ahead
    assert [found.describe(start) for start in found.starts] == ["2026-01-31 17:00", "2026-01-31 18:00"]
    days = line("America/New_York", "2026-01-31T04:45", "2026-01-31T05:00", "2026-03-20T12:00")
    assert [days.describe(start) for start in days.starts] == ["2026-01-30", "2026-01-31", "2026-03-20"]
    assert (line("UTC", "2026-01-28T00:00", "2026-08-01T00:00").unit, line("UTC", "2020-01-01", "2026-01-01").unit) == (
        "week", "month",
    )  # fmt: skip
    weeks = line("UTC", "2026-01-28T00:00", "2026-08-02T23:45")
    assert [weeks.describe(start) for start in weeks.starts] == ["week of 2026-01-26", "week of 2026-07-27"]


def test_rows_over_time_are_at_one_scale() -> None:
    """The longest bar fills its row, the others are in proportion, and an hour stands where its time is."""
    found = [Tally(at("2026-01-31T12:00"), "Ann", 3, 8), Tally(at("2026-01-31T23:00"), "Bob", 3, 2)]
    made = plots.timeline(found, UTC, lambda one: one.annotator)
    told = plots.rows_over_time(made, [Group("Ann", "Ann", "#111111"), Group("Bob", "Bob", "#222222")])
    bars = re.findall(r"left:([\d.]+)%;width:([\d.]+)%;height:([\d.]+)%;background:(#\d+)", told)
    assert [(float(left), float(wide), float(high), fill) for left, wide, high, fill in bars] == [
        (0, 8.33, 100, "#111111"), (91.67, 8.33, 25, "#222222"),
    ]  # fmt: skip
    assert re.findall(r"<i [^>]*>([^<]+)</i>", told) == ["12:00", "14:00", "16:00", "18:00", "20:00", "22:00"]


def test_time_begins_with_the_first_decision() -> None:
    """Of a first hour the day before was shown, and it stood at the end."""
    made = line("UTC", "2026-01-31T09:00")
    told = plots.rows_over_time(made, [Group("Ann", "Ann", "#111111")])
    assert re.findall(r"left:([\d.]+)%;width:([\d.]+)%;height", told) == [("0.00", "8.33")]
    assert re.findall(r"<i [^>]*>([^<]+)</i>", told) == ["10:00", "12:00", "14:00", "16:00", "18:00", "20:00"]


@pytest.mark.parametrize(("message", "kind"), [("1", "bars"), ("265 · 99 % of the files", "bars wordy")])
def test_much_that_is_told_of_a_bar_stands_below_it_on_a_phone(message: str, kind: str) -> None:
    """Beside it there was no room for the bar."""
    assert f'class="moue-plot {kind}"' in plots.bars([plots.Bar("Photos", 1, message, "#111111")], "All sources")


def test_a_bar_is_a_link_and_the_outer_ones_say_what_they_hold() -> None:
    told = plots.histogram((3, 0, 4), "x", ("at most 1", "1 to 2", "2 and more"), "012", ("/a?x=1&y", "/b", "/c"))
    assert re.findall(r'href="([^"]+)"', told) == ["/a?x=1&amp;y", "/c"]
    assert "<i>at most 1</i><i>2 and more</i>" in told


def test_names_are_text_and_no_html() -> None:
    found = [plots.Bar("<b>x", 1, "<i>1", "#111111", 3)]
    assert "<b>x" not in plots.bars(found, "<u>")
    assert "<i>1" not in plots.bars(found, "<u>")
    made = plots.timeline([Tally(at("2026-01-31T12:00"), "<b>", 3, 8)], UTC, lambda one: one.annotator)
    assert "<b>x" not in plots.rows_over_time(made, [Group("<b>", "<b>x", "#111111")])
    assert "<b>" not in html_table.figures_table([{"<b>": html_table.Link("<b>", "/<b>"), "n": "<b>"}], name="<b>")
