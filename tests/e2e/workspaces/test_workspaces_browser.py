"""Two workspaces on one server: nothing crosses, whatever is done at once, and after a kill."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from db.store.store import Db, Store
from db.tables.annotators import ensure_annotator
from db.tables.roles import set_role
from pipeline.core import roles
from tests.e2e.conftest import CHROMIUM, FACES, Server, free_port
from tests.e2e.grid import becomes, press, wait_saved
from tests.e2e.workspaces.several import BATCH, Load, Place, client_of, decide, place, replayed
from tests.pipeline import commands as cli
from tests.pipeline.photos import numbered_head

pytestmark = pytest.mark.long

FACES_OF_B = 40


def write_numbered(folder: Path, numbers: range) -> Path:
    folder.mkdir()
    for number in numbers:
        (folder / f"{number}.jpg").write_bytes(numbered_head(number))
    return folder


@pytest.fixture(scope="module")
def other_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace of other photos than the template's."""
    folder = tmp_path_factory.mktemp("other")
    photos = write_numbered(folder / "photos", range(100, 100 + FACES_OF_B))
    assert cli.ingest(folder / "workspace", photos)["faces"] == FACES_OF_B
    return folder / "workspace"


def give(root: Path, given: dict[str, roles.Role]) -> None:
    """Ann, who was here first, gives them roles."""

    def work(db: Db) -> None:
        for name in ("Ann", *given):
            ensure_annotator(db, name)
        for name, role in given.items():
            set_role(db, name, role, "Ann")

    with Store.open(root) as store:
        store.write(work)


@pytest.fixture
def server(template: Path, other_template: Path, tmp_path: Path) -> Iterator[Server]:
    """A server with the workspaces a and b, and an empty one; Ann owns both, Cat may only look in b."""
    if not CHROMIUM:
        pytest.skip("no browser: apt-get install chromium")
    every = tmp_path / "all"
    shutil.copytree(template, every / "a")
    shutil.copytree(other_template, every / "b")
    (every / "嘴").mkdir()
    give(every / "a", {"Cat": "reviewer", "load-a": "reviewer"})
    give(every / "b", {"Cat": "viewer", "load-b": "reviewer"})
    server = Server(every / "a", tmp_path / "server.log", free_port(), {"MOUE_WORKSPACES": str(every)})
    try:
        server.start()
        yield server
    finally:
        server.stop(signal.SIGKILL)


@pytest.fixture
def places(server: Server) -> tuple[Place, Place]:
    return place(server, "a"), place(server, "b")


@pytest.fixture
def browser_of(chromium: Any) -> Iterator[Callable[..., Any]]:
    """`browser_of("Ann", a, b)`: a browser of Ann's own, signed in in both; a script error fails the test."""
    contexts: list[Any] = []
    errors: list[str] = []

    def make(name: str, *where: Place, **options: Any) -> Any:
        context = chromium.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})
        contexts.append(context)
        context.on("page", lambda page: page.on("pageerror", lambda error: errors.append(str(error))))
        for one in where:
            origin = one.address.partition("/w/")[0]
            answer = context.request.post(f"{one.address}/api/sign-in", data={"name": name}, headers={"Origin": origin})
            assert answer.ok
        return context

    yield make
    for context in contexts:
        context.close()
    assert errors == []


def review(context: Any, where: Place) -> Any:
    page = context.new_page()
    page.goto(f"{where.address}/review?size=24&state=all")
    page.locator(".card.loaded").first.wait_for()
    return page


def start_folder(context: Any, where: Place, folder: Path) -> Any:
    page = context.new_page()
    page.goto(f"{where.address}/collect")
    page.get_by_label("Folder, zip or photo").fill(str(folder))
    page.keyboard.press("Enter")
    page.get_by_text("Folder with 2 files").wait_for()
    page.get_by_role("button", name="Start", exact=True).click()
    return page


