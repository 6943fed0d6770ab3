"""From the funnel of a source to its faces in Review and its files in Clean."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from db.decisions.log import apply_ops
from db.images import images
from db.reads import files, progress
from db.store.store import Db, Store
from pages._progress import funnel
from pages._review import query
from pages._server import identity, workspace
from pipeline.core.outcome import Outcome
from pipeline.core.records import Verdict
from tests.db import make
from tests.db.make import review_total
from tests.pages._ui import drawn

PAGE = str(Path(__file__).resolve().parents[3] / "pages" / "progress.py")


@pytest.fixture
def store(empty: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A folder with six faces (two smiles, a reject, an unsure one) and a photo without any; a search with one face;
    a folder with a damaged file alone."""
    monkeypatch.setattr(identity, "identify", lambda cookies, headers: "Ann")
    store = workspace.get_store()

    def fill(db: Db) -> None:
        places = (("folder", "/a"), ("search", "bing: pout"), ("folder", "/b"))
        sources = [images.ensure_source(db, *place) for place in places]
        made = [make.make_outcome(f"a {n}") for n in range(6)]
        images.record_outcomes(db, sources[0], None, [*made, make.make_outcome("none", faces=0)])
        images.record_outcomes(db, sources[1], None, [make.make_outcome("b")])
        images.record_outcomes(db, sources[2], None, [make.make_outcome("bad", failure=Outcome.UNDECODABLE)])
        ids = [one.outcome.faces[0].face_id for one in made]
        verdicts = (Verdict.ACCEPT, Verdict.ACCEPT, Verdict.REJECT, Verdict.UNSURE)
        apply_ops(db, "Ann", [make.decide(db, face, one) for face, one in zip(ids, verdicts, strict=False)])

    store.write(fill)
    return store


def page() -> AppTest:
    made = AppTest.from_file(PAGE, default_timeout=30).run()
    assert not made.exception
    return made


def ways(made: AppTest) -> dict[str, str]:
    """The links with a number: address by label."""
    return {label: address for label, address in drawn.links(made).items() if re.fullmatch(r"[^:]+ · \d+", label)}


def test_every_way_shows_as_many_as_it_says(store: Store) -> None:
    """The number on a button is that of Review, or of Clean, behind it."""
    funnels = store.read(progress.funnels)
    for one in [*funnels, progress.sum_of(funnels)]:
        for label, number, target, params in funnel._targets(one):
            if target == funnel.REVIEW:
                offered = store.read(query.look_up)
                assert query.validated(params, offered) == params
                flt, _ = query.filter_of(params)
                shown = store.read(lambda db, f=flt: review_total(db, f))
            else:
                source = int(params["source"]) if "source" in params else None
                shown = store.read(lambda db, p=params, s=source: files.clean_page(db, p["outcome"], s, 1).total)
            assert shown == number, (label, params)


def test_the_steps_of_one_source_lead_to_it(store: Store) -> None:
    made = page()
    steps = ["Faces · 7", "Undecided · 3", "Accepted · 2", "Rejected · 1", "Unsure · 1", "Without a face · 1"]
    assert [label for label in ways(made) if label in steps] == steps
    assert ways(made)["Accepted · 2"] == "/review?state=accepted"
    assert drawn.links(made)["Image search: bing: pout"] == "/review?state=all&source=2", "a row of the table"
    made.selectbox(key="funnel-source").set_value(1).run()
    assert ways(made)["Faces · 6"] == "/review?state=all&source=1"
    assert ways(made)["Without a face · 1"] == "/clean?outcome=no_face&source=1"
    made.selectbox(key="funnel-source").set_value(2).run()
    assert ways(made)["Undecided · 1"] == "/review?state=undecided&source=2"


def test_a_source_without_faces_leads_to_its_files(store: Store) -> None:
    ways = {one.source.location: funnel.target_of(one) for one in store.read(progress.funnels)}
    assert ways == {
        "/a": ("review.py", {"state": "all", "source": "1"}),
        "bing: pout": ("review.py", {"state": "all", "source": "2"}),
        "/b": ("clean.py", {"source": "3"}),
    }
