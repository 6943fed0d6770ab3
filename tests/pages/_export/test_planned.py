"""Where many faces are accepted, the page has them planned beside the server, and shows a table without figures until
then."""

from __future__ import annotations

from concurrent.futures import Future
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from db.decisions.log import apply_ops
from db.decisions.ops import DecideOp
from db.reads.counts import workspace_counts
from db.reads.details import face_info
from db.store.store import Db
from pages._export import planned
from pages._server import workspace
from pages._server.exports import previews
from pages._server.exports.previews import Question
from pipeline.actions.release import accepted as planner
from pipeline.actions.release.accepted import plan_release, read_accepted
from pipeline.actions.release.beside import Answered
from pipeline.core.errors import WorkerError
from pipeline.core.messages import message
from pipeline.core.records import Verdict
from pipeline.export.preview import Offered, Preview
from tests.db import make
from tests.pages.test_shell import ada as ada
from tests.pages.test_shell import add_distinct, crops_of, decide_all, page


@pytest.fixture
def faces(empty: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Ten accepted faces a class: more than are planned at once."""
    found = add_distinct(40)
    crops_of(found)
    decide_all(found, lambda n: 1 + n % 4)
    read_accepted(workspace.get_store())  # what waits to be compared is
    monkeypatch.setattr(planned, "AT_ONCE", 30)
    return found


class Held:
    """Stands in for the program: it answers when it is told to, with what the planner gives."""

    def __init__(self) -> None:
        self.asked: list[tuple[Question, Future[Answered]]] = []

    def ask(self, question: Question) -> Future[Answered]:
        self.asked.append((question, Future()))
        return self.asked[-1][1]

    def answer(self) -> None:
        question, future = self.asked[-1]
        store = workspace.get_store()
        found = read_accepted(store, with_rejected=question.with_rejected)
        plan = None if question.settings is None else plan_release(store, question.line, *question.settings, found)
        offered = Offered.of(found.items, found.class_names, 0)
        future.set_result(Answered(offered, None if plan is None else Preview.of(plan), "r"))


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Held:
    found = Held()
    monkeypatch.setattr(previews, "ask", found.ask)
    monkeypatch.setattr(planned, "PATIENCE_S", 0.0)
    return found


def tables(shown: AppTest) -> str:
    return "".join(one.proto.body for one in shown.get("html"))


def arrived(shown: AppTest) -> AppTest:
    """As `planned.wait` draws the page again once what it asked for is there."""
    shown.session_state["export_arrived"] = True
    return shown.run()


def unsure(face: str) -> None:
    def work(db: Db) -> None:
        info, key = face_info(db, face), make.new_uuid()
        assert info is not None
        op = DecideOp(key, key, face, info.face.image_sha256, Verdict.UNSURE, None, None, 0)
        assert [one.status for one in apply_ops(db, "Ada", [op])] == ["saved"]

    workspace.get_store().write(work)


@pytest.mark.usefixtures("faces", "ada", "exports_at_once")
def test_the_server_plans_nothing_and_shows_what_the_program_says(empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        for name in ("read_accepted", "plan_release", "read_placements"):
            for module in (planned, planner):
                patched.setattr(module, name, _refused)
        shown = page("export.py").run()
        assert not shown.exception
        assert shown.button(key="export").label == "Export 40 crops"
        assert "…" not in tables(shown)
    shown.button(key="export").click().run()
    assert not shown.exception
    assert "40 crops in" in shown.success[0].value
    assert len(list((empty / "releases" / "train_val_data").rglob("*.png"))) >= 40


def _refused(*_: object, **__: object) -> None:
    raise AssertionError("planned in the server")


@pytest.mark.usefixtures("faces", "ada")
def test_until_it_is_planned_there_is_a_table_of_the_same_height(held: Held) -> None:
    shown = page("export.py").run()
    assert not shown.exception
    waiting = tables(shown)
    assert "…" in waiting
    assert shown.button(key="export").disabled
    assert not shown.number_input  # what the options offer is not known either
    held.answer()
    shown = arrived(shown)
    assert [question.settings is None for question, _ in held.asked] == [True, False]
    assert shown.number_input(key="seed").value == 0
    assert shown.button(key="export").disabled
    held.answer()
    shown = arrived(shown)
    assert len(held.asked) == 2
    there = tables(shown)
    assert "…" not in there
    assert there.count("<tr") == waiting.count("<tr")
    assert there.count("<th") == waiting.count("<th")
    assert shown.button(key="export").label == "Export 40 crops"
    assert not shown.button(key="export").disabled


@pytest.mark.usefixtures("ada")
def test_an_option_stays_while_it_is_planned_anew(held: Held, faces: list[str]) -> None:
    shown = page("export.py").run()
    held.answer()
    shown = arrived(shown)
    held.answer()
    shown = arrived(shown)
    shown.number_input(key="seed").set_value(7).run()
    assert shown.button(key="export").disabled
    assert shown.number_input(key="seed").value == 7
    question, _ = held.asked[-1]
    assert question.settings is not None
    assert question.settings[0].seed == 7
    unsure(faces[0])  # what is decided meanwhile does not make it wait for ever
    held.answer()
    shown = arrived(shown)
    assert shown.button(key="export").label == "Export 39 crops"
    assert len(held.asked) == 3
    shown.run()  # but the next look sees the workspace as it is then
    assert [question.reading for question, _ in held.asked] == ["", "r", "r", ""]


@pytest.mark.usefixtures("faces", "ada")
def test_an_answer_that_is_not_wanted_any_more_is_not_waited_for(held: Held) -> None:
    shown = page("export.py").run()
    held.answer()
    shown = arrived(shown)
    shown.number_input(key="seed").set_value(7).run()
    assert [future.cancelled() for _, future in held.asked] == [False, True, False]


@pytest.mark.usefixtures("faces", "ada")
def test_where_it_cannot_be_planned_the_reason_is_shown(held: Held) -> None:
    shown = page("export.py").run()
    held.asked[-1][1].set_exception(WorkerError(message("planner_died")))
    shown = arrived(shown)
    assert not shown.exception
    assert "load the page again" in shown.error[0].value


@pytest.mark.usefixtures("faces")
def test_few_faces_are_planned_here_but_photos_are_not_compared_here(monkeypatch: pytest.MonkeyPatch) -> None:
    store = workspace.get_store()
    counts = store.read(workspace_counts)
    assert isinstance(planned.planned(store, counts, "data", with_rejected=False), planned._Beside)
    monkeypatch.setattr(planned, "AT_ONCE", 40)
    assert isinstance(planned.planned(store, counts, "data", with_rejected=False), planned._Here)
    store.write(lambda db: db.execute("UPDATE image_hashes SET compared = 0"))
    assert isinstance(planned.planned(store, counts, "data", with_rejected=False), planned._Beside)
