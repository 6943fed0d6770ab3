"""The Agreement section: what it says where there is much, little and nothing to say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from db.decisions.log import apply_ops
from db.store.store import Db, Store
from db.tables import roles
from db.tables.annotators import annotator_codes
from db.team.agreement import agreement_of
from pages._review import query
from pages._server import identity, workspace
from pages._team import agreement_csv, figures
from pipeline.core.records import Verdict
from tests.db import make

PAGE = str(Path(__file__).resolve().parents[3] / "pages" / "team.py")


@pytest.fixture
def store(empty: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setattr(identity, "identify", lambda cookies, headers: "Ann")
    return workspace.get_store()


def answer(store: Store, faces: int, differ: int) -> list[str]:
    """Ann and Ben on so many faces, half of each of two classes; they differ on the first ones."""
    ids = make.add_images(store, [f"p{n}" for n in range(faces)])

    def work(db: Db) -> None:
        for n, face in enumerate(ids):
            apply_ops(db, "Ann", [make.decide(db, face, Verdict.ACCEPT, 2 + n % 2)])
            apply_ops(db, "Ben", [make.decide(db, face, Verdict.ACCEPT, 2 + (n + (n < differ)) % 2)])

    store.write(work)
    return ids


def page(**params: str) -> AppTest:
    made = AppTest.from_file(PAGE, default_timeout=60)
    for name, said in params.items():
        made.query_params[name] = said
    made.run()
    assert not made.exception
    return made


def texts(made: AppTest) -> str:
    html = [one.proto.body for one in made.get("html")]
    return " ".join([*html, *(one.value for one in (*made.markdown, *made.info, *made.caption))])


def test_too_few_faces_are_no_figure_but_words(store: Store) -> None:
    answer(store, 9, 2)
    found = page()
    assert "Too few to say: 9 faces have answers of two people, 10 are needed" in found.info[0].value
    assert "<table" not in texts(found)
    assert found.button(key="next").label == "Second opinions"


def test_the_way_to_more_answers_is_review_for_who_draws_no_faces(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer(store, 9, 2)
    store.write(lambda db: roles.set_role(db, "Ben", "reviewer", "Ann"))
    monkeypatch.setattr(identity, "identify", lambda cookies, headers: "Ben")
    assert page().button(key="next").label == "Review"


def test_an_empty_workspace_says_so_too(store: Store) -> None:
    assert "Too few to say: 0 faces" in page().info[0].value


def test_figures_and_cells(store: Store) -> None:
    answer(store, 20, 5)
    shown = texts(page())
    assert "75 %" in shown
    codes = {name: code for code, name in store.read(annotator_codes).items()}
    link = rf'href="/review\?state=all&amp;pair={codes["Ann"]}%3Ac2%2C{codes["Ben"]}%3Ac3" target="_self" aria-label='
    (cell,) = re.findall(link + r'"([^"]*)"', shown)
    assert cell == "Ann: “pout”; Ben: “smile”: 3 faces"


def test_what_a_cell_links_to_is_what_review_asks_for(store: Store) -> None:
    answer(store, 12, 2)
    offered = store.read(query.look_up)
    codes = {name: code for code, name in offered.codes.items()}
    good = f"{codes['Ann']}:c2,{codes['Ben']}:c3"
    assert query.validated({"pair": good}, offered) == {"pair": good}
    for bad in (f"{codes['Ann']}:c99,{codes['Ben']}:c3", "99:c2,98:c3", "Ann:c2,Ben:c3", f"0:c2,{codes['Ben']}:c3"):
        assert query.validated({"pair": bad}, offered) == {}


def test_independent_answers_alone_are_too_few_where_all_saw_each_other(store: Store) -> None:
    answer(store, 20, 5)
    assert "Too few to say: 0 faces" in page(answers="independent").info[0].value


def test_a_parameter_that_says_nothing_is_the_first_choice(store: Store) -> None:
    answer(store, 20, 5)
    assert "75 %" in texts(page(section="nowhere", answers="x", one="999", other="Ann"))


def test_csv_has_full_precision_and_says_what_is_missing(store: Store) -> None:
    answer(store, 20, 5)
    found = agreement_of(store, independent=False)
    labels = [figures.Label(str(state), "", "") for state in found.states]
    lines = agreement_csv.text_of(found, labels, "all", {name: name for name in found.names}).splitlines()
    assert lines[0].removeprefix("\ufeff").split(",") == list(agreement_csv.HEAD)
    assert any(line.startswith("all,percent,,0.75,") for line in lines)
    assert any(line.endswith(",one_value") for line in lines), "classes that nobody gave"


def test_all_agree_has_a_value_and_no_interval(store: Store) -> None:
    answer(store, 20, 0)
    shown = texts(page())
    assert "100 %" in shown
    assert "all agree" in shown
