"""Each role tries each door: every route, and everything on a page that changes something.

A route or a page's action that names no action fails here, so none can be forgotten.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, get_args

import pytest
import streamlit as st
from starlette.routing import Route
from streamlit.testing.v1 import AppTest, element_tree

from db.store.store import Store
from db.tables import roles as roles_table
from db.tables.annotators import ensure_annotator
from pages._components.account import WHAT
from pages._routes import _guard, moved, not_found, routes, sign_in, workspaces
from pages._server import permission, workspace
from pages._web import health, scripts
from pipeline.core.errors import NotAllowedError, SignInError
from pipeline.core.roles import LOWEST, ROLES, Action, Role
from tests.pages.conftest import client_of
from tests.source.parsed import parsed

PAGES: Final = Path(__file__).resolve().parents[2] / "pages"
OPEN: Final = {
    workspaces.alive_route.path,
    health.route.path,
    scripts.route.path,
    *(route.path for route in moved.routes),
    not_found.route.path,
    *(route.path for route in sign_in.routes),
}
"""Who signs in, or asks for what is not there, or whether anything is, has no role yet."""
NAMES: Final = sorted(file.stem for file in PAGES.glob("*.py") if file.stem not in ("__init__", "_shell"))
"""Of the pages."""
PEOPLE: Final[dict[Role, str]] = {"owner": "Olga", "reviewer": "Rita", "annotator": "Anna", "viewer": "Vera"}


@pytest.fixture
def store(empty: Path) -> Store:
    opened = workspace.get_store()

    def people(db: Any) -> None:
        for role, name in PEOPLE.items():
            ensure_annotator(db, name)
            roles_table.set_role(db, name, role, "Olga")

    opened.write(people)
    return opened


DOORS: Final = [
    (route, method)
    for route in routes
    if isinstance(route, Route) and route.path not in OPEN
    for method in sorted(route.methods or ())
    if method != "HEAD"
]


def name_of(value: object) -> str:
    return value.path if isinstance(value, Route) else str(value)


def test_every_route_names_its_action() -> None:
    assert len(DOORS) >= 15
    assert [route.path for route, _ in DOORS if route.endpoint not in _guard.actions] == []


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(("route", "method"), DOORS, ids=name_of)
def test_each_role_at_each_route(route: Route, method: str, role: Role) -> None:
    """With an empty request: whoever may come in is told what is wrong with it, or gets it; the others 403 alone."""
    path = route.path.replace("{id:int}", "1").replace("{kind}", "thumb").replace("{id}", "0" * 64)
    answer = client_of(PEOPLE[role]).request(method, path)
    action = _guard.actions[route.endpoint]
    allowed = ROLES.index(role) >= ROLES.index(LOWEST[action])
    assert (answer.status_code != 403) == allowed, answer.text
    if not allowed:
        assert answer.json()["code"].startswith("not_allowed")
        assert f"your role here is {role}" in answer.json()["error"]
        chinese = client_of(PEOPLE[role]).request(method, path, headers={"Accept-Language": "zh-CN"}).json()["error"]
        assert chinese != answer.json()["error"]
        assert any("\u4e00" <= letter <= "\u9fff" for letter in chinese)


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize(("route", "method"), DOORS, ids=name_of)
def test_a_stranger_gets_nothing_from_any_route(route: Route, method: str) -> None:
    path = route.path.replace("{id:int}", "1").replace("{kind}", "thumb").replace("{id}", "0" * 64)
    assert client_of(None).request(method, path).status_code == 401


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("action", get_args(Action))
def test_each_role_at_each_action_of_a_page(action: Action, role: Role, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pages._server.identity.identify", lambda cookies, headers: PEOPLE[role])
    if ROLES.index(role) >= ROLES.index(LOWEST[action]):
        assert permission.require(action) == PEOPLE[role]
    else:
        with pytest.raises(NotAllowedError):
            permission.require(action)


@pytest.mark.usefixtures("store")
def test_a_page_s_action_of_nobody_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pages._server.identity.identify", lambda cookies, headers: None)
    with pytest.raises(SignInError):
        permission.require("see")


CHANGING: Final = {
    "write", "submit",  # of a store
    "start_ingest", "start_crawl", "start_video", "start_import", "start_reprocess", "load", "cancel", "pause",
    "resume", "remove", "draw_face", "move_crop", "relink_source", "remove_source", "write_zip", "write_folder",
    "apply_rules", "erase_image", "Popen", "run_command", "runs.start", "run.take", "run.leave", "take_predictions",
    "set_level", "switch_looks", "consensus.begin_rule", "consensus.begin_undo", "backups.begin_now", "put_back.ask",
}  # fmt: skip
"""Functions by which a page changes the workspace or starts work."""
NOT_OF_STORES: Final = {"st", "json", "stream", "path", "file"}
RESTARTS: Final = [f"_ui/job/restarts.py:{name}" for name in ("_crawl", "_video", "_import", "_ingest", "_reprocess")]
HARMLESS: Final = {
    "_compare/comparison.py:start": "compare.py asks before it calls it",
    **dict.fromkeys(RESTARTS, "restart asks before it calls it"),
}
"""Where no question is needed, and why."""


def changing_calls(tree: ast.Module) -> Iterator[tuple[ast.FunctionDef, ast.Call]]:
    """Each call of CHANGING with the outermost function that it stands in."""
    for scope in tree.body:
        if isinstance(scope, ast.FunctionDef):
            for node in ast.walk(scope):
                if (
                    isinstance(node, ast.Call)
                    and not {_name(node.func), ast.unparse(node.func)}.isdisjoint(CHANGING)
                    and _base(node.func) not in NOT_OF_STORES
                ):
                    yield scope, node


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _base(node: ast.expr) -> str:
    return _name(node.value) if isinstance(node, ast.Attribute) else ""


def _asks(scope: ast.FunctionDef) -> bool:
    return any(
        isinstance(node, ast.Call) and ast.unparse(node.func) == "permission.require" for node in ast.walk(scope)
    )


PAGE_FILES: Final = [
    file for file in sorted(PAGES.rglob("*.py"))
    if file.relative_to(PAGES).parts[0] not in ("_routes", "_server", "_words", "_components")
]  # fmt: skip


def unasked(file: Path, source: str) -> list[str]:
    tree = parsed(source)
    asking = {scope.name for scope in tree.body if isinstance(scope, ast.FunctionDef) and _asks(scope)}
    called_by_asking = {
        _name(node.func)
        for scope in tree.body
        if isinstance(scope, ast.FunctionDef) and scope.name in asking
        for node in ast.walk(scope)
        if isinstance(node, ast.Call)
    }
    handed_over = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and _name(node.func) in asking
        for given in node.args
        if isinstance(given, ast.Lambda)
        for inner in ast.walk(given)
    }
    where = file.relative_to(PAGES).as_posix() if file.is_relative_to(PAGES) else file.name
    return [
        f"{where}:{scope.name} calls {_name(call.func)} and does not ask"
        for scope, call in changing_calls(tree)
        if scope.name not in asking | called_by_asking
        and id(call) not in handed_over
        and f"{where}:{scope.name}" not in HARMLESS
    ]


@pytest.mark.parametrize("file", PAGE_FILES, ids=lambda file: file.relative_to(PAGES).as_posix())
def test_whatever_changes_something_on_a_page_asks_first(file: Path) -> None:
    assert unasked(file, file.read_text("utf-8")) == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("def f():\n store.write(x)", 1), ("def f():\n permission.require('label')\n store.write(x)", 0),
        ("def f():\n who = permission.require('label')\n g(who)\ndef g(who):\n store.write(x)", 0),
        ("def f():\n _do(lambda: remove_source(store, 1))", 1), ("def f():\n stream.write(x)", 0),
        ("def f():\n jobs.start_ingest(store, [])", 1), ("def f():\n runs.start(store)", 1),
        ("def f():\n stopwatch.start()", 0),
        ("def f():\n g(lambda by: store.write(by))\ndef g(work):\n work(permission.require('label'))", 0),
        ("def f():\n g(lambda by: store.write(by))\ndef g(work):\n work('me')", 1),
    ],
)  # fmt: skip
def test_what_counts_as_asking(source: str, found: int) -> None:
    assert len(unasked(Path("x.py"), source)) == found


LOOKING: Final = (
    "next",
    "to-progress",
    "audit-",
    "compare-all",
    "go",
    "order-",
    "funnel-",
    "open-bar",
    "detector-compare",
)
"""The keys of buttons that lead elsewhere or turn a list."""


def contents(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    """All that is kept, but for who has been here."""
    sql = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
    names = [name for (name,) in store.read(lambda db: db.execute(sql).fetchall())]
    return {name: store.read(lambda db, name=name: db.execute(f'SELECT * FROM "{name}"').fetchall()) for name in names}


@pytest.mark.long_but(4)
@pytest.mark.parametrize("name", NAMES)
def test_a_viewer_opens_each_page_presses_everything_and_changes_nothing(
    full: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also what is shown as locked: a made-up message presses that, too."""
    opened = workspace.get_store()
    for role, person in PEOPLE.items():
        opened.write(lambda db, person=person: ensure_annotator(db, person))
        opened.write(lambda db, person=person, role=role: roles_table.set_role(db, person, role, "Olga"))
    monkeypatch.setattr("pages._server.identity.identify", lambda cookies, headers: PEOPLE["viewer"])
    monkeypatch.setattr(st, "page_link", lambda *_, **__: None)
    monkeypatch.setattr(st, "switch_page", lambda *_, **__: None)
    monkeypatch.setattr(element_tree.Widget, "_assert_can_interact", lambda *_: None)
    monkeypatch.setattr("pages._server.jobs._spawn", lambda *_: pytest.fail("a process was started"))
    page = AppTest.from_file(str(PAGES / f"{name}.py"), default_timeout=60).run()
    assert not page.exception
    before = contents(opened)
    keys = [button.key for button in page.button if button.key]
    enabled = {button.key for button in page.button if button.key and not button.disabled}
    assert [key for key in enabled if not key.startswith(LOOKING)] == []
    for key in keys:
        shown = AppTest.from_file(str(PAGES / f"{name}.py"), default_timeout=60).run()
        shown.button(key=key).click().run()
        assert not shown.exception
    assert contents(opened) == before


@pytest.mark.long_but(4)
@pytest.mark.parametrize("name", NAMES)
def test_a_stranger_gets_nothing_from_any_page(full: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a fresh server, by a deep link: why no name is known, and nothing else."""
    monkeypatch.setenv("MOUE_AUTH", "header")
    monkeypatch.setattr("pages._server.identity.identify", lambda cookies, headers: None)
    page = AppTest.from_file(str(PAGES / f"{name}.py"), default_timeout=60).run()
    assert not page.exception
    assert len(page.error) == 1
    assert [*page.button, *page.dataframe, *page.selectbox, *page.text_input, *page.metric] == []
    assert [one.value for one in page.markdown] == [WHAT]  # what Moue is
    assert [one.proto.body for one in page.get("html")] == []
    assert workspace.get_store().root == full


def test_every_button_of_an_action_is_of_an_action_that_there_is() -> None:
    named = {
        str(node.args[1].value)
        for file in PAGE_FILES
        for node in ast.walk(parsed(file.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) == "_ui.button"
        and len(node.args) > 1
        and isinstance(node.args[1], ast.Constant)
    }
    assert len(named) >= 8
    assert named <= set(LOWEST)
