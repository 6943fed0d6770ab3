"""Team, Consensus: the rule is told, another one previewed, chosen and taken back; who may not is told why."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from db.projection.anew import recounts
from db.store import recounting
from db.store.store import Store
from db.tables import roles
from db.tables.consensus_rules import ConsensusRule, current_rule
from pages._server import identity
from tests.pages._team.test_agreement_section import answer, page, store
from tests.pages._team.test_agreement_section import texts as escaped_texts

__all__ = ["store"]


def texts(made: AppTest) -> str:
    return escaped_texts(made).replace("\\", "")


def section() -> AppTest:
    return page(section="consensus")


def asked_for_majority() -> AppTest:
    shown = section()
    shown.selectbox(key="consensus-name").set_value("majority").run()
    shown.number_input(key="consensus-quorum").set_value(2).run()
    shown.button(key="consensus-preview").click().run()
    assert not shown.exception
    return shown


def test_another_rule_says_what_it_changes_holds_and_is_taken_back(store: Store) -> None:
    answer(store, 8, 3)
    assert "The latest answer counts." in texts(section())
    shown = asked_for_majority()
    assert "0 faces would gain a consensus, 3 faces would lose it, 0 faces would change the answer." in texts(shown)
    assert store.read(current_rule) == ConsensusRule()
    shown.button(key="consensus-set").click().run()
    assert not shown.exception
    assert store.read(current_rule) == ConsensusRule("majority", 2)
    told = texts(shown)
    assert "What most people answered counts, once 2 have answered. Waiting: 3 faces for the end of a tie." in told
    shown.button(key="consensus-undo").click().run()
    assert not shown.exception
    assert store.read(current_rule) == ConsensusRule()
    assert shown.button(key="consensus-undo").disabled


def test_who_may_not_change_it_sees_what_it_would_change_and_why_they_may_not(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer(store, 4, 1)
    store.write(lambda db: roles.set_role(db, "Ben", "reviewer", "Ann"))
    monkeypatch.setattr(identity, "identify", lambda cookies, headers: "Ben")
    shown = asked_for_majority()
    assert "1 face would lose it" in texts(shown)
    assert shown.button(key="consensus-set").disabled


def test_faces_that_are_counted_anew_are_told_and_a_change_is_taken_back_meanwhile(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer(store, 8, 3)
    monkeypatch.setattr(recounts, "AT_ONCE", 2)
    shown = asked_for_majority()
    shown.button(key="consensus-set").click().run()
    assert not shown.exception
    assert store.read(current_rule) == ConsensusRule("majority", 2)
    assert "faces are being counted anew, 8 are left" in " ".join(one.value for one in shown.info)
    assert "Waiting:" not in texts(shown)
    assert shown.button(key="consensus-preview").disabled
    shown.button(key="consensus-undo").click().run()
    assert not shown.exception
    assert store.read(current_rule) == ConsensusRule()
    recounting.finish(store)
    told = section()
    assert not told.info
    assert not told.button(key="consensus-preview").disabled


def test_a_fit_to_nothing_is_told(store: Store) -> None:
    shown = section()
    shown.selectbox(key="consensus-name").set_value("dawid-skene").run()
    shown.button(key="consensus-preview").click().run()
    assert "Nobody has answered yet" in shown.error[0].value
