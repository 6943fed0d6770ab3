"""The matrix of answers: whose answer counts as which, what is left out, and that it is kept up to date."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db.decisions.log import apply_ops, verify_chain
from db.decisions.ops import UndoOp
from db.decisions.rules import annotator_of
from db.images.erase import erase
from db.projection import answer_log, columns
from db.projection.answer_log import AnswerLog
from db.store.store import Db, Store
from db.team.agreement import agreement_of, confusion
from pipeline.core.records import Verdict
from tests.db.fresh import open_fresh
from tests.db.make import add_images, decide, new_uuid, sha_of
from tests.db.team.answers.fresh import matrix_of

Said = tuple[str, str, str]
"""(person, face, answer): a class id as a digit, `x` or `u`."""


def say(store: Store, person: str, face: str, answer: str, unseen: bool = False) -> None:
    """unseen: the client had not seen what counts; else it had."""
    verdict = {"x": Verdict.REJECT, "u": Verdict.UNSURE}.get(answer, Verdict.ACCEPT)

    def work(db: Db) -> None:
        op = decide(db, face, verdict, int(answer) if answer.isdigit() else None)
        apply_ops(db, person, [replace(op, seen="" if unseen else None)])

    store.write(work)


def told(store: Store, *, independent: bool = False) -> set[Said]:
    """The matrix as it is, in the words of the tests."""
    matrix = matrix_of(store, independent=independent)
    ids = store.read(lambda db: dict(db.execute("SELECT seq, id FROM faces").fetchall()))
    signs = {columns.REJECTED: "x", columns.UNSURE: "u"}
    answers = matrix.answers
    return {
        (
            matrix.names[who],
            ids[int(matrix.faces[item])],
            signs.get(matrix.states[value], str(matrix.states[value] - columns.ACCEPTED)),
        )
        for item, who, value in zip(answers.items, answers.annotators, answers.values, strict=True)
    }


def test_a_persons_newest_answer_counts_and_reject_and_unsure_are_answers(store: Store) -> None:
    one, two = add_images(store, ["a", "b"])
    for said in (("Ann", one, "3"), ("Ann", one, "2"), ("Ben", one, "x"), ("Cem", two, "u")):
        say(store, *said)
    assert told(store) == {("Ann", one, "2"), ("Ben", one, "x"), ("Cem", two, "u")}


def test_what_was_taken_back_is_no_answer_and_the_one_before_is(store: Store) -> None:
    (one,) = add_images(store, ["a"])
    say(store, "Ann", one, "3")
    say(store, "Ann", one, "2")
    assert told(store) == {("Ann", one, "2")}
    store.write(lambda db: apply_ops(db, "Ann", [UndoOp(new_uuid())]))
    assert told(store) == {("Ann", one, "3")}
    store.write(lambda db: apply_ops(db, "Ann", [UndoOp(new_uuid())]))
    assert told(store) == set()


def test_a_rules_decision_is_no_persons_answer(store: Store) -> None:
    (one,) = add_images(store, ["a"])
    say(store, annotator_of("sharp enough"), one, "x")
    say(store, "Ann", one, "3")
    assert told(store) == {("Ann", one, "3")}


def test_an_open_second_opinion_is_left_out_until_all_have_answered(store: Store) -> None:
    one, two = add_images(store, ["a", "b"])
    store.write(lambda db: db.execute("INSERT INTO second_opinions VALUES (?, 2, 'share', '2026-01-31')", [one]))
    say(store, "Ann", one, "3")
    say(store, "Ann", two, "3")
    store.write(lambda db: db.execute("UPDATE face_state SET waiting = 'opinion' WHERE face_id = ?", [one]))
    for independent in (False, True):
        assert told(store, independent=independent) == {("Ann", two, "3")}
    say(store, "Ben", one, "2")
    store.write(lambda db: db.execute("UPDATE face_state SET waiting = '' WHERE face_id = ?", [one]))
    everything = {("Ann", one, "3"), ("Ben", one, "2"), ("Ann", two, "3")}
    assert told(store) == told(store, independent=True) == everything
    say(store, "Cem", one, "2")  # saw both
    say(store, "Ann", one, "2")
    assert told(store, independent=True) == everything
    assert told(store) == {("Ann", one, "2"), ("Ben", one, "2"), ("Cem", one, "2"), ("Ann", two, "3")}


def test_independent_is_the_first_person_and_who_had_not_seen_that(store: Store) -> None:
    seen, unseen, alone = add_images(store, ["a", "b", "c"])
    say(store, "Ann", seen, "1")
    say(store, "Ann", seen, "3")  # still alone: this is what Ann thinks
    say(store, "Ben", seen, "3")  # saw it
    say(store, "Ann", seen, "2")  # saw Ben's
    say(store, "Ann", unseen, "3")
    say(store, "Ben", unseen, "2", unseen=True)
    say(store, "Ben", unseen, "3")  # thought again after seeing it
    say(store, "Cem", alone, "x")
    assert told(store, independent=True) == {
        ("Ann", seen, "3"), ("Ann", unseen, "3"), ("Ben", unseen, "2"), ("Cem", alone, "x")
    }  # fmt: skip


def test_who_agrees_without_having_seen_it_is_independent_as_well(store: Store) -> None:
    """Else only those who differ would be, and the figures would be far too low."""
    (one,) = add_images(store, ["a"])
    say(store, "Ann", one, "3")
    say(store, "Ben", one, "3", unseen=True)
    assert told(store, independent=True) == {("Ann", one, "3"), ("Ben", one, "3")}
    assert store.read(verify_chain) == []


def test_an_erased_photo_is_gone_and_its_answers_count_again_when_it_comes_back(store: Store) -> None:
    one, two = add_images(store, ["a", "b"])
    for face in (one, two):
        say(store, "Ann", face, "3")
        say(store, "Ben", face, "2")
    both = {(who, face, what) for who, what in (("Ann", "3"), ("Ben", "2")) for face in (one, two)}
    assert told(store) == both
    store.write(lambda db: erase(db, sha_of("a")))
    assert told(store) == {said for said in both if said[1] == two}
    add_images(store, ["a"])
    assert told(store) == both


def test_two_people_against_each_other_and_against_what_counts(store: Store) -> None:
    faces = add_images(store, [f"p{n}" for n in range(5)])
    for face, ann, ben in zip(faces, "33x2u", "32x2u", strict=True):
        say(store, "Ann", face, ann)
        say(store, "Ben", face, ben)
    found = agreement_of(store, independent=False)
    place = {state: n for n, state in enumerate(found.states)}
    table = confusion(found, "Ann", "Ben")
    assert table.sum() == 5
    assert table[place[columns.ACCEPTED + 3], place[columns.ACCEPTED + 2]] == 1
    assert np.array_equal(confusion(found, "Ben", "Ann"), table.T)
    counted = confusion(found, "Ann", None)  # Ben's answers are the newest: they count
    assert np.array_equal(counted, table)


PEOPLE, FACES = ("Ann", "Ben", "Cem"), 4
steps = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(PEOPLE), st.integers(0, FACES - 1), st.sampled_from("123xu")),
        st.tuples(st.sampled_from(PEOPLE), st.just(-1), st.just("undo")),
    ),
    max_size=14,
)


def by_hand(done: list[Said], independent: bool) -> set[Said]:
    """The standing answers, by a replay in which everybody sees everything."""
    log = [[who, face, what, False] for who, face, what in done if what != "undo"]
    stack: dict[str, list[list[object]]] = {}
    rows = iter(log)
    for who, _, what in done:
        if what != "undo":
            stack.setdefault(who, []).append(next(rows))
        elif stack.get(who):
            stack[who].pop()[3] = True
    found: dict[tuple[str, str], str] = {}
    for place, (who, face, what, undone) in enumerate(log):
        alone = all(other == who for other, there, *_ in log[:place] if there == face)
        if not undone and (alone or not independent):
            found[str(who), str(face)] = str(what)
    return {(who, face, what) for (who, face), what in found.items()}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps)
def test_kept_up_to_date_it_is_what_a_replay_of_the_log_gives(
    tmp_path_factory: pytest.TempPathFactory, done: list[tuple[str, int, str]]
) -> None:
    with open_fresh(tmp_path_factory.mktemp("agreement") / "w") as store:
        faces = add_images(store, [f"p{n}" for n in range(FACES)])
        said = [(who, faces[face] if face >= 0 else "", what) for who, face, what in done]
        for place, (who, face, what) in enumerate(said, start=1):
            if what == "undo":
                store.write(lambda db, who=who: apply_ops(db, who, [UndoOp(new_uuid())]))
            else:
                say(store, who, face, what)
            for independent in (False, True):  # read after each step: only what is new is read
                assert told(store, independent=independent) == by_hand(said[:place], independent)


def test_it_equals_the_table_of_standing_answers(store: Store) -> None:
    faces = add_images(store, [f"p{n}" for n in range(6)])
    rng = np.random.default_rng(2)
    for _ in range(60):
        who, face = str(rng.choice(PEOPLE)), faces[int(rng.integers(6))]
        if rng.random() < 0.2:
            store.write(lambda db, who=who: apply_ops(db, who, [UndoOp(new_uuid())]))
        else:
            say(store, who, face, str(rng.choice(list("1234xu"))))
    sql = "SELECT annotator, face_id, CASE verdict WHEN 'accept' THEN class_id WHEN 'reject' THEN 'x' ELSE 'u' END"
    rows = store.read(lambda db: db.execute(f"{sql} FROM answers").fetchall())
    assert told(store) == {(who, face, str(what)) for who, face, what in rows}


def test_a_long_log_is_read_in_halves_at_once(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answer_log, "LONG", 4)
    beside: list[threading.Thread] = []
    real = store.read_beside

    def read_beside(fn: Callable[[Db], AnswerLog]) -> AnswerLog:
        beside.append(threading.current_thread())
        return real(fn)

    monkeypatch.setattr(store, "read_beside", read_beside)
    faces = add_images(store, ["a", "b"])
    for number in range(4):
        say(store, ("Ann", "Ben")[number % 2], faces[number // 2], "3")
    assert told(store) == {(who, face, "3") for who in ("Ann", "Ben") for face in faces}
    assert [one is not threading.current_thread() for one in beside] == [True]
    say(store, "Cem", faces[0], "x")
    assert ("Cem", faces[0], "x") in told(store)
    assert len(beside) == 1, "what is new is little"


def test_many_threads_ask_while_people_decide(tmp_path: Path) -> None:
    with open_fresh(tmp_path / "w") as store:
        faces = add_images(store, [f"p{n}" for n in range(20)])
        problems: list[str] = []
        asked: list[str] = []
        done = threading.Event()

        def ask() -> None:
            while not done.is_set():
                found = agreement_of(store, independent=False)
                answers, decisions = sum(one.answers for one in found.given), store.read(answer_log.last_of)
                if answers > decisions:
                    problems.append(f"{answers} answers after {decisions} decisions")
            asked.append("to the end")

        threads = [threading.Thread(target=ask) for _ in range(4)]
        for one in threads:
            one.start()
        for face in faces:
            say(store, "Ann", face, "3")
            say(store, "Ben", face, "2")
        done.set()
        for one in threads:
            one.join()
        assert (problems, asked) == ([], ["to the end"] * 4)
        assert len(told(store)) == 40


def test_a_trend_by_week(store: Store) -> None:
    """Twelve faces in one week, on which two people agree by half; twelve in the next, on which they always do."""
    faces = add_images(store, [f"p{n}" for n in range(24)])

    def work(db: Db) -> None:
        for n, face in enumerate(faces):
            at = "2026-03-04T10:00:00.000Z" if n < 12 else "2026-03-09T00:00:00.000Z"
            for who, what in (("Ann", 1 + n % 2), ("Ben", 1 + n % 2 if n >= 12 or n % 4 < 2 else 3)):
                apply_ops(db, who, [decide(db, face, Verdict.ACCEPT, what)], now=at)

    store.write(work)
    first, second = agreement_of(store, independent=False).weeks
    assert str(np.datetime64(first.monday, "D")) == "2026-03-02"
    assert str(np.datetime64(second.monday, "D")) == "2026-03-09"
    assert (first.faces, first.percent, second.faces, second.percent) == (12, 0.5, 12, 1.0)
    assert second.krippendorff == 1
