"""The disk gives nothing: every route says so in words, none ends in an error of its own (500)."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Final

import pytest
from starlette.routing import Route

from db.store.store import Store
from pages._server import permission, workspace
from pipeline.core.errors import StorageError
from pipeline.core.messages import message
from tests.pages.conftest import client_of
from tests.pages.test_roles_at_every_door import DOORS, PEOPLE, name_of
from tests.pages.test_roles_at_every_door import store as store  # the people

GUARD: Final = {permission.__file__, str(Path(permission.__file__).with_name("identity.py"))}
"""They ask who it is, and what he may do, before the route is entered."""


def fail(_self: Store, fn: Any, *_: Any, **__: Any) -> Any:
    frame = sys._getframe(1)
    while frame is not None:
        if frame.f_code.co_filename in GUARD:
            return REAL(_self, fn)
        frame = frame.f_back  # type: ignore[assignment]
    raise StorageError(message("workspace_gone", root="/w"))


REAL: Final = Store.read


@pytest.mark.parametrize(("route", "method"), DOORS, ids=name_of)
def test_each_route_tells_it(route: Route, method: str, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    path = route.path.replace("{id:int}", "1").replace("{kind}", "thumb").replace("{id}", "0" * 64)
    workspace.get_store()
    for name in ("read", "write", "submit"):
        monkeypatch.setattr(Store, name, fail)
    answer = client_of(PEOPLE["owner"]).request(method, path)
    assert answer.status_code < 500 or answer.status_code == 503, answer.text
    if answer.status_code == 503:
        assert answer.json()["code"] == "workspace_gone"
