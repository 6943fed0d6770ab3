"""The Duplicates page in a real browser: copies of a photo are resolved, told apart, taken back; nothing moves."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import pytest

from db.decisions.log import apply_ops
from db.decisions.ops import DecideOp
from db.store.store import Store
from pages._words import COOKIE
from pipeline.actions.near_duplicates import hash_missing, update_near_duplicates
from pipeline.core.records import Verdict
from tests.db.make import Db, new_uuid
from tests.e2e.conftest import Server, people
from tests.e2e.grid import becomes
from tests.e2e.shell.beyond import BEYOND
from tests.pipeline import commands as cli
from tests.pipeline.made import sha_of
from tests.pipeline.photos import astronaut, hopper

sync_api = pytest.importorskip("playwright.sync_api", reason="pip install -r tests/requirements.txt")
expect = sync_api.expect

JPEG = cv2.IMWRITE_JPEG_QUALITY


def write_copies(folder: Path) -> None:
    """Eileen Collins in three files, Grace Hopper in two."""
    folder.mkdir()
    first, second = cv2.imread(str(astronaut())), cv2.imread(str(hopper()))
    (folder / "a1.png").write_bytes(astronaut().read_bytes())
    cv2.imwrite(str(folder / "a2 small.jpg"), cv2.resize(first, (300, 300), interpolation=cv2.INTER_AREA), [JPEG, 90])
    cv2.imwrite(str(folder / "a3 again.jpg"), first, [JPEG, 55])
    (folder / "h1.jpg").write_bytes(hopper().read_bytes())
    cv2.imwrite(str(folder / "h2 small.jpg"), cv2.resize(second, (256, 300), interpolation=cv2.INTER_AREA), [JPEG, 85])


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """photos/ and the workspace/ made of them: two groups, nothing decided."""
    folder = tmp_path_factory.mktemp("duplicates")
    write_copies(folder / "photos")
    report = cli.ingest(folder / "workspace", folder / "photos")
    assert report["faces"] == 5
    store = Store.open(folder / "workspace")
    hash_missing(store)
    update_near_duplicates(store)
    store.close()
    assert cli.rows(folder / "workspace", "SELECT size FROM duplicate_groups ORDER BY 1") == [(2,), (3,)]
    return folder / "workspace"


@pytest.fixture
def enter(chromium: Any, server: Server) -> Iterator[Callable[..., Any]]:
    """`enter("Ann")` is the page in a browser of Ann's own; a script error fails the test."""
    with people(chromium, server, "duplicates", ".group") as open_page:
        yield lambda name="Ann", query="": open_page(name, query)


def group(page: Any, name: str) -> Any:
    return page.locator(".group").filter(has=page.get_by_text(name, exact=True))


def card(page: Any, name: str) -> Any:
    return page.locator(".card").filter(has=page.get_by_text(name, exact=True))


def focused(page: Any) -> str:
    """The name of the photo in focus; exactly one has it."""
    becomes(lambda: page.locator(".card.focused").count(), 1)
    return str(page.locator(".card.focused .name").inner_text())


def go_to(page: Any, name: str) -> None:
    """By keys alone, to the group of this photo, then to the photo."""
    page.keyboard.press("Home")
    if not group(page, name).evaluate("node => node.classList.contains('focused')"):
        page.keyboard.press("End")
    number = int(card(page, name).locator(".number").inner_text())
    page.keyboard.press(str(number))
    becomes(lambda: focused(page), name)


def saved(page: Any) -> None:
    page.locator(".status", has_text="saved ✓").wait_for()


def reloaded(page: Any) -> None:
    page.reload()
    page.locator(".groups, [data-testid=stAlert]").first.wait_for()


def verdicts(server: Server) -> dict[str, tuple[str | None, str | None]]:
    """(verdict, reason) by file name."""
    sql = """
    SELECT g.location, s.verdict, s.reason FROM face_state s JOIN faces f ON f.id = s.face_id
    JOIN sightings g ON g.sha256 = f.sha256
    """
    return {Path(location).name: (verdict, reason) for location, verdict, reason in server.rows(sql)}


NONE = (None, None)
DUPLICATE = ("reject", "duplicate")


