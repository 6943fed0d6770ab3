"""The log as columns, against the rows of the log read one by one."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db.base import face_seqs
from db.decisions.log import apply_ops
from db.decisions.ops import DecideOp, UndoOp
from db.decisions.rules import annotator_of
from db.images.erase import erase
from db.projection import answer_log, columns
from db.projection.answer_log import AnswerLog
from db.store.store import Db, Store
from pipeline.core.errors import StorageError
from pipeline.core.messages import message
from pipeline.core.records import Verdict
from tests.db.fresh import open_fresh
from tests.db.make import add_images, decide, new_uuid, sha_of

Row = tuple[int, str, int, int, int, int, bool]
"""(seq, who, state, unseen, day, face, undone)."""
Step = tuple[str, int, str, int]
"""(who, which face, what, day)."""
PEOPLE = ("Ann", "Ben", "Çem", annotator_of("sharp"))
FACES = 3
SAYS = {"x": Verdict.REJECT, "u": Verdict.UNSURE}


def one_by_one(db: Db) -> list[Row]:
    """What `read` is to find, in Python."""
    rows = db.execute(
        "SELECT seq, uuid, annotator, verdict, class_id, unseen, context, at, face_id, kind, undoes FROM decisions"
    ).fetchall()
    gone = {row[10] for row in rows}
    seqs = dict(db.execute("SELECT id, seq FROM faces").fetchall())
    found: list[Row] = []
    for seq, key, who, verdict, class_id, unseen, context, at, face, kind, _ in sorted(rows):
        if verdict == "undo" or kind or who.startswith("rule:"):
            continue
        state = {"accept": columns.ACCEPTED, "reject": columns.REJECTED, "unsure": columns.UNSURE}[verdict]
        alike = answer_log.ALIKE if context and json.loads(context).get("unseen") == 1 else 0
        day = (date.fromisoformat(at[:10]) - date(1970, 1, 1)).days
        found.append(
            (seq, who, state + (class_id or 0), answer_log.DIFFERENT if unseen else alike, day,
             seqs.get(face, answer_log.GONE), key in gone)
        )  # fmt: skip
    return found


def told(log: AnswerLog) -> list[Row]:
    """The columns as rows; names are those that occur."""
    assert set(log.names) == {log.names[who] for who in log.who}
    return [
        (int(seq), log.names[who], int(state), int(unseen), int(day), int(face), bool(undone))
        for seq, who, state, unseen, day, face, undone in zip(
            log.seq, log.who, log.state, log.unseen, log.day, log.face, log.undone, strict=True
        )
    ]


def common(db: Db, one: str, other: str) -> list[Row]:
    """Of the faces that both decided on, were it to adjudicate or to take back."""
    touched = db.execute("SELECT d.annotator, f.seq FROM decisions d JOIN faces f ON f.id = d.face_id").fetchall()
    both = set.intersection(*({seq for name, seq in touched if name == who} for who in (one, other)))
    return [row for row in one_by_one(db) if row[5] in both]


def do(store: Store, who: str, face: str, what: str, day: int) -> None:
    """what: a class id, `x`, `u`, `undo`; before it `?` where nothing was seen, `!` for an adjudication."""

    def work(db: Db) -> None:
        op: DecideOp | UndoOp = UndoOp(new_uuid())
        if what != "undo":
            said = what[-1]
            op = decide(db, face, SAYS.get(said, Verdict.ACCEPT), int(said) if said.isdigit() else None)
            op = replace(op, seen="" if "?" in what else None, kind="adjudication" if "!" in what else "")
        apply_ops(db, who, [op], now=f"2026-03-{day:02}T10:00:00.000Z")

    store.write(work)


steps = st.lists(
    st.tuples(
        st.sampled_from(PEOPLE),
        st.integers(0, FACES - 1),
        st.sampled_from(("1", "3", "x", "u", "?1", "?3", "?x", "!2", "undo")),
        st.integers(1, 28),
    ),
    max_size=16,
)


@pytest.fixture(autouse=True)
def _short_is_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """From three rows on a log is read in halves where another thread may help."""
    monkeypatch.setattr(answer_log, "LONG", 3)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps, st.integers(0, 16))
def test_at_once_and_in_two_parts_it_is_the_log_row_by_row(
    tmp_path_factory: pytest.TempPathFactory, done: list[Step], known_after: int
) -> None:
    with open_fresh(tmp_path_factory.mktemp("log") / "w") as store:
        faces = add_images(store, [f"p{n}" for n in range(FACES)])
        then: list[Row] = []
        last = 0
        for place, (who, face, what, day) in enumerate(done):
            if place == known_after:
                then, last = store.read(one_by_one), store.read(answer_log.last_of)
            do(store, who, faces[face], what, day)
        wanted = store.read(one_by_one)
        assert told(store.read(answer_log.read)) == wanted
        assert told(store.read(lambda db: answer_log.read(db, store.read_beside))) == wanted
        some = {seq: store.read(lambda db, seq=seq: answer_log.read_faces(db, seq, last)) for seq in ((), (1, 3), (2,))}
        for seqs, found in some.items():
            assert told(found) == [row for row in then if row[5] in seqs]
        for one, other in (("Ann", "Ben"), ("Ben", "Çem")):
            both = store.read(lambda db, one=one, other=other: answer_log.read_common(db, one, other))
            assert told(both) == store.read(lambda db, one=one, other=other: common(db, one, other))


def test_the_second_half_is_read_by_another_thread_on_another_connection(store: Store) -> None:
    faces = add_images(store, ["a", "b"])
    for number in range(6):
        do(store, ("Ann", "Ben")[number % 2], faces[number % 2], "1x3"[number % 3], 5 + number)
    who: list[tuple[bool, bool]] = []

    def read(db: Db) -> AnswerLog:
        def beside(fn: Callable[[Db], AnswerLog]) -> AnswerLog:
            def told_apart(other: Db) -> AnswerLog:
                who.append((threading.current_thread() is not here, other.conn is not db.conn))
                return fn(other)

            return store.read_beside(told_apart)

        here = threading.current_thread()
        return answer_log.read(db, beside=beside)

    assert told(store.read(read)) == store.read(one_by_one)
    assert who == [(True, True)]


def test_what_the_other_thread_could_not_read_is_raised_here(store: Store) -> None:
    faces = add_images(store, ["a"])
    for number in range(4):
        do(store, "Ann", faces[0], "1x"[number % 2], 5)

    def beside(_: object) -> AnswerLog:
        raise StorageError(message("closed_for_reading", file="moue.db"))

    with pytest.raises(StorageError, match=r"moue\.db"):
        store.read(lambda db: answer_log.read(db, beside=beside))


def test_a_log_with_a_gap_gives_each_row_its_own_person(store: Store) -> None:
    """Numbers are counted on from the first where none is missing, and read where one is."""
    faces = add_images(store, ["a", "b", "c"])
    for who, face, what in (("Ann", 0, "1"), ("Ben", 0, "x"), ("Ann", 1, "u"), ("Ben", 1, "!2"), ("Çem", 2, "3")):
        do(store, who, faces[face], what, 5)

    def gap(db: Db) -> None:
        db.execute("DROP TRIGGER decisions_no_update")
        db.execute("UPDATE decisions SET seq = seq + 7 WHERE seq > 1")

    store.write(gap)
    found = told(store.read(answer_log.read))
    assert [row[:2] for row in found] == [(1, "Ann"), (9, "Ben"), (10, "Ann"), (12, "Çem")]
    assert found == store.read(one_by_one)


def test_the_rows_of_an_erased_photo_stay_without_a_face(store: Store) -> None:
    one, two = add_images(store, ["a", "b"])
    for face in (one, two, one):
        do(store, "Ann", face, "3", 5)
    store.write(lambda db: erase(db, sha_of("a")))
    rows = told(store.read(answer_log.read))
    assert [row[5] == answer_log.GONE for row in rows] == [True, False, True]
    assert rows == store.read(one_by_one)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps)
def test_many_faces_are_found_as_few_are(tmp_path_factory: pytest.TempPathFactory, done: list[Step]) -> None:
    with open_fresh(tmp_path_factory.mktemp("log") / "w") as store, pytest.MonkeyPatch.context() as patch:
        faces = add_images(store, [f"p{n}" for n in range(FACES)])
        for who, face, what, day in done:
            do(store, who, faces[face], what, day)
        patch.setattr(face_seqs, "_FEW", 0)
        assert told(store.read(answer_log.read)) == store.read(one_by_one)