def test_nothing_crosses_while_everything_is_done_at_once(
    server: Server, places: tuple[Place, Place], browser_of: Callable[..., Any], tmp_path: Path
) -> None:
    a, b = places
    assert not {face[0] for face in a.faces} & {face[0] for face in b.faces}
    ann, bob = browser_of("Ann", a, b), browser_of("Bob", b)
    for one in places:
        decide_all(one)
    load = Load([a, b])
    more = {a.name: write_numbered(tmp_path / "more-a", range(200, 202)),
            b.name: write_numbered(tmp_path / "more-b", range(300, 302))}  # fmt: skip
    collecting = [start_folder(ann, one, more[one.name]) for one in places]
    tabs = [(review(ann, a), "1", 1), (review(ann, b), "2", 2), (review(bob, b), "3", 3)]
    for _ in range(6):
        for page, key, _ in tabs:
            page.bring_to_front()
            press(page, key)
    for page, *_ in tabs:
        wait_saved(page, 90)
    for page in collecting:
        page.get_by_text("Last run: 2 added").wait_for(timeout=120_000)
    export_both(ann, places)
    assert min(load.end()) > 0

    first = {one.name: [face[0] for face in one.faces[:6]] for one in places}
    assert a.decided("Ann") == [(face, 1) for face in first["a"]]
    assert b.decided("Ann") == [(face, 2) for face in first["b"]]
    assert b.decided("Bob") == [(face, 3) for face in first["b"]]
    assert {name for (name,) in a.rows("SELECT DISTINCT annotator FROM decisions")} == {"Ann", "Zoe", "load-a"}
    assert {name for (name,) in b.rows("SELECT DISTINCT annotator FROM decisions")} == {"Ann", "Bob", "Zoe", "load-b"}
    for one, other in ((a, b), (b, a)):
        assert not {face for (face,) in one.rows("SELECT face_id FROM decisions")} & {face[0] for face in other.faces}
        assert one.rows("SELECT count(*) FROM jobs WHERE state <> 'done'") == [(0,)]
        (params,) = one.rows("SELECT params FROM jobs WHERE kind = 'ingest' ORDER BY rowid DESC LIMIT 1")[0]
        assert str(more[one.name]) in params
        brought = [path.read_bytes() for path in (one.root / ".incoming" / "uploads" / BATCH).iterdir()]
        assert set(brought) == {one.name.encode() * 1000}
        assert cli.call("verify", "--workspace", one.root).returncode == 0

    log = server.log.read_text()
    assert "Traceback" not in log, log


def decide_all(where: Place) -> None:
    """Every face has an answer, ten and more a class: there is something to export."""
    with client_of(where, "Zoe") as client:
        for number, face in enumerate(where.faces):
            decide(client, where, face, 1 + number % 4).raise_for_status()


def export_both(ann: Any, places: tuple[Place, Place]) -> None:
    """Prepared, then written at once, while everything goes on."""
    pages = []
    for one in places:
        page = ann.new_page()
        page.goto(f"{one.address}/export")
        page.get_by_role("button", name=f"Export {len(one.faces)} crops").wait_for()
        pages.append(page)
    for page in pages:
        page.get_by_role("button", name="crops").click()
    for page, one in zip(pages, places, strict=True):
        page.get_by_text(f"{len(one.faces)} crops in").wait_for()
    for one in places:
        written = {path.stem for path in (one.root / "releases").rglob("*.png")}
        assert written == {f"{face[1][:16]}_{face[0][:8]}" for face in one.faces}
        assert len(one.rows("SELECT 1 FROM releases")) == 1


def test_the_cookie_of_one_is_nothing_in_the_other(places: tuple[Place, Place], browser_of: Callable[..., Any]) -> None:
    a, b = places
    cookies = browser_of("Ann", a, b).cookies()
    for one in places:
        asked = f"{one.address}/api/changes"
        assert replayed(cookies, lambda given, asked=asked: httpx.get(asked, cookies=given).status_code) == [401, 401]  # type: ignore[misc]


def test_a_person_has_a_role_in_each(places: tuple[Place, Place]) -> None:
    a, b = places
    with client_of(a, "Cat") as client:
        assert decide(client, a, a.faces[0], 1).status_code == 200
    with client_of(b, "Cat") as client:
        assert decide(client, b, b.faces[0], 1).status_code == 403
    assert (len(a.decided("Cat")), b.decided("Cat")) == (1, [])


