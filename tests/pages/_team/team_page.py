"""The team page as somebody sees it, in a workspace with people of several roles."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from db.store.store import Store
from db.tables import roles
from db.tables.annotators import ensure_annotator
from pages._server import workspace
from pipeline.core.roles import Role

TEAM = Path(__file__).resolve().parents[3] / "pages" / "team.py"


def store_of(people: Mapping[str, Role]) -> Store:
    """The served workspace's, with these people; the first one, an owner, gave the roles."""
    opened, owner = workspace.get_store(), next(iter(people))
    for name, role in people.items():
        opened.write(lambda db, name=name: ensure_annotator(db, name))
        opened.write(lambda db, name=name, role=role: roles.set_role(db, name, role, owner))
    return opened


def section_as(who: str, section: str, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setattr("pages._server.identity.identify", lambda cookies, headers: who)
    shown = AppTest.from_file(str(TEAM), default_timeout=60)
    shown.query_params["section"] = section
    shown.run()
    assert not shown.exception
    return shown
