"""Signing in by a name that somebody has in another spelling."""

from __future__ import annotations

import pytest

from db.tables import annotators
from pages._server import workspace
from tests.pages.conftest import client_of


@pytest.mark.usefixtures("empty")
@pytest.mark.parametrize("typed", ["ann lee", "ANN LEE", "Ａｎｎ Lee"])
def test_another_case_or_width_is_asked_about_and_makes_no_second_person(typed: str) -> None:
    client_of(None).post("/api/sign-in", json={"name": "Ann Lee"})
    client = client_of(None)
    asked = client.post("/api/sign-in", json={"name": typed})
    assert (asked.status_code, asked.json()["known"]) == (409, "Ann Lee")
    assert "set-cookie" not in asked.headers
    sure = client.post("/api/sign-in", json={"name": typed, "sure": True})
    assert (sure.status_code, sure.json()) == (200, {"name": "Ann Lee"})
    assert workspace.get_store().read(annotators.list_annotators) == ["Ann Lee"]


@pytest.mark.usefixtures("empty")
def test_nothing_is_asked_of_who_types_the_name_as_it_is_or_a_new_one() -> None:
    for typed in ("Ann Lee", "  Ann   Lee ", "Anne Lee"):
        assert client_of(None).post("/api/sign-in", json={"name": typed}).status_code == 200
    assert workspace.get_store().read(annotators.list_annotators) == ["Ann Lee", "Anne Lee"]