@pytest.mark.long
def test_k_keeps_the_keeper_and_z_takes_it_back_also_after_a_reload(enter: Callable[..., Any], server: Server) -> None:
    page = enter()
    go_to(page, "a1.png")
    before = page.locator(".card").evaluate_all("all => all.map((one) => one.getBoundingClientRect().toJSON())")
    page.keyboard.press("k")
    saved(page)
    assert verdicts(server) == {
        "a1.png": NONE, "a2 small.jpg": DUPLICATE, "a3 again.jpg": DUPLICATE, "h1.jpg": NONE, "h2 small.jpg": NONE,
    }  # fmt: skip
    assert server.rows("SELECT count(DISTINCT step) FROM decisions") == [(1,)]
    becomes(lambda: focused(page), "h1.jpg")
    expect(group(page, "a1.png")).to_have_attribute("data-state", "resolved")
    expect(group(page, "a1.png").locator(".state")).to_have_text("resolved: kept photo 1, rejected 2 others")
    becomes(
        lambda: [tag for tag in group(page, "a1.png").locator(".tag").all_inner_texts() if tag],
        ["kept", "rejected", "rejected"],
    )
    expect(page.get_by_text("Open 1", exact=True)).to_be_visible()  # Streamlit's counts, after a rest
    after = page.locator(".card").evaluate_all("all => all.map((one) => one.getBoundingClientRect().toJSON())")
    shift = after[0]["y"] - before[0]["y"]  # the page may have scrolled to the next group
    assert [(a["x"], a["y"] - shift, a["width"], a["height"]) for a in after] == [
        (b["x"], b["y"], b["width"], b["height"]) for b in before
    ]

    reloaded(page)
    expect(page.locator(".group")).to_have_count(1)
    page.keyboard.press("z")
    saved(page)
    assert set(verdicts(server).values()) == {NONE}
    becomes(lambda: "took back: kept photo 1" in page.locator(".note").inner_text())
    reloaded(page)
    expect(page.locator(".group")).to_have_count(2)


@pytest.mark.long
def test_not_the_same_is_remembered_and_taken_back(enter: Callable[..., Any], server: Server) -> None:
    page = enter()
    go_to(page, "h2 small.jpg")
    page.keyboard.press("n")
    saved(page)
    expect(group(page, "h1.jpg")).to_have_attribute("data-state", "resolved")
    assert server.rows("SELECT same, annotator FROM pair_verdicts") == [(0, "Ann")]
    assert set(verdicts(server).values()) == {NONE}
    reloaded(page)
    expect(page.locator(".group")).to_have_count(1)
    page.keyboard.press("z")
    saved(page)
    reloaded(page)
    expect(page.locator(".group")).to_have_count(2)

    go_to(page, "a3 again.jpg")
    page.keyboard.press("n")
    expect(card(page, "a3 again.jpg")).to_have_attribute("data-state", "apart")
    becomes(lambda: focused(page) != "a3 again.jpg")
    expect(group(page, "a1.png").locator(".state")).to_have_text("open, 1 not the same")
    go_to(page, "a1.png")
    page.keyboard.press("k")
    saved(page)
    page.wait_for_function("() => true")
    expect(page.locator(".status")).to_have_attribute("data-pending", "0")
    assert {name for name, one in verdicts(server).items() if one == DUPLICATE} == {"a2 small.jpg"}


@pytest.mark.long
def test_a_pair_told_apart_is_found_under_its_own_filter(enter: Callable[..., Any], server: Server) -> None:
    page = enter()
    go_to(page, "a1.png")
    page.keyboard.press("Shift+N")
    saved(page)
    assert server.rows("SELECT count(*) FROM pair_verdicts WHERE same = 0") == [(3,)]
    other = enter("Bob", "show=apart")
    expect(other.locator(".group")).to_have_count(3)
    other.locator(".group").first.get_by_role("button", name="Same after all").first.click()
    saved(other)
    assert server.rows("SELECT annotator FROM pair_verdicts WHERE same = 1") == [("Bob",)]
    expect(other.locator(".group").first).to_have_attribute("data-state", "open")
    assert server.rows("SELECT size FROM duplicate_groups ORDER BY id") == [(2,), (2,)]


@pytest.mark.long
def test_the_mouse_does_the_same_with_the_same_words(enter: Callable[..., Any], server: Server) -> None:
    page = enter()
    small = card(page, "h2 small.jpg")
    small.locator(".picture").click()
    expect(small.locator(".tag")).to_have_text("your keeper")
    small.get_by_role("button", name="Keep").click()
    saved(page)
    assert {name for name, one in verdicts(server).items() if one == DUPLICATE} == {"h1.jpg"}
    expect(card(page, "h1.jpg").get_by_role("button", name="Keep")).to_be_disabled()
    page.get_by_role("button", name="Undo").click()
    expect(group(page, "h1.jpg")).to_have_attribute("data-state", "open")
    card(page, "a2 small.jpg").get_by_role("button", name="Not the same").click()
    expect(card(page, "a2 small.jpg").locator(".tag")).to_have_text("not the same")
    card(page, "a2 small.jpg").get_by_role("button", name="Same after all").click()
    expect(card(page, "a2 small.jpg").locator(".tag")).to_have_text("")
    group(page, "h1.jpg").get_by_role("button", name="None are the same").click()
    expect(page.locator(".status")).to_have_text("saved ✓ 5")
    assert set(verdicts(server).values()) == {NONE}
    assert server.rows("SELECT size FROM duplicate_groups") == [(3,)]


