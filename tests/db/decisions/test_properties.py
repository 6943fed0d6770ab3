"""Whatever is decided, undone and repeated: the projection is what a plain model of the log says, and the log holds."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from db.decisions.log import apply_ops, verify_chain
from db.decisions.ops import DecideOp, UndoOp
from db.projection.face_state import STATE_COLUMNS, rebuild_state
from db.store.store import Db, Store
from pipeline.core.records import Verdict
from tests.db.fresh import open_fresh
from tests.db.make import add_images, decide, new_uuid
from tests.examples import examples

PEOPLE = ("Ann", "Bob")
FACES = 4

decides = st.tuples(
    st.just("decide"),
    st.sampled_from(PEOPLE),
    st.integers(0, FACES - 1),
    st.sampled_from([Verdict.ACCEPT, Verdict.REJECT, Verdict.UNSURE]),
    st.integers(1, 4),
    st.integers(0, 3),  # the step: decisions with the same one are taken back together
)
undos = st.tuples(st.just("undo"), st.sampled_from(PEOPLE))
repeats = st.tuples(st.just("repeat"), st.integers(0, 30))
actions = st.lists(st.one_of(decides, undos, repeats), max_size=25)


class Model:
    """The rule, written the plain way: a list of decisions, each with a mark whether it was taken back."""

    def __init__(self) -> None:
        self.log: list[dict[str, Any]] = []

    def decide(self, who: str, op: DecideOp) -> None:
        self.log.append({"who": who, "op": op, "undone": False})

    def undo(self, who: str) -> None:
        mine = [d for d in self.log if d["who"] == who and not d["undone"]]
        for decision in mine:
            if decision["op"].step == mine[-1]["op"].step:
                decision["undone"] = True

    def state(self, face: str) -> tuple[Any, ...]:
        standing = [d for d in self.log if d["op"].face_id == face and not d["undone"]]
        if not standing:
            return (None, None, None, 0)
        newest = standing[-1]
        return (str(newest["op"].verdict), newest["op"].class_id, newest["who"], len(standing))


@contextmanager
def fresh_store() -> Iterator[Store]:
    with tempfile.TemporaryDirectory() as folder, open_fresh(Path(folder)) as store:
        yield store


def rows(db: Db) -> list[tuple[Any, ...]]:
    return db.execute(f"SELECT {STATE_COLUMNS} FROM face_state ORDER BY face_id").fetchall()


@settings(max_examples=examples(35), deadline=None)
@given(actions)
def test_the_projection_is_what_the_log_says(plan: list[tuple[Any, ...]]) -> None:
    model = Model()
    sent: list[tuple[str, DecideOp | UndoOp]] = []
    with fresh_store() as store:
        faces = add_images(store, [f"i{n}" for n in range(FACES)])
        for action in plan:
            if action[0] == "repeat":
                if sent:
                    who, op = sent[action[1] % len(sent)]
                    (result,) = store.write(lambda db, w=who, o=op: apply_ops(db, w, [o]))
                    assert result.status == "repeat"
                continue
            who = action[1]
            made: DecideOp | UndoOp
            if action[0] == "undo":
                made = UndoOp(new_uuid())
                model.undo(who)
            else:
                _, _, number, verdict, label, step = action
                made = store.read(
                    lambda db, f=faces[number], v=verdict, c=label, s=step: decide(db, f, v, c, step=f"s{s}")
                )
                model.decide(who, made)
            (result,) = store.write(lambda db, w=who, o=made: apply_ops(db, w, [o]))
            assert result.status == "saved"
            sent.append((who, made))
        sql = "SELECT verdict, class_id, annotator, n_decisions FROM face_state WHERE face_id = ?"
        for face in faces:
            assert store.read(lambda db, f=face: db.execute(sql, [f]).fetchone()) == model.state(face)
        before = store.read(rows)
        assert store.read(verify_chain) == []
        store.write(rebuild_state)
        assert store.read(rows) == before


@settings(max_examples=examples(20), deadline=None)
@given(st.integers(1, 12), st.integers(0, 12))
def test_undoing_everything_and_deciding_again_ends_where_it_was(steps: int, back: int) -> None:
    """Redo is deciding again: after `back` undos and the same decisions once more, every face is as before."""
    with fresh_store() as store:
        faces = add_images(store, [f"i{n}" for n in range(FACES)])
        script = [(faces[n % FACES], n % 4 + 1) for n in range(steps)]

        def run(part: list[tuple[str, int]]) -> None:
            store.write(lambda db: apply_ops(db, "Ann", [decide(db, f, class_id=c) for f, c in part]))

        def labels() -> list[tuple[Any, ...]]:
            return store.read(lambda db: db.execute("SELECT face_id, class_id FROM face_state ORDER BY 1").fetchall())

        run(script)
        before = labels()
        back = min(back, steps)
        store.write(lambda db: apply_ops(db, "Ann", [UndoOp(new_uuid()) for _ in range(back)]))
        kept = dict.fromkeys(faces) | dict(script[: steps - back])
        assert dict(labels()) == kept
        run(script[steps - back :])
        assert labels() == before
