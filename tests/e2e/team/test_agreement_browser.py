"""Three people label the same faces in their own browsers; how far they agree, and what they differ on."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter, defaultdict
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import Server
from tests.e2e.grid import becomes, press, until, wait_saved
from tests.e2e.test_accessible import in_colours, settled, violations, wider_than_the_window

sync_api = pytest.importorskip("playwright.sync_api", reason="pip install -r tests/requirements.txt")

pytestmark = pytest.mark.long
expect = sync_api.expect
SignIn = Callable[..., Any]

#: What each of them presses on the first 14 faces: they differ on 1, 4, 5, 9 and 11.
KEYS = {"Ann": "33311x2u241323", "Ben": "32311x2u241123", "Cem": "3331212u2x1323"}
DIFFERING = (1, 4, 5, 9, 11)
NEWEST = """
SELECT d.face_id, d.annotator, d.verdict || ifnull(d.class_id, '') FROM decisions d
WHERE d.verdict <> 'undo' AND d.kind = '' AND d.uuid NOT IN (SELECT undoes FROM decisions WHERE undoes NOT NULL)
ORDER BY d.seq
"""


@pytest.fixture
def labelled(sign_in: SignIn, server: Server) -> dict[str, Any]:
    """All three look before anybody decides, and nobody hears of the others; Ann, who came first, is the owner."""
    pages = {name: sign_in(name) for name in KEYS}
    for page in pages.values():
        page.route("**/api/changes*", lambda route: route.abort())
    for turn in range(len(KEYS["Ann"])):  # in lock-step
        for name, page in pages.items():
            press(page, KEYS[name][turn])
    for page in pages.values():
        wait_saved(page)
    assert server.rows("SELECT count(*) FROM decisions WHERE verdict <> 'undo'") == [(3 * len(KEYS["Ann"]),)]
    return pages


def answers_of(server: Server) -> dict[str, dict[str, str]]:
    """{face: {person: answer}}, straight from the log."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for face, who, what in server.rows(NEWEST):
        found[face][who] = what
    return found


def kappa(pairs: list[tuple[str, str]]) -> float:
    """Cohen's, as his paper writes it."""
    number = len(pairs)
    observed = sum(one == other for one, other in pairs) / number
    ones, others = Counter(one for one, _ in pairs), Counter(other for _, other in pairs)
    chance = sum(ones[what] * others[what] for what in ones) / number**2
    return (observed - chance) / (1 - chance)


def figure(page: Any, name: str) -> str:
    row = page.locator(".moue-figures tr", has=page.get_by_role("rowheader", name=name, exact=True)).first
    row.wait_for()
    return re.match(r"[−\d.]+( %)?", row.locator("td").first.inner_text())[0]  # type: ignore[index]


@pytest.mark.parametrize("answers", ["all", "independent"])
def test_kappa_on_the_page_equals_one_computed_apart(labelled: dict[str, Any], server: Server, answers: str) -> None:
    faces = answers_of(server)
    kappas = [
        kappa([(said[one], said[other]) for said in faces.values()]) for one, other in combinations(sorted(KEYS), 2)
    ]
    same = [sum(a == b for a, b in combinations(said.values(), 2)) / 3 for said in faces.values()]
    ann = labelled["Ann"]
    ann.goto(f"{server.address}/team?section=agreement&answers={answers}")
    becomes(lambda: figure(ann, "Cohen's kappa"), f"{sum(kappas) / 3:.2f}")
    becomes(lambda: figure(ann, "Percent agreement"), f"{100 * sum(same) / len(same):.0f} %")
    ann.get_by_text("42 answers by 3 people on 14 faces").wait_for()
    with ann.expect_download() as download:
        ann.get_by_role("button", name="Download as CSV").click()
    rows = list(csv.DictReader(io.StringIO(Path(download.value.path()).read_text("utf-8-sig"))))
    (mean,) = [row for row in rows if row["measure"] == "cohen_mean"]
    assert float(mean["value"]) == pytest.approx(sum(kappas) / 3)
    (pair,) = [row for row in rows if row["of"] == "Ann / Ben" and row["measure"] == "cohen"]
    assert float(pair["value"]) == pytest.approx(kappas[0])


