"""The Duplicates page: its groups in words, its filters and its pages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from db.decisions.log import apply_ops
from db.duplicates import groups, near_pairs
from db.duplicates.conflicts import ConflictFace, LabelConflict
from db.duplicates.groups import DuplicateGroup, Member, MemberFace
from db.images import images
from db.store.store import Store
from pages._components import duplicate_groups
from pages._duplicates import rows
from pages._server import identity, workspace
from pipeline.core.messages import verbatim
from tests.db.copies import add_copies
from tests.db.make import add_images, decide, make_outcome, sha_of

PAGE = str(Path(__file__).resolve().parents[2] / "pages" / "duplicates.py")
FACE = MemberFace("f" * 32, "0123456789abcdef", None, None, None, None)
KEEPER = Member("a" * 64, 1200, 900, "JPEG", "/photos/a b/one.jpg", "folder", 0, 0, (FACE,))


def copy(name: str = "b", **other: Any) -> Member:
    return replace(KEEPER, sha256=name * 64, **({"phash": 4, "dhash": 2} | other))


@pytest.mark.parametrize(
    ("member", "told"),
    [
        (KEEPER, ""),
        (copy(), "same photo, same size"),
        (copy(width=600, height=450), "same photo, smaller"),
        (copy(width=2400, height=1800, format="PNG"), "same photo, larger, as PNG"),
        (copy(width=1000, height=900), "same photo, cut to another shape, smaller"),
        (copy(phash=40), "nearly the same photo, same size"),
        (copy(dhash=30), "nearly the same photo, same size"),
        (copy(view="mirror"), "same photo, mirrored, same size"),
        (copy(view="centre", width=1080, height=810), "same photo, its middle, smaller"),
    ],
)
def test_a_copy_is_told_in_words(member: Member, told: str) -> None:
    assert rows.relation(member, KEEPER) == told


def test_a_group_is_told_with_its_keeper_first() -> None:
    members = (KEEPER, copy("b", files=3, source_kind="upload"), copy("c", faces=()))
    shown = rows.group(DuplicateGroup(7, KEEPER.sha256, verbatim("sharpest"), members))
    assert (shown["title"], shown["keeper"], shown["reason"], shown["apart"]) == (
        "3 photos",
        "a" * 64,
        "sharpest",
        False,
    )
    assert [(m["name"], m["folder"], m["source"], m["files"]) for m in shown["members"]] == [
        ("one.jpg", "/photos/a b/", "folder", ""),
        ("one.jpg", "/photos/a b/", "uploaded", "3 files"),
        ("one.jpg", "/photos/a b/", "folder", ""),
    ]
    assert shown["members"][0]["faces"] == [
        {
            "id": "f" * 32,
            "v": "0123456789abcdef",
            "verdict": None,
            "class_id": None,
            "reason": None,
            "decision": None,
            "side": None,
        }
    ]


def test_a_very_large_group_shows_what_is_not_decided_first() -> None:
    done = replace(FACE, verdict="reject")
    members = [replace(KEEPER, sha256=f"{n:064}", faces=(done if n < 150 else FACE,)) for n in range(1, 301)]
    shown = rows.group(DuplicateGroup(7, KEEPER.sha256, verbatim(""), (KEEPER, *members)))
    assert shown["title"] == "100 of 301 photos"
    assert [m["sha"] for m in shown["members"]] == [KEEPER.sha256, *(f"{n:064}" for n in range(150, 249))]


def test_conflicting_pairs_of_one_face_are_joined() -> None:
    def pair(one: str, other: str) -> LabelConflict:
        ends = [ConflictFace("s" * 64, name, "v", 1, "Ann") for name in (one, other)]
        return LabelConflict(1, *ends)

    pairs = [pair("a", "b"), pair("x", "y"), pair("c", "d"), pair("d", "b")]
    assert rows.conflicts(pairs) == [["a", "b", "c", "d"], ["x", "y"]]
    assert rows.conflicts([]) == []


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """A workspace whose page Ann looks at."""
    monkeypatch.setenv("MOUE_WORKSPACE", str(tmp_path / "workspace"))
    monkeypatch.setattr(identity, "identify", lambda cookies, headers: "Ann")
    yield workspace.get_store()
    workspace.close_store()


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What the page hands to the component, run by run."""
    calls: list[dict[str, Any]] = []
    monkeypatch.setattr(duplicate_groups, "duplicate_groups", lambda data, **_: calls.append(data))
    return calls


def run(page: AppTest | None = None) -> AppTest:
    page = (AppTest.from_file(PAGE, default_timeout=30) if page is None else page).run()
    assert not page.exception
    return page


def keep(store: Store, group: int, name: str) -> None:
    store.write(lambda db: apply_ops(db, "Ann", groups.keep_ops(db, group, sha_of(name), f"step {name}")))


def names(data: dict[str, Any]) -> list[str]:
    return [group["members"][0]["name"] for group in data["groups"]]


def test_an_empty_workspace_points_to_collect(store: Store, shown: list[dict[str, Any]]) -> None:
    page = run()
    assert "no photos yet" in page.info[0].value
    assert [button.label for button in page.button] == ["Collect photos"]
    assert shown == []


