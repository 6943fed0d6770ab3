"""Two people label the same faces without seeing each other: every answer of each is in the log, and who differs reads
so until they say that they have."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from tests.e2e.conftest import Server
from tests.e2e.grid import becomes, focus, press, wait_saved
from tests.e2e.review.test_others import deaf, people

sync_api = pytest.importorskip("playwright.sync_api", reason="pip install -r tests/requirements.txt")

pytestmark = pytest.mark.long
expect = sync_api.expect
SignIn = Callable[..., Any]
ANSWERS = {"1": ("accept", 1), "2": ("accept", 2), "3": ("accept", 3), "x": ("reject", None), "u": ("unsure", None)}
PAGE = 24
SEEN_MS = 400  # longer than a hand takes to answer to what it sees
NEWEST = (
    "SELECT verdict, class_id, kind, unseen IS NULL FROM decisions WHERE annotator = 'Ann' ORDER BY seq DESC LIMIT 1"
)


def standing(server: Server, who: str) -> list[tuple[str, int | None]]:
    """What the log says that a person answered, face by face, computed from the decisions alone."""
    sql = """
    SELECT d.verdict, d.class_id FROM decisions d JOIN faces f ON f.id = d.face_id
    WHERE d.annotator = ? AND d.verdict <> 'undo' AND NOT EXISTS (SELECT 1 FROM decisions u WHERE u.undoes = d.uuid)
    ORDER BY f.seq
    """
    return [(verdict, label) for verdict, label in server.rows(sql.replace("?", f"'{who}'"))]


def test_two_browsers_in_lock_step_every_answer_of_each_person_is_in_the_log(sign_in: SignIn, server: Server) -> None:
    ann, bob = people(sign_in, "Ann", "Bob")
    hands = {"Ann": random.Random(1), "Bob": random.Random(2)}
    said: dict[str, list[str]] = {"Ann": [], "Bob": []}
    for number in range(PAGE):
        turn = [("Ann", ann), ("Bob", bob)]
        for name, page in turn if number % 2 else turn[::-1]:
            key = hands[name].choice(list(ANSWERS))
            press(page, key)
            said[name].append(key)
    for page in (ann, bob):
        wait_saved(page)
    for name, keys in said.items():
        assert standing(server, name) == [ANSWERS[key] for key in keys], name
    differ = sum(a != b for a, b in zip(said["Ann"], said["Bob"], strict=True))
    assert server.rows("SELECT count(*) FROM decisions WHERE unseen IS NOT NULL") == [(differ,)]
    assert server.rows("SELECT count(*) FROM face_state WHERE n_answers = 2") == [(PAGE,)]


def test_the_card_names_the_face_stays_until_read_and_decides_again_by_key(sign_in: SignIn, server: Server) -> None:
    ann, bob = people(sign_in, "Ann", "Bob")
    press(bob, "3", "3")
    wait_saved(bob)
    press(ann, "1", "2", "u")
    box = ann.locator(".differs")
    expect(box.locator(".which")).to_have_text("face 1 of this page")
    expect(box.locator(".what")).to_have_text(
        "Bob decided meanwhile: “smile”. You: “none”. Both are kept; Bob's counts."
    )
    expect(box.locator(".more")).to_have_text("1 more")
    becomes(lambda: focus(ann), 3)
    press(ann, "u", "ArrowRight")
    wait_saved(ann)
    expect(box).to_be_visible()  # the hand goes on, it stays
    becomes(lambda: focus(ann), 5)
    ann.wait_for_timeout(SEEN_MS)
    press(ann, "y")
    wait_saved(ann)
    assert server.rows(NEWEST) == [("accept", 1, "", 1)]
    becomes(lambda: (focus(ann), server.labels()), (5, {"none": 1, "smile": 1}))
    expect(box.locator(".which")).to_have_text("face 2 of this page")
    press(ann, "z")  # the step before the card was read: taken back like any other
    wait_saved(ann)
    assert server.labels() == {"smile": 2}
    ann.reload()
    expect(box.locator(".which")).to_contain_text("on another page")  # it is decided, and the list is of undecided ones
    press(ann, "l")
    expect(box).to_be_hidden()


def test_the_card_speaks_chinese_and_its_button_leaves_the_keys_where_they_are(sign_in: SignIn, server: Server) -> None:
    (bob,) = people(sign_in, "Bob")
    ann = sign_in("Ann", locale="zh-CN")
    deaf(ann)
    press(bob, "3")
    wait_saved(bob)
    press(ann, "x")
    box = ann.locator(".differs")
    expect(box.locator(".what")).to_have_text("Bob 在此期间决定：“smile”。您：已拒绝。两者都已保留；以 Bob 的为准。")
    box.get_by_role("button", name="再次决定").click()
    expect(box).to_be_hidden()
    press(ann, "2")  # the keys still go to the grid
    ann.locator(".status", has_text="✓").wait_for()
    assert server.rows(NEWEST)[0][:2] == ("accept", 2)
    assert server.verdicts()[0][0] == "reject"
