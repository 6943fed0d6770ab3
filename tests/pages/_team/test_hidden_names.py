"""Where letters stand for names, no page of somebody who does not own the workspace holds a name of another person."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from db.decisions import consensus, rules
from db.decisions.log import apply_ops
from db.store.store import Db, Store
from db.tables import jobs, releases, roles, saved_views
from db.tables.annotators import ensure_annotator
from db.tables.consensus_rules import ConsensusRule
from db.team import guidelines, handouts, notes
from db.team.pseudonyms import switch
from pages._server import identity, workspace
from pages._team.sections import SECTIONS
from pipeline.core.records import Verdict
from tests.db.make import add_images, decide, new_uuid

FOLDER = Path(__file__).resolve().parents[3] / "pages"
PAGES = sorted(path.stem for path in FOLDER.glob("[a-z]*.py"))
VISITS = [(page, "") for page in PAGES if page != "team"] + [("team", section.slug) for section in SECTIONS]
assert VISITS
HIDDEN = ("Olgaowner", "Benedikta")


@pytest.fixture
def store(empty: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """Olgaowner owns it; Benedikta did one of each thing that pages sign with a name; Ann, a reviewer, looks."""
    store = workspace.get_store()
    ids = add_images(store, ["a", "b"])

    def work(db: Db) -> None:
        for name in (*HIDDEN, "Ann"):
            ensure_annotator(db, name)
        roles.settle_owner(db)
        for name in ("Benedikta", "Ann"):
            roles.set_role(db, name, "reviewer", "Olgaowner")
        by = "Benedikta"
        apply_ops(db, by, [decide(db, ids[0], Verdict.ACCEPT, 3)])
        apply_ops(db, "Ann", [decide(db, ids[0], Verdict.ACCEPT, 2)])
        jobs.finish(db, jobs.start_job(db, "ingest", {}, 1, annotator=by), "done", None)
        releases.add_release(db, "r", "/r.zip", {}, {"train": {"smile": 1}}, "d", by, None)
        saved_views.save_view(db, "mine", {"state": "all"}, by)
        guidelines.set_text(db, by, 3, "teeth are seen", None)
        rules.save_rule(db, "blurred ones", (("sharpness", None, 3.0),), "blurred", by)
        consensus.set_rule(db, ConsensusRule("majority"), "Olgaowner")
        handouts.hand_out(db, {"state": "all"}, by, "Olgaowner")
        notes.add_note(db, by, ids[0], new_uuid(), "hm")
        switch(db, True, by="Olgaowner")

    store.write(work)
    monkeypatch.setattr(identity, "identify", lambda cookies, headers: "Ann")
    return store


def test_no_page_names_anybody_else(store: Store) -> None:
    letters = 0
    for page, section in VISITS:
        made = AppTest.from_file(str(FOLDER / f"{page}.py"), default_timeout=60)
        if section:
            made.query_params["section"] = section
        made.run()
        assert not made.exception, (page, section)
        drawn = "".join(repr(getattr(node, "proto", "")) for node in made._tree)
        assert not [name for name in HIDDEN if name in drawn], (page, section)
        letters += "Annotator B" in drawn
    assert letters >= 5, "or the pages showed nobody at all"


def test_a_batch_that_was_handed_out_names_nobody(store: Store) -> None:
    store.write(lambda db: handouts.hand_out(db, {"state": "undecided"}, "Ann", "Benedikta"))
    page = AppTest.from_file(str(FOLDER / "review.py"), default_timeout=60).run()
    page.button(key="review-next-for-me").click().run()
    assert not page.exception
    drawn = "".join(repr(getattr(node, "proto", "")) for node in page._tree)
    assert "1 face of hand-out A, from Annotator B" in drawn
    assert not [name for name in HIDDEN if name in drawn]
