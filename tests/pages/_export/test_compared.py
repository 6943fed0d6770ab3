"""Where two releases have many faces, the page has them compared beside the server, and is drawn without until then."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pages._export import compared, planned
from pages._server import workspace
from pages._server.exports import previews
from pages._server.exports.previews import Comparison
from pipeline.actions.release.kept import find, kept_differences
from pipeline.core.errors import WorkerError
from pipeline.core.messages import message
from pipeline.core.records import Verdict
from pipeline.export.release import shown as shown_page
from pipeline.export.release.shown import DifferencesPage, page_of
from tests.pages._export.test_export_page import SMILE, decide, release
from tests.pages._export.test_export_page import compared as compare_page
from tests.pages._export.test_export_page import faces as faces


@pytest.fixture
def two(faces: list[str], monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Two releases of about 20 faces, more than are compared at once: one got another class and three were rejected."""
    release()
    decide([faces[0]], lambda _: SMILE)
    decide(faces[1:4], None, Verdict.REJECT)
    release(seed=1)
    monkeypatch.setattr(compared, "AT_ONCE", 30)
    return faces


class Held:
    """Stands in for the program: it answers when it is told to, with what is compared here."""

    def __init__(self) -> None:
        self.asked: list[tuple[Comparison, Future[DifferencesPage]]] = []

    def compare(self, comparison: Comparison) -> Future[DifferencesPage]:
        self.asked.append((comparison, Future()))
        return self.asked[-1][1]

    def answer(self) -> None:
        one, future = self.asked[-1]
        store = workspace.get_store()
        before, after = (find(store, title) for title, _ in (one.before, one.after))
        changed = kept_differences(store, before, after)
        future.set_result(page_of(changed, Path(before.path), Path(after.path), one.kind, one.page))

    def kinds(self) -> list[tuple[str, str, int]]:
        return [(one.before[0], one.kind, one.page) for one, _ in self.asked]


@pytest.fixture
def held(two: list[str], monkeypatch: pytest.MonkeyPatch) -> Held:
    assert two
    found = Held()
    monkeypatch.setattr(previews, "compare", found.compare)
    monkeypatch.setattr(planned, "PATIENCE_S", 0.0)
    return found


def tables(shown: AppTest) -> str:
    return "".join(one.proto.body for one in shown.get("html"))


def waits(shown: AppTest) -> bool:
    return "Comparing releases" in [one.value for one in shown.caption]


def all_kinds(shown: AppTest) -> list[str]:
    """The table of every kind that is offered, one after the other."""
    found = [tables(shown)]
    for kind in ("relabelled", "removed"):
        found.append(tables(shown.segmented_control(key="compare_kind").set_value(kind).run()))
        assert not shown.exception
    return [*shown.segmented_control(key="compare_kind").options, *found]


@pytest.mark.usefixtures("two")
def test_the_server_compares_nothing_and_the_page_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(compared, "AT_ONCE", 1000)
        here = all_kinds(compare_page(monkeypatch))
    with monkeypatch.context() as patched:
        for name in ("kept_differences", "page_of"):
            patched.setattr(compared, name, _refused)
        patched.setattr(shown_page, "small_pictures", _refused)
        beside = all_kinds(compare_page(monkeypatch))
    assert beside == here
    assert "data:image/jpeg" in here[-1]


def _refused(*_: object, **__: object) -> None:
    raise AssertionError("compared in the server")


def test_until_they_are_compared_the_page_says_so_and_keeps_what_was_chosen(
    held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = compare_page(monkeypatch)
    assert waits(shown)
    assert not tables(shown)
    held.answer()
    shown.run()
    assert not shown.exception
    assert not waits(shown)
    assert tables(shown).count("<tr") == 1 + 3
    shown.segmented_control(key="compare_kind").set_value("relabelled").run()
    assert waits(shown)
    assert not tables(shown)
    assert shown.segmented_control(key="compare_kind").value == "relabelled"  # drawn meanwhile
    held.answer()
    assert tables(shown.run()).count("<tr") == 1 + 1
    shown.run()  # what was found is not asked for again
    assert held.kinds() == [("data #1", "", 1), ("data #1", "relabelled", 1)]
    shown.selectbox(key="compare_before").set_value("data #2").run()
    assert waits(shown)
    shown.selectbox(key="compare_before").set_value("data #1").run()
    assert held.asked[-2][1].cancelled()  # of a release with itself, which nobody waits for any more
    assert shown.segmented_control(key="compare_kind").value == "relabelled"
    assert held.kinds()[2:] == [("data #2", "", 1), ("data #1", "relabelled", 1)]


def test_where_they_cannot_be_compared_the_reason_is_shown_and_the_next_look_tries_again(
    held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = compare_page(monkeypatch)
    held.asked[-1][1].set_exception(WorkerError(message("comparer_died")))
    shown.run()
    assert not shown.exception
    assert "load the page again" in shown.error[0].value
    shown.run()
    assert not shown.error
    held.answer()
    assert tables(shown.run()).count("<tr") == 1 + 3


@pytest.mark.parametrize(
    ("locale", "said"),
    [("en", "What release data \\#1 holds was not kept"), ("zh", "发布版 data \\#1 出自较早版本的 Moue")],
)
@pytest.mark.usefixtures("two")
def test_what_the_program_says_is_in_the_reader_s_words(
    monkeypatch: pytest.MonkeyPatch, locale: str, said: str, in_language: Callable[[str], None]
) -> None:
    workspace.get_store().write(lambda db: db.execute("DELETE FROM release_manifests"))
    monkeypatch.setattr(compared, "kept_differences", _refused)
    in_language(locale)
    shown = compare_page(monkeypatch)
    assert said in shown.error[0].value


@pytest.fixture
def in_language(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    def use(locale: str) -> None:
        for module in ("pages._words", "pages._words.recorded"):
            monkeypatch.setattr(f"{module}.language", lambda: locale)

    return use