def test_each_cell_leads_to_exactly_its_faces(labelled: dict[str, Any], server: Server) -> None:
    """Ann said openmouth where Cem said rejected: the confusion matrix counts them, and Review shows those."""
    faces = answers_of(server)
    wanted = {face for face, said in faces.items() if said["Ann"] == "accept4" and said["Cem"] == "reject"}
    assert len(wanted) == 1
    ann = labelled["Ann"]
    codes = dict(server.rows("SELECT name, code FROM annotator_codes"))
    ann.goto(f"{server.address}/team?section=agreement&one={codes['Ann']}&other={codes['Cem']}")
    ann.get_by_role("link", name="Ann: “openmouth”; Cem: rejected: 1 face").click()
    ann.locator(".card.loaded").first.wait_for()
    expect(ann.locator(".card")).to_have_count(1)
    expect(ann.get_by_role("button", name="Ann: openmouth · Cem: rejected")).to_be_visible()
    becomes(lambda: wanted.pop() in str(ann.locator(".card img").first.get_attribute("src")))


def test_what_people_differ_on_is_settled_by_key_and_first_answers_stay(
    labelled: dict[str, Any], server: Server
) -> None:
    before = answers_of(server)
    ids = [face for (face,) in server.rows("SELECT face_id FROM face_state ORDER BY seq LIMIT 14")]
    differing = [face for face in ids if len(set(before[face].values())) > 1]
    assert differing == [ids[at] for at in DIFFERING]
    ann = labelled["Ann"]
    ann.goto(f"{server.address}/team?section=disagreements")
    expect(ann.locator(".adjudication .left")).to_have_text("5 left")
    expect(ann.locator(".answers li")).to_have_count(3)
    expect(ann.locator(".answers")).to_contain_text("Ben")
    press(ann, "4")
    expect(ann.locator(".adjudication .left")).to_have_text("4 left")
    press(ann, "x", "z")  # the second one is taken back
    expect(ann.locator(".adjudication .left")).to_have_text("4 left")
    ann.locator(".adjudication .status", has_text="saved ✓ 3").wait_for()
    states = server.rows("SELECT face_id, verdict, class_id, adjudicated FROM face_state ORDER BY seq LIMIT 14")
    assert [row[1:] for row in states if row[3]] == [("accept", 4, 1)]
    assert states[DIFFERING[0]][0] == differing[0]
    press(ann, "2", "u", "x", "2")
    until(ann, lambda: server.rows("SELECT count(*) FROM face_state WHERE adjudicated = 1") == [(5,)])
    ann.get_by_text("Nothing is left to settle").wait_for()
    assert answers_of(server) == before
    ann.goto(f"{server.address}/team?section=agreement")
    ann.get_by_text("42 answers by 3 people on 14 faces").wait_for()


def test_who_may_not_settle_is_offered_nothing_of_it(labelled: dict[str, Any], server: Server) -> None:
    """Ben is an annotator: no section, and no route."""
    ben = labelled["Ben"]
    ben.goto(f"{server.address}/team?section=disagreements")
    ben.get_by_role("heading", name="Team").wait_for()
    expect(ben.locator(".adjudication")).to_have_count(0)
    face, sha = server.rows("SELECT id, sha256 FROM faces LIMIT 1")[0]
    op = {"op": "decide", "kind": "adjudication", "uuid": "5d1b2f0e-7c39-4f0a-9d5e-000000000001", "step": "s",
          "face_id": face, "sha256": sha, "verdict": "reject"}  # fmt: skip
    answer = ben.context.request.post(
        f"{server.address}/api/decisions", data={"ops": [op]}, headers={"Origin": server.address}
    )
    assert answer.status == 403
    assert server.rows("SELECT count(*) FROM decisions WHERE kind <> ''") == [(0,)]


def test_both_sections_can_be_read_by_everybody(labelled: dict[str, Any], server: Server) -> None:
    """WCAG 2.1 A and AA as far as a program can tell, in light and dark, and nothing is cut off at twice the size."""
    ann = labelled["Ann"]
    found: dict[str, list[str]] = {}
    for section, ready in (("agreement", ".moue-matrix"), ("disagreements", ".answers li")):
        ann.goto(f"{server.address}/team?section={section}")
        ann.locator(ready).first.wait_for()
        settled(ann)
        for scheme in ("light", "dark"):
            in_colours(ann, scheme)
            found[f"{section} in {scheme}"] = violations(ann)
        found[f"{section} at twice the size"] = wider_than_the_window(ann)
    assert {what: wrong for what, wrong in found.items() if wrong} == {}
