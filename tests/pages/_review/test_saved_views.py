"""Review's box of other filters, its saved views, and suggestions that are hidden until answered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from db.decisions.log import apply_ops
from db.images import faces as db_faces
from db.projection import filter_text
from db.store.store import Db, Store
from db.tables import saved_views
from db.tables.settings import suggestions_hidden
from pages._components import review_grid
from pages._review import more_filters, query
from pages._review import saved_views as saved_views_box
from pages._server import identity, workspace
from pipeline.core.records import Verdict
from tests.db.images.test_images import record
from tests.db.make import decide, make_outcome
from tests.pages.faces_measured import PLAIN

PAGE = str(Path(__file__).resolve().parents[3] / "pages" / "review.py")
LABELS = ("smile", None, "pout", "smile")


@pytest.fixture
def store(empty: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """Four faces, of sides 10 to 40, three of them with a class that their folder proposes."""
    monkeypatch.setattr(identity, "identify", lambda cookies, headers: "Ann")
    opened: Store = workspace.get_store()
    record(opened, *[make_outcome(f"i{n}", proposal=label) for n, label in enumerate(LABELS)])
    for n, face in enumerate(ids(opened)):
        opened.write(lambda db, f=face, s=10 * (n + 1): db_faces.put_quality(db, f, replace(PLAIN, side=s)))
    return opened


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    given: list[dict[str, Any]] = []

    def keep(data: dict[str, Any], *, key: str, on_turn: Callable[[], None], on_like: Callable[[], None]) -> None:
        given.append(data)

    monkeypatch.setattr(review_grid, "review_grid", keep)
    return given


def ids(store: Store) -> list[str]:
    return store.read(lambda db: [face for (face,) in db.execute("SELECT face_id FROM face_state ORDER BY seq")])


def page(opened: str = "", **query: str) -> AppTest:
    """The page, with one of its boxes open."""
    made = AppTest.from_file(PAGE, default_timeout=30)
    for name, value in query.items():
        made.query_params[name] = value
    if opened:
        made.session_state[opened] = True
    made.run()
    assert not made.exception
    return made


def say(store: Store, number: int, who: str = "Ann", at: str | None = None) -> None:
    face = ids(store)[number]
    store.write(lambda db: apply_ops(db, who, [decide(db, face, Verdict.REJECT)], at))


def would_show(made: AppTest) -> str:
    return next(text.value for text in made.markdown if "would show" in text.value)


def draft(made: AppTest, name: str) -> Any:
    return next(box for box in (*made.selectbox, *made.date_input, *made.checkbox, *made.slider, *made.button)
                if box.key == f"review-draft-{name}")  # fmt: skip


def test_a_box_that_is_closed_costs_nothing(store: Store, shown: list[dict[str, Any]]) -> None:
    made = page()
    assert len(made.selectbox) == 3
    assert len(made.slider) == len(made.text_input) == 0


def test_filters_are_counted_before_they_are_applied(store: Store, shown: list[dict[str, Any]]) -> None:
    made = page(more_filters.BOX, state="all")
    assert would_show(made) == "**4** of 4 would show"
    assert draft(made, "proposal").options == ["With a class or without · 4", "pout · 1", "smile · 2"]
    draft(made, "proposal").select("3").run()
    draft(made, "range-side").set_range(20, 500).run()
    assert would_show(made) == "**1** of 4 would show"
    assert draft(made, "proposal").options == ["With a class or without · 3", "pout · 1", "smile · 1"]
    assert dict(made.query_params) == {"state": "all"}
    assert len(shown[-1]["items"]) == 4
    draft(made, "apply").click().run()
    assert dict(made.query_params) == {"state": "all", "proposal": "3", "quality": "side:20:"}
    assert [item["id"] for item in shown[-1]["items"]] == [ids(store)[3]]
    assert made.session_state[more_filters.BOX] is False


def test_people_and_days(store: Store, shown: list[dict[str, Any]]) -> None:
    say(store, 0, at="2026-03-01T23:59:59.999Z")
    say(store, 1, "Bob", "2026-03-02T00:00:00.000Z")
    say(store, 2, "Bob", "2026-03-03T00:00:00.000Z")
    made = page(more_filters.BOX, state="all")
    assert draft(made, "annotator").options == ["Anyone or nobody · 4", "Ann · 1", "Bob · 2"]
    draft(made, "since").set_value(date(2026, 3, 2)).run()
    draft(made, "until").set_value(date(2026, 3, 2)).run()
    assert would_show(made) == "**1** of 4 would show"
    assert draft(made, "annotator").options == ["Anyone or nobody · 1", "Bob · 1"]
    draft(made, "apply").click().run()
    assert dict(made.query_params) == {"state": "all", "since": "2026-03-02T00:00Z", "until": "2026-03-03T00:00Z"}
    assert [item["id"] for item in shown[-1]["items"]] == [ids(store)[1]]


def test_what_is_not_applied_is_forgotten_when_all_is_cleared(store: Store, shown: list[dict[str, Any]]) -> None:
    made = page(more_filters.BOX, state="all", quality="side:20:30")
    assert draft(made, "range-side").value == (20, 30)
    draft(made, "without-side").click().run()
    draft(made, "disagreement").check().run()
    assert would_show(made) == "**0** of 4 would show"
    draft(made, "clear").click().run()
    assert would_show(made) == "**4** of 4 would show"
    draft(made, "apply").click().run()
    assert dict(made.query_params) == {"state": "all"}


def test_an_instant_is_the_same_for_every_reader() -> None:
    assert filter_text.minute_of("2026-03-02T08:00+08:00") == query.minute_of("2026-03-02T00:00Z")
    for wrong in ("", "soon", "2026-13-01T00:00Z", "1969-12-31T23:59Z", "9999-12-31T23:59Z", "0001-01-01T00:00+10:00"):
        assert filter_text.minute_of(wrong) is None
    shanghai = query.ZoneInfo("Asia/Shanghai")
    minute = query.start_of(date(2026, 3, 2), shanghai)
    assert filter_text.minute_text(minute) == "2026-03-01T16:00Z"
    assert query.describe_minute(minute, shanghai, end=False) == "2026-03-02"
    assert query.describe_minute(minute, shanghai, end=True) == "2026-03-01"
    assert query.describe_minute(minute, query.UTC, end=True) == "2026-03-01 16:00"


def saved(store: Store, name: str, query: dict[str, str], who: str = "Bob") -> None:
    store.write(lambda db: saved_views.save_view(db, name, query, who))


def names(store: Store) -> list[tuple[str, dict[str, str], str]]:
    return [(view.name, dict(view.query), view.annotator) for view in store.read(saved_views.list_views)]


def test_a_view_is_saved_and_opened(store: Store, shown: list[dict[str, Any]]) -> None:
    saved(store, "wide *mouths*", {"state": "all", "order": "-side", "size": "24"})
    made = page(saved_views_box.BOX, state="rejected")
    row = made.button(key="review-view-open-wide *mouths*")
    assert row.label == "wide \\*mouths\\*"
    row.click().run()
    assert dict(made.query_params) == {"state": "all", "order": "-side", "size": "24"}
    assert [item["id"] for item in shown[-1]["items"]] == ids(store)[::-1]
    made.session_state[saved_views_box.BOX] = True
    made.run()
    made.text_input(key="review-view-name").input("largest")
    made.button(key="review-view-save").click().run()
    assert names(store)[0] == ("largest", {"state": "all", "order": "-side", "size": "24"}, "Ann")


def test_a_view_is_overwritten_when_asked_twice(store: Store, shown: list[dict[str, Any]]) -> None:
    saved(store, "Mine", {"state": "all"})
    made = page(saved_views_box.BOX, state="unsure")
    made.text_input(key="review-view-name").input("mine")
    made.button(key="review-view-save").click().run()
    assert names(store) == [("Mine", {"state": "all"}, "Bob")]
    assert "There is a view called Mine already." in [text.value for text in made.caption]
    assert made.button(key="review-view-save").label == "Overwrite"
    made.button(key="review-view-save").click().run()
    assert names(store) == [("mine", {"state": "unsure"}, "Ann")]


def test_a_view_is_not_overwritten_when_another_name_was_asked_about(store: Store, shown: list[dict[str, Any]]) -> None:
    saved(store, "one", {"state": "all"})
    saved(store, "two", {"state": "all"})
    made = page(saved_views_box.BOX, state="unsure")
    for name, free in (("one", False), ("two", False), ("three", True)):
        made.text_input(key="review-view-name").input(name)
        made.button(key="review-view-save").click().run()
        there = [("one", {"state": "all"}, "Bob"), ("two", {"state": "all"}, "Bob")]
        assert sorted(names(store)) == sorted([*there, *[("three", {"state": "unsure"}, "Ann")] * free])


def test_a_view_without_a_name_is_refused(store: Store, shown: list[dict[str, Any]]) -> None:
    made = page(saved_views_box.BOX)
    made.button(key="review-view-save").click().run()
    assert "1 to 60 plain characters" in made.error[0].value
    assert names(store) == []


def test_a_view_is_deleted_when_asked_twice(store: Store, shown: list[dict[str, Any]]) -> None:
    saved(store, "one", {})
    made = page(saved_views_box.BOX)
    assert made.button(key="review-view-delete-one").label == "Delete"  # an icon alone has no name
    made.button(key="review-view-delete-one").click().run()
    assert made.button(key="review-view-delete-one").label == "Delete for good"
    assert len(names(store)) == 1
    made.button(key="review-view-delete-one").click().run()
    assert names(store) == []


def test_suggestions_are_hidden_until_answered(store: Store, shown: list[dict[str, Any]]) -> None:
    say(store, 0)
    made = page(saved_views_box.BOX, state="all", order="proposal", proposal="3")
    assert [item["proposal"] for item in shown[-1]["items"]] == [3, 3]
    made.toggle(key="review-hide-suggestions").set_value(True).run()
    assert store.read(suggestions_hidden)
    assert [item["proposal"] for item in shown[-1]["items"]] == [3, None, None, None]  # the first one is answered
    assert shown[-1]["suggestions_hidden"]
    assert "By proposal" not in made.selectbox(key="review_order").options
    again = page(more_filters.BOX)
    assert [box.key for box in again.selectbox if "proposal" in str(box.key)] == []


def test_a_view_that_is_gone_meanwhile(store: Store, shown: list[dict[str, Any]]) -> None:
    saved(store, "one", {})
    made = page(saved_views_box.BOX)
    made.button(key="review-view-delete-one").click().run()

    def gone(db: Db) -> None:
        saved_views.delete_view(db, "one")

    store.write(gone)
    made.button(key="review-view-delete-one").click().run()
    assert "no view called one" in made.error[0].value.replace("\\", "")