def test_what_was_decided_while_the_server_was_dead_goes_where_it_belongs(
    server: Server, places: tuple[Place, Place], browser_of: Callable[..., Any]
) -> None:
    ann = browser_of("Ann", *places)
    tabs = [(review(ann, one), str(at)) for at, one in enumerate(places, 1)]
    server.stop(signal.SIGKILL)
    for page, key in tabs:
        page.bring_to_front()
        press(page, key, key)
        page.locator(".status:not(:has-text('saved ✓'))").wait_for()
    server.start()
    for page, _ in tabs:
        wait_saved(page, 90)
    for number, one in enumerate(places, 1):
        assert one.decided("Ann") == [(face[0], number) for face in one.faces[:2]]


def test_the_switcher_goes_by_keys_in_both_languages(
    server: Server, places: tuple[Place, Place], browser_of: Callable[..., Any]
) -> None:
    a, b = places
    for locale, label, elsewhere, here in (
        ("en-US", "Workspace a: change it", "not signed in", f"{FACES} undecided"),
        ("zh-CN", "工作区 a：切换", "未登录", f"{FACES} 张未决定"),
    ):
        page = browser_of("Ann", a, locale=locale).new_page()
        page.goto(f"{a.address}/classes?x=1")
        page.get_by_role("button", name=label).focus()
        page.keyboard.press("Enter")
        page.get_by_role("menuitem", name="a", exact=False).first.wait_for()
        becomes(lambda page=page: [one.split("\n") for one in page.get_by_role("menuitem").all_inner_texts()], [
            ["a", here], ["b", elsewhere], ["嘴", elsewhere],
        ])  # fmt: skip
        page.locator("[role=menuitem][aria-current]:focus").wait_for()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        page.wait_for_url(f"{b.address}/")
        page.locator("#moue-name").wait_for()
        page.locator("#moue-name").fill("Ann")
        page.keyboard.press("Enter")
        page.get_by_role("link", name=str(FACES_OF_B)).wait_for()
        page.wait_for_function("document.title.endsWith(' · b · Moue')")


def test_an_address_without_a_workspace_lists_them(server: Server, browser_of: Callable[..., Any]) -> None:
    page = browser_of("Ann", place(server, "b")).new_page()
    page.goto(f"{server.address}/w/none/review?size=24")
    page.get_by_text("There is no workspace none here.").wait_for()
    listed = page.locator(".moue-workspaces li")
    becomes(lambda: [" ".join(text.split()) for text in listed.all_inner_texts()], [
        "a not signed in", f"b Ann · {FACES_OF_B} faces to decide on", "嘴 not signed in",
    ])  # fmt: skip
    page.get_by_role("link", name="嘴").click()
    page.get_by_label("Your name").fill("Ann")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Load sample photos").wait_for()
    assert (server.workspace.parent / "嘴" / "moue.db").is_file()


def test_an_owner_makes_a_workspace_on_the_list(server: Server, browser_of: Callable[..., Any]) -> None:
    a = place(server, "a")
    page = browser_of("Ann", a).new_page()
    page.goto(f"{server.address}/")
    field = page.get_by_label("A new workspace")
    field.fill("B")
    field.press("Enter")
    page.get_by_text("there is b already", exact=False).wait_for()
    field.fill("mouths-2")
    page.get_by_role("button", name="Make it").click()
    page.get_by_role("link", name="mouths-2").click()
    page.wait_for_url(f"{server.address}/w/mouths-2/**")
    made = Place("mouths-2", a.root.parent / "mouths-2", "")
    assert made.rows("SELECT annotator, role FROM roles") == [("Ann", "owner")]
    stranger = browser_of("Cat", a).new_page()
    stranger.goto(f"{server.address}/")
    stranger.get_by_role("link", name="mouths-2").wait_for()
    stranger.locator('[data-testid="stApp"][data-test-script-state="notRunning"]').wait_for()
    becomes(lambda: stranger.get_by_label("A new workspace").count(), 0)


def test_a_second_server_is_told_which_workspaces_the_first_one_has(
    server: Server, places: tuple[Place, Place], browser_of: Callable[..., Any], tmp_path: Path
) -> None:
    with client_of(places[0], "Ann"):
        second = Server(server.workspace, tmp_path / "second.log", free_port(), server.settings)
        try:
            second.start()
            page = browser_of("Ann", place(second, "b")).new_page()
            page.goto(f"{second.address}/w/a/")
            page.get_by_text("Another Moue server has the workspace a open").wait_for()
            page.goto(f"{second.address}/w/b/")
            page.get_by_role("link", name=str(FACES_OF_B)).wait_for()
        finally:
            second.stop(signal.SIGTERM)