def test_no_copies_says_so_and_tells_of_exact_ones(store: Store, shown: list[dict[str, Any]]) -> None:
    add_copies(store, ["a"])
    add_copies(store, ["b"])

    def again(db: Any) -> None:
        images.record_outcomes(
            db, images.ensure_source(db, "folder", "/y"), None, [make_outcome("a", location="/y/a.jpg")]
        )

    store.write(again)
    page = run()
    assert "No near copies among 2 photos" in page.info[0].value
    assert any("1 file had the very bytes of another one" in caption.value for caption in page.caption)
    assert [button.label for button in page.button] == ["Review"]
    assert shown == []


def test_photos_of_an_older_workspace_are_to_be_compared(store: Store, shown: list[dict[str, Any]]) -> None:
    add_images(store, ["old"])
    assert "python -m pipeline duplicates" in run().info[0].value


def test_what_the_groups_do_not_know_is_told(store: Store, shown: list[dict[str, Any]]) -> None:
    add_copies(store, ["a", "b", "c"])
    assert [found.value for found in run().info] == []
    store.write(lambda db: near_pairs.mark_compared(db, [sha_of("a"), sha_of("b")], left_off=[sha_of("a")]))
    assert any(found.value.startswith("1 photo with more near copies than are noted") for found in run().caption)
    store.write(lambda db: near_pairs.restart(db, ("plain",)))
    (told,) = (found.value for found in run().info[:1])
    assert told.startswith("3 photos not compared with the others yet")
    assert "python -m pipeline duplicates" in told


def test_filters_count_and_stay_in_the_url(store: Store, shown: list[dict[str, Any]]) -> None:
    for name in "ace":
        add_copies(store, [name, name * 2])
    keep(store, 2, "c")
    page = run()
    assert names(shown[-1]) == ["a.jpg", "e.jpg"]
    pills = page.button_group[0]
    assert [str(option) for option in pills.options] == ["Open 2", "Resolved 1", "Label conflicts 0", "All 3"]
    pills.set_value("resolved")
    page = run(page)
    assert names(shown[-1]) == ["c.jpg"]
    assert page.query_params["show"] == "resolved"
    again = AppTest.from_file(PAGE, default_timeout=30)
    again.query_params["show"] = "all"
    run(again)
    assert len(shown[-1]["groups"]) == 3


def test_a_resolved_group_stays_where_it_is(store: Store, shown: list[dict[str, Any]]) -> None:
    for name in "ac":
        add_copies(store, [name, name * 2])
    page = run()
    before = dict(shown[-1])
    keep(store, 1, "a")
    page = run(page)
    assert shown[-1] == before
    assert str(page.button_group[0].options[0]) == "Open 1"
    run()  # the page is entered anew
    assert names(shown[-1]) == ["c.jpg"]


def test_pages_turn_by_cursor(store: Store, shown: list[dict[str, Any]]) -> None:
    for number in range(12):
        add_copies(store, [f"{number:02}", f"{number:02} again"])
    page = AppTest.from_file(PAGE, default_timeout=30)
    page.query_params["size"] = "10"
    page = run(page)
    first = shown[-1]
    assert (len(first["groups"]), first["total"], first["has_next"], first["has_prev"]) == (10, 12, True, False)
    page.session_state["duplicates_turn"] = {"to": "next", "first": first["first"], "last": first["last"]}
    page = run(page)
    second = shown[-1]
    assert names(second) == ["10.jpg", "11.jpg"]
    assert (second["position"], second["has_next"], second["has_prev"]) == (10, False, True)
    page.session_state["duplicates_turn"] = {"to": "prev", "first": second["first"], "last": second["last"]}
    run(page)
    assert names(shown[-1]) == names(first)


def test_pairs_told_apart_are_found_again(store: Store, shown: list[dict[str, Any]]) -> None:
    faces = add_copies(store, ["a", "b"])
    store.write(lambda db: apply_ops(db, "Ann", [decide(db, faces[0], class_id=2)]))
    store.write(lambda db: groups.mark_distinct(db, "Bob", 1))
    page = run()
    assert "Every group is resolved" in page.success[0].value
    page.button_group[0].set_value("apart")
    run(page)
    (group,) = shown[-1]["groups"]
    assert group["apart"] is True
    assert group["title"].startswith("Not the same, said Bob")
    assert {m["sha"] for m in group["members"]} == {sha_of("a"), sha_of("b")}
    assert sorted(str(m["faces"][0]["class_id"]) for m in group["members"]) == ["2", "None"]


def test_label_conflicts_are_listed_with_their_faces(store: Store, shown: list[dict[str, Any]]) -> None:
    faces = add_copies(store, ["a", "b", "c"])
    add_copies(store, ["d", "e"])
    labels = (2, 3, 3)

    def label(db: Any) -> None:
        apply_ops(db, "Ann", [decide(db, face, class_id=n) for face, n in zip(faces, labels, strict=True)])

    store.write(label)
    page = AppTest.from_file(PAGE, default_timeout=30)
    page.query_params["show"] = "conflicts"
    run(page)
    (group,) = shown[-1]["groups"]
    assert group["conflicts"] == [sorted(faces)]


def test_nobody_sees_the_page_unsigned(
    store: Store, shown: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    add_copies(store, ["a", "b"])
    monkeypatch.setattr(identity, "identify", lambda cookies, headers: None)
    run()
    assert shown == []
