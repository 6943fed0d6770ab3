"""The Overview page: the first choices, the funnel's figures, and where it leads next."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from db.decisions.log import apply_ops
from db.images import images
from db.store.locks import starting
from db.store.store import Db, Store
from db.tables import jobs
from db.tables.annotators import ensure_annotator
from db.team import second_opinions
from pages._server import identity, samples, workspace
from pipeline.core.outcome import Outcome
from pipeline.core.records import Verdict
from tests.db.make import add_images, decide, make_outcome
from tests.pages._ui import drawn

PAGE = str(Path(__file__).resolve().parents[2] / "pages" / "overview.py")


@pytest.fixture
def led(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The pages that are gone to."""
    monkeypatch.setattr(identity, "identify", lambda cookies, headers: "Ann")
    found: list[str] = []
    monkeypatch.setattr(st, "switch_page", lambda page, **_: found.append(page))
    return found


@pytest.fixture
def store(empty: Path, led: list[str]) -> Store:
    return workspace.get_store()


def opened() -> AppTest:
    page = AppTest.from_file(PAGE, default_timeout=60).run()
    assert not page.exception
    return page


VERDICTS = (Verdict.ACCEPT, Verdict.ACCEPT, Verdict.REJECT, Verdict.UNSURE)


def add_damaged(store: Store) -> None:
    """A file that is no photo any more."""
    broken = [make_outcome("x", failure=Outcome.UNDECODABLE)]
    store.write(lambda db: images.record_outcomes(db, images.ensure_source(db, "folder", "/x"), None, broken))


def html(page: AppTest) -> str:
    return "".join(one.proto.body for one in page.get("html"))


@pytest.mark.parametrize("way", ["folder", "upload", "sample"])
def test_a_newcomer_has_three_choices(store: Store, led: list[str], way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[Store] = []
    monkeypatch.setattr(samples, "load", lambda store, annotator: loaded.append(store))
    page = opened()
    assert [button.label for button in page.button] == ["Point at a folder", "Upload", "Load sample photos"]
    assert drawn.figures(page) == []
    page.button(key=f"go-{way}").click().run()
    assert page.session_state["way"] == way
    assert loaded == ([store] if way == "sample" else [])
    assert led == ["collect.py"]


def test_the_funnel_counts_and_leads_to_review(store: Store, led: list[str]) -> None:
    faces = add_images(store, ["a", "b", "c", "d", "e"])
    add_damaged(store)
    for face, verdict in zip(faces, VERDICTS, strict=False):
        decide_now(store, face, verdict)
    page = opened()
    assert drawn.figures(page) == [("Photos", "5"), ("Faces", "5"), ("Decided", "4"), ("Accepted", "2")]
    beside = re.findall(r"</dd><dd>(.*?)</dd>", html(page))
    assert beside == ["0 without a face", "1 undecided", "80 % of the faces", "1 rejected, 1 unsure"]
    assert 'aria-valuenow="80"' in html(page)
    page.button(key="to-progress").click().run()
    assert led == ["progress.py"]
    assert next_page(page, led) == "review.py"


def decide_now(store: Store, face: str, verdict: Verdict) -> None:
    op = store.read(lambda db: decide(db, face, verdict))
    (result,) = store.write(lambda db: apply_ops(db, "Ann", [op]))
    assert result.status == "saved"


def next_page(page: AppTest, led: list[str]) -> str:
    """Where the last button of the page leads."""
    led.clear()
    page.button[-1].click().run()
    (to,) = led
    return to


@pytest.mark.parametrize(("verdict", "to"), [(Verdict.ACCEPT, "export.py"), (Verdict.REJECT, "clean.py")])
def test_where_everything_is_decided(store: Store, led: list[str], verdict: Verdict, to: str) -> None:
    (face,) = add_images(store, ["a"])
    decide_now(store, face, verdict)
    page = opened()
    assert ("No face is accepted yet." in [caption.value for caption in page.caption]) is (to == "clean.py")
    assert next_page(page, led) == to


def test_where_no_photo_could_be_used(store: Store, led: list[str]) -> None:
    add_damaged(store)
    assert next_page(opened(), led) == "collect.py"


def test_a_job_that_runs_is_shown_also_before_its_first_photo(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    from pages._ui import job_view

    shown: list[tuple[str, bool]] = []
    monkeypatch.setattr(job_view, "live", lambda job, follow: shown.append((job, follow)))
    with starting(store.root, "job"):
        job = store.write(lambda db: jobs.start_job(db, "ingest", {"paths": ["/x"]}))
        page = opened()
    assert shown == [(job, True)]
    assert drawn.figures(page)[0] == ("Photos", "0")


def test_files_that_were_passed_over_are_told_beside_the_photos(store: Store) -> None:
    def fill(db: Db) -> None:
        source = images.ensure_source(db, "folder", "/x")
        passed = [make_outcome(f"p{n}", failure=Outcome.PASSED_OVER) for n in range(3)]
        images.record_outcomes(db, source, None, [make_outcome("a"), make_outcome("b", faces=0), *passed])

    store.write(fill)
    assert "<dd>1 without a face · 3 passed over</dd>" in html(opened())


def test_what_others_alone_have_answered_is_still_to_be_decided_on(store: Store, led: list[str]) -> None:
    """Where opinions are independent: Bob's answer is there, and Ann's is wanted."""
    (face,) = add_images(store, ["p"])
    for name in ("Ann", "Bob"):
        store.write(lambda db, name=name: ensure_annotator(db, name))
    store.write(lambda db: second_opinions.set_share(db, second_opinions.Setting(share=1.0), "Ann"))
    store.write(lambda db: apply_ops(db, "Bob", [decide(db, face, Verdict.ACCEPT, 1)]))
    page = opened()
    assert "1 face to decide on" in [one.value for one in page.caption]
    page.button(key="next").click().run()
    assert led == ["review.py"]
