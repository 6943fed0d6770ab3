"""Team, Tokens: made, shown once, revoked; an owner sees everybody's, others their own."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from db.store.store import Store
from db.tables.access import tokens
from tests.pages._team.team_page import section_as, store_of


@pytest.fixture
def store(empty: Path) -> Store:
    return store_of({"Olga": "owner", "Anna": "annotator", "Vera": "viewer"})


def page(who: str, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    return section_as(who, "tokens", monkeypatch)


def test_a_token_is_shown_once_and_kept_as_its_hash(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = page("Anna", monkeypatch)
    assert list(shown.selectbox(key="token-role").options) == ["viewer", "annotator"]
    shown.text_input(key="token-name").input("nightly")
    shown.selectbox(key="token-role").select("annotator")
    next(one for one in shown.button if one.label == "Make a token").click().run()
    secret = shown.code[0].value
    made = store.read(lambda db: tokens.find(db, secret))
    assert made is not None
    assert (made.annotator, made.name, made.role, made.made_by) == ("Anna", "nightly", "annotator", "Anna")
    assert made.expires_at is not None
    shown.run()
    assert len(shown.code) == 0
    assert secret not in str([one.value for one in (*shown.markdown, *shown.caption)])
    shown.button(key=f"token-revoke-{made.id}").click().run()
    assert not shown.exception
    assert store.read(tokens.list_all)[0].revoked_by == "Anna"


def test_an_owner_revokes_anybody_s_and_others_see_their_own(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    for who in ("Anna", "Vera"):
        store.write(lambda db, who=who: tokens.make(db, who, f"of {who}", "viewer", by=who))
    names = [one.value for one in page("Vera", monkeypatch).markdown]
    assert "**of Vera**" in names
    assert "**of Anna**" not in names
    shown = page("Olga", monkeypatch)
    shown.button(key="token-revoke-1").click().run()
    assert [one.revoked_by for one in store.read(tokens.list_all)] == [None, "Olga"]


def test_a_made_up_press_revokes_nobody_else_s(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    from pages._team.access import tokens as section

    store.write(lambda db: tokens.make(db, "Anna", "x", "viewer", by="Anna"))
    monkeypatch.setattr("pages._server.identity.identify", lambda cookies, headers: "Vera")
    section._revoke(1)
    assert store.read(tokens.list_all)[0].revoked_at is None


def test_a_name_that_is_none_is_told(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = page("Anna", monkeypatch)
    next(one for one in shown.button if one.label == "Make a token").click().run()
    assert [one.value for one in shown.error]
    assert store.read(tokens.list_all) == []
