"""The Team page: its sections by role and address; roles given, the audit filtered, a hand-over read."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from db.decisions.log import apply_ops
from db.decisions.ops import UndoOp
from db.store.store import Store
from db.tables import audit, classes, roles
from db.tables.annotators import ensure_annotator
from pages._server import identity, workspace
from pipeline.core.records import Verdict
from tests.db.make import add_images, decide, new_uuid
from tests.pages._ui import drawn

PAGE = str(Path(__file__).resolve().parents[2] / "pages" / "team.py")


@pytest.fixture
def store(empty: Path) -> Store:
    opened = workspace.get_store()
    for name in ("Ada", "Ben", "Cyd"):
        opened.write(lambda db, name=name: ensure_annotator(db, name))
    return opened


def open_as(name: str, monkeypatch: pytest.MonkeyPatch, section: str = "") -> AppTest:
    monkeypatch.setattr(identity, "identify", lambda cookies, headers: name)
    page = AppTest.from_file(PAGE, default_timeout=30)
    if section:
        page.query_params["section"] = section
    page.run()
    assert not page.exception
    return page


def audited(page: AppTest) -> list[list[str]]:
    """When, who and what, of each row of the audit that is shown."""
    return [row for one in drawn.read(page).tables if one[0] == ["When", "Who", "What"] for row in one[1:]]


def role_of(store: Store, name: str) -> str:
    return store.read(lambda db: roles.role_of(db, name))


def test_sections_that_a_role_may_not_see_are_not_offered(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def offered(name: str) -> list[str]:
        return list(open_as(name, monkeypatch).segmented_control(key="team_section").options)

    store.write(lambda db: roles.set_role(db, "Cyd", "viewer", "Ada"))
    assert {"People", "Audit", "Hand-over"} <= set(offered("Ada"))
    assert "Audit" not in offered("Ben")
    assert {"People", "Hand-over"} <= set(offered("Cyd"))
    page = open_as("Ben", monkeypatch, "audit")  # an address that somebody sent
    assert page.segmented_control(key="team_section").value != "audit"
    assert audited(page) == []


def test_an_owner_gives_roles_and_others_only_see_them(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    page = open_as("Ada", monkeypatch, "people")
    assert [page.selectbox(key=f"role-{n}").value for n in range(3)] == ["owner", "annotator", "annotator"]
    assert "Roles then guard against slips, not against people" in page.info[0].value
    page.selectbox(key="role-1").set_value("reviewer").run()
    page.selectbox(key="people_newcomers").set_value("viewer").run()
    assert (role_of(store, "Ben"), role_of(store, "Cyd"), role_of(store, "Eve")) == ("reviewer", "viewer", "viewer")
    page = open_as("Ben", monkeypatch, "people")
    assert all(page.selectbox(key=key).disabled for key in ("role-0", "role-1", "role-2", "people_newcomers"))


def test_a_page_from_before_gives_no_role(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """The list can still be changed where the person was demoted since it was drawn."""
    store.write(lambda db: roles.set_role(db, "Ben", "owner", "Ada"))
    page = open_as("Ben", monkeypatch, "people")
    store.write(lambda db: roles.set_role(db, "Ben", "annotator", "Ada"))
    page.selectbox(key="role-2").set_value("owner").run()
    assert role_of(store, "Cyd") == "annotator"
    assert "your role here is annotator" in page.error[0].value.replace("\\", "").lower()


def test_the_last_owner_is_told_why(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    page = open_as("Ada", monkeypatch, "people")
    page.selectbox(key="role-0").set_value("viewer").run()
    assert "Ada is the only owner" in page.error[0].value
    assert page.selectbox(key="role-0").value == "owner"


def test_where_a_proxy_knows_people_no_such_note_is_shown(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOUE_AUTH", "header")
    assert not open_as("Ada", monkeypatch, "people").info


def test_the_audit_tells_decisions_by_step_and_the_rest_row_by_row(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    faces = add_images(store, ["a", "b", "c"])
    step = new_uuid()
    ops = [store.read(lambda db, face=face: decide(db, face, step=step)) for face in faces]
    store.write(lambda db: apply_ops(db, "Ben", ops))
    store.write(lambda db: apply_ops(db, "Ben", [UndoOp(new_uuid())]))
    store.write(lambda db: classes.add_class(db, "grin", by="Ada"))
    page = open_as("Ada", monkeypatch, "audit")
    assert [row[1:] for row in audited(page)[:3]] == [
        ["Ada", "added the class “grin”"],
        ["Ben", "took back decisions on 3 faces"],
        ["Ben", "decided on 3 faces"],
    ]
    page.selectbox(key="audit-who").set_value("Ben").run()
    assert {row[1] for row in audited(page)} == {"Ben"}
    page.selectbox(key="audit-what").set_value("class_added").run()
    assert (audited(page), [one.value for one in page.info]) == ([], ["Nothing in the audit fits these filters."])
    page.selectbox(key="audit-who").set_value("").run()
    assert [row[2] for row in audited(page)] == ["added the class “grin”"]


def test_a_hand_over_is_one_s_own_unless_one_may_read_the_audit(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    (face,) = add_images(store, ["a"])
    store.write(lambda db: apply_ops(db, "Ben", [decide(db, face, Verdict.ACCEPT, 3)]))
    page = open_as("Ben", monkeypatch, "handover")
    assert not [box for box in page.selectbox if box.key == "handover-who"]
    assert drawn.read(page).tables[0][1:] == [["smile", "1"]]
    page = open_as("Ada", monkeypatch, "handover")
    assert page.selectbox(key="handover-who").value == "Ada"
    page.selectbox(key="handover-who").set_value("Ben").run()
    assert drawn.read(page).tables[0][1:] == [["smile", "1"]]
    assert {row.annotator for row in store.read(lambda db: list(audit.rows(db)))} <= {"Ada", "command line"}