@pytest.mark.long
def test_large_view_and_help(enter: Callable[..., Any], server: Server) -> None:
    page = enter()
    go_to(page, "a2 small.jpg")
    page.keyboard.down(" ")
    expect(page.locator(".large")).to_be_visible()
    expect(page.locator(".large figure")).to_have_count(3)
    expect(page.locator(".large figure.focused")).to_contain_text("a2 small.jpg")
    page.wait_for_function(
        "box => [...box.querySelectorAll('img')].every((one) => one.complete && one.naturalWidth > 0)",
        arg=page.locator(".large").element_handle(),
    )
    page.keyboard.up(" ")
    expect(page.locator(".large")).not_to_be_visible()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Keys")).not_to_be_visible()
    for key in ("r", "c", "x", "Control+k"):  # none of ours
        page.keyboard.press(key)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # on the focused photo's own button: keep, once
    saved(page)
    assert {name for name, one in verdicts(server).items() if one == DUPLICATE} == {"a1.png", "a3 again.jpg"}


@pytest.mark.long
def test_what_is_decided_while_the_server_is_away_is_kept(enter: Callable[..., Any], server: Server) -> None:
    page = enter()
    go_to(page, "a1.png")
    server.stop(signal.SIGKILL)
    page.keyboard.press("k")
    page.keyboard.press("n")
    expect(page.locator(".status")).to_have_text("2 not saved yet, retrying")
    expect(group(page, "a1.png")).to_have_attribute("data-state", "resolved")
    server.start()
    saved(page)
    assert [name for name, one in sorted(verdicts(server).items()) if one == DUPLICATE] == [
        "a2 small.jpg",
        "a3 again.jpg",
    ]
    assert server.rows("SELECT same FROM pair_verdicts") == [(0,)]


@pytest.mark.long
def test_copies_with_different_labels(enter: Callable[..., Any], server: Server, template: Path) -> None:
    photos = template.parent / "photos"
    labels = {sha_of(photos / "h1.jpg"): 3, sha_of(photos / "h2 small.jpg"): 2}

    def label(db: Db) -> None:
        for sha, number in labels.items():
            ((face,),) = db.execute("SELECT id FROM faces WHERE sha256 = ?", [sha]).fetchall()
            apply_ops(db, "Bob", [DecideOp(new_uuid(), "labels", face, sha, Verdict.ACCEPT, number)])

    store = Store.open(server.workspace)
    store.write(label)
    store.close()
    page = enter(query="show=conflicts")
    expect(page.locator(".group")).to_have_count(1)
    expect(page.locator(".state")).to_have_text("labels differ: “pout” and “smile”")
    becomes(lambda: sorted(page.locator(".face .badge").all_inner_texts()), ["p", "s"])
    page.get_by_role("button", name="all smile").click()
    saved(page)
    expect(page.locator(".state")).to_have_text("open")
    assert server.labels() == {"smile": 2}
    page.keyboard.press("z")
    expect(page.locator(".status")).to_have_text("saved ✓ 2")
    assert server.labels() == {"smile": 1, "pout": 1}


@pytest.mark.long
@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("en", "decided meanwhile by Bob: “smile”; decide again to overrule it"),
        ("zh", "其间由 Bob 决定：“smile”；再决定一次即可改写"),
    ],
)
def test_what_somebody_else_accepted_meanwhile_stays_until_overruled(
    enter: Callable[..., Any], server: Server, words: str, told: str
) -> None:
    page = enter("Ann")
    if words != "en":
        page.context.add_cookies([{"name": COOKIE, "value": words, "url": server.address}])
        reloaded(page)
    go_to(page, "h1.jpg")
    bob = enter("Bob")
    joined = "faces f JOIN sightings g ON g.sha256 = f.sha256"
    ((face, sha),) = server.rows(f"SELECT f.id, f.sha256 FROM {joined} WHERE g.location LIKE '%h2 small%'")
    label = {"op": "decide", "uuid": new_uuid(), "step": "bobs", "face_id": face, "sha256": sha, "verdict": "accept"}
    answer = bob.context.request.post(
        f"{server.address}/api/decisions",
        data={"ops": [{**label, "class_id": 3, "seen": ""}]},
        headers={"Origin": server.address},
    )
    assert answer.json()["results"][0]["status"] == "saved"
    page.keyboard.press("k")
    expect(page.locator(".note")).to_have_text(told)
    assert verdicts(server)["h2 small.jpg"] == ("accept", None)
    go_to(page, "h1.jpg")
    page.keyboard.press("k")
    page.locator(".status[data-state=saved]").wait_for()
    assert verdicts(server)["h2 small.jpg"] == ("reject", "duplicate")
    page.keyboard.press("z")
    page.locator(".status[data-state=saved]", has_text="3").wait_for()  # the first one was kept, too
    assert verdicts(server)["h2 small.jpg"] == ("accept", None)  # Bob's stands again


@pytest.mark.long
def test_on_a_phone_every_choice_is_read_whole(enter: Callable[..., Any]) -> None:
    page = enter()
    page.set_viewport_size({"width": 390, "height": 844})
    becomes(lambda: page.get_by_test_id("stButtonGroup").first.evaluate(BEYOND), [])
