"""The whole store against a plain model: whatever people do, in whatever order, and whenever the power goes.

Long, by hand: MOUE_EXAMPLES=100 python -m pytest -n 0 --timeout=0 tests/db/decisions/test_state_machine.py
"""

from __future__ import annotations

import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from db.decisions import consensus, rules
from db.decisions.log import apply_ops
from db.decisions.ops import DecideOp, Op, OpResult, RedoOp, UndoOp
from db.decisions.verify import verify
from db.images import faces, images
from db.images.erase import erase
from db.images.reprocess import pending_image, replace_faces
from db.projection.face_state import STATE_COLUMNS, project_face, rebuild_state
from db.store.backup import backup, restore
from db.store.store import Db, Store
from db.tables.classes import archive_class
from db.tables.consensus_rules import ConsensusRule
from pipeline.core.errors import UsageError
from pipeline.core.geometry import BoundingBox
from pipeline.core.metrics import QualityMetrics
from pipeline.core.records import Verdict, face_id
from tests.db.decisions.machine_model import Model
from tests.db.make import make_face, make_outcome, new_uuid, sha_of
from tests.examples import examples

PEOPLE = ("Ann", "Bob", "Zoë")
NAMES = ("a", "b", "c", "d")
RULE, RULES_NAME = "small", "rule: small"
PLAIN = QualityMetrics(100, 50, 0.5, 0.2, 0, 0, 0, 0, 0.9, 0.9, 0.1, 0.6, 0.0)

people = st.sampled_from(PEOPLE)
picks = st.integers(0, 99)
steps = st.sampled_from(["s0", "s1", ""])  # "": a step of its own
verdicts = st.one_of(
    st.tuples(st.just(Verdict.ACCEPT), st.integers(1, 4), st.none()),
    st.tuples(st.just(Verdict.REJECT), st.none(), st.sampled_from([None, "blurred"])),
    st.just((Verdict.UNSURE, None, None)),
)
looks = st.sampled_from(["now", "nothing", "does not say"])


@cache
def template() -> tuple[Path, dict[str, list[str]], dict[str, float]]:
    """A workspace of four photos of two faces each, the first of them measured: 20, 40, 60 and 80 pixels."""
    root = Path(tempfile.mkdtemp(prefix="moue-machine-")) / "template"
    with Store.open(root) as store:

        def fill(db: Db) -> tuple[dict[str, list[str]], dict[str, float]]:
            source = images.ensure_source(db, "folder", "/x")
            made = [make_outcome(name, 2) for name in NAMES]
            images.record_outcomes(db, source, None, made)
            found = {one.outcome.sha256 or "": [face.face_id for face in one.outcome.faces] for one in made}
            sides = {each[0]: 20.0 * (n + 1) for n, each in enumerate(found.values())}
            for face, side in sides.items():
                faces.put_quality(db, face, replace(PLAIN, side=side))
            rules.save_rule(db, RULE, (("side", 60.0, None),), "too_small", "Ann")
            return found, sides

        found, sides = store.write(fill)
    return root, found, sides


class Machine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        origin, found, sides = template()
        self.folder = Path(tempfile.mkdtemp(prefix="moue-machine-"))
        self.generation = 0
        shutil.copytree(origin, self.root)
        self.store = Store.open(self.root)
        self.model = Model({sha: list(each) for sha, each in found.items()}, dict(sides))
        self.known = {face: sha for sha, each in found.items() for face in each}  # also those that are gone
        self.sent: list[tuple[str, Op]] = []
        self.saved: Model | None = None
        self.sent_then = 0

    @property
    def root(self) -> Path:
        return self.folder / f"w{self.generation}"

    def teardown(self) -> None:
        try:
            self.check_whole()
        finally:
            self.store.close()
            shutil.rmtree(self.folder)

    # ---- helpers
    def apply(self, who: str, *ops: Op) -> list[OpResult]:
        results = self.store.write(lambda db: apply_ops(db, who, list(ops)))
        assert [result.uuid for result in results] == [op.uuid for op in ops]
        return results

    def op(
        self, who: str, pick: int, says: Any, step: str, look: str = "does not say", kind: str = ""
    ) -> tuple[DecideOp, str]:
        """An op, and what must be answered."""
        known = sorted(self.known)
        face = known[pick % len(known)]
        now = self.model.counts(face)
        seen = None if look == "does not say" else (now.key if now and look == "now" else "")
        key = new_uuid()
        op = DecideOp(key, step or key, face, self.known[face], *says, seen=seen, kind=kind)
        return op, self.model.decide(who, op.step, face, says, seen, key, kind)

    # ---- what people do
    @rule(who=people, pick=picks, says=verdicts, step=steps, look=looks)
    def decide(self, who: str, pick: int, says: Any, step: str, look: str) -> None:
        op, expected = self.op(who, pick, says, step, look)
        (result,) = self.apply(who, op)
        assert result.status == expected
        if expected != "refused":
            self.sent.append((who, op))

    @rule(who=people, pick=picks, says=verdicts, look=looks)
    def adjudicate(self, who: str, pick: int, says: Any, look: str) -> None:
        op, expected = self.op(who, pick, says, "", look, "adjudication")
        (result,) = self.apply(who, op)
        assert result.status == expected
        if expected != "refused":
            self.sent.append((who, op))

    @rule(
        chosen=st.sampled_from(
            [("latest", 1), ("majority", 1), ("majority", 2), ("adjudicated", 1), ("adjudicated", 2)]
        )
    )
    def change_the_rule(self, chosen: tuple[str, int]) -> None:
        """What was told before is what happens."""
        told = self.store.read(lambda db: consensus.preview(db, ConsensusRule(*chosen)))
        before = {face: self.model.counts(face) for face in self.model.faces()}
        self.model.rules.append(chosen)
        self.store.write(lambda db: consensus.set_rule(db, ConsensusRule(*chosen), "Ann"))
        pairs = [(before[face], self.model.counts(face)) for face in self.model.faces()]
        assert told.gain == sum(a is None and b is not None for a, b in pairs)
        assert told.lose == sum(a is not None and b is None for a, b in pairs)
        assert told.change == sum(a is not None and b is not None and a.says != b.says for a, b in pairs)

    @rule()
    def take_the_rule_back(self) -> None:
        if len(self.model.rules) == 1:
            with pytest.raises(UsageError):
                self.store.write(lambda db: consensus.undo_rule(db, "Bob"))
        else:
            self.model.rules.pop()
            self.store.write(lambda db: consensus.undo_rule(db, "Bob"))

    @rule(pick=picks, wanted=st.sampled_from([0, 2, 3]))
    def want_a_second_opinion(self, pick: int, wanted: int) -> None:
        face = self.model.faces()[pick % len(self.model.faces())]
        self.model.wanted[face] = wanted
        put = "INSERT OR REPLACE INTO second_opinions VALUES (?, ?, 'share', 'now')"

        def work(db: Db) -> None:
            db.execute(
                *((put, [face, wanted]) if wanted else ("DELETE FROM second_opinions WHERE face_id = ?", [face]))
            )
            project_face(db, face)

        self.store.write(work)

    @rule(who=people, some=st.lists(st.tuples(picks, verdicts), min_size=2, max_size=5))
    def bulk(self, who: str, some: list[tuple[int, Any]]) -> None:
        step = new_uuid()
        made = [self.op(who, pick, says, step) for pick, says in some]
        broken = replace(made[0][0], uuid=new_uuid(), step="half \ud800")
        results = self.apply(who, made[0][0], broken, *(op for op, _ in made[1:]))
        assert results.pop(1).status == "refused"
        assert [result.status for result in results] == [expected for _, expected in made]
        self.sent += [(who, op) for op, expected in made if expected == "saved"]

    @rule(who=people)
    def undo(self, who: str) -> None:
        op = UndoOp(new_uuid())
        (result,) = self.apply(who, op)
        self.check_undone(result, self.model.undo(who))
        self.sent.append((who, op))

    @rule(who=people, pick=picks)
    def undo_one_step(self, who: str, pick: int) -> None:
        mine = [entry.step for entry in self.model.log if entry.who == who]
        if mine:
            op = UndoOp(new_uuid(), mine[pick % len(mine)], exact=True)
            (result,) = self.apply(who, op)
            self.check_undone(result, self.model.undo(who, op.step))
            self.sent.append((who, op))

    def check_undone(self, result: OpResult, faces_: set[str]) -> None:
        assert result.status == "saved"
        assert {face.face_id for face in result.faces} == faces_ & set(self.model.faces())

    @rule(who=people, gives_way=st.booleans())
    def redo(self, who: str, gives_way: bool) -> None:
        op = RedoOp(new_uuid(), "" if gives_way else None)
        (result,) = self.apply(who, op)
        expected, made = self.model.redo(who, op.uuid, gives_way=gives_way)
        assert result.status == expected
        sql = "SELECT uuid FROM decisions WHERE step = ? AND annotator = ? ORDER BY seq"
        keys = self.store.read(lambda db: db.execute(sql, [op.uuid, who]).fetchall())
        for entry, (key,) in zip(made, keys, strict=True):
            entry.key = key
        self.sent.append((who, op))

    @precondition(lambda self: self.sent)
    @rule(pick=picks)
    def repeat(self, pick: int) -> None:
        who, op = self.sent[pick % len(self.sent)]
        (result,) = self.apply(who, op)
        assert result.status == "repeat"

    @rule(on=st.booleans())
    def switch_rule(self, on: bool) -> None:
        switch = rules.switch_on if on else rules.switch_off
        self.store.write(lambda db: switch(db, RULE, "Ann"))
        self.settle_rules()
        self.model.rule_on = on
        self.model.apply_rule(RULES_NAME)
        self.learn_rules_keys()
        (kept,) = self.store.read(rules.list_rules)
        assert (kept.active, kept.decided) == (on, sum(e.who == RULES_NAME and not e.undone for e in self.model.log))

    @rule(pick=picks, side=st.sampled_from([20.0, 59.0, 60.0, 200.0]))
    def measure_anew(self, pick: int, side: float) -> None:
        """As a reprocess does; the rules look again behind it."""
        face = self.model.faces()[pick % len(self.model.faces())]
        self.store.write(lambda db: faces.put_quality(db, face, replace(PLAIN, side=side)))
        self.model.sides[face] = side
        self.settle_rules()
        if self.model.rule_on:
            self.model.apply_rule(RULES_NAME)
        self.learn_rules_keys()

    def settle_rules(self) -> None:
        pending = self.store.read(rules.is_pending)
        while self.store.write(rules.apply_active_rules):
            assert pending
            pending = self.store.read(rules.is_pending)
        assert not pending

    def learn_rules_keys(self) -> None:
        """The rule makes its UUIDs itself; what it decided is still compared."""
        sql = "SELECT uuid FROM decisions WHERE annotator = ? AND face_id = ? AND verdict <> 'undo' ORDER BY seq"
        for face in self.known:
            keys = [k for (k,) in self.store.read(lambda db, f=face: db.execute(sql, [RULES_NAME, f]).fetchall())]
            entries = [entry for entry in self.model.log if entry.who == RULES_NAME and entry.face == face]
            for entry, key in zip(entries, keys, strict=True):
                entry.key = key

    # ---- the workspace
    @rule(class_id=st.integers(1, 4))
    def archive(self, class_id: int) -> None:
        if self.model.may_archive(class_id):
            self.store.write(lambda db: archive_class(db, class_id))
            self.model.classes.remove(class_id)
        else:
            with pytest.raises(UsageError):
                self.store.write(lambda db: archive_class(db, class_id))

    @precondition(lambda self: len(self.model.images) > 2)
    @rule(pick=picks)
    def erase(self, pick: int) -> None:
        sha256 = sorted(self.model.images)[pick % len(self.model.images)]
        self.store.write(lambda db: erase(db, sha256))
        del self.model.images[sha256]

    @rule(pick=picks)
    def reprocess(self, pick: int) -> None:
        """Another detector finds one face, elsewhere."""
        name = NAMES[pick % len(NAMES)]
        sha256 = sha_of(name)
        if sha256 not in self.model.images:
            return
        box = BoundingBox(float(len(self.known)), 300.0, 90.5, 390.0)
        face = replace(make_face(sha256), face_id=face_id(sha256, box, "hog"), box=box, detector="hog")
        stored = make_outcome(name)
        stored = replace(stored, outcome=replace(stored.outcome, faces=(face,)))

        def work(db: Db) -> bool:
            image = pending_image(db, sha256)
            assert image is not None
            return replace_faces(db, stored, image.seen)

        assert self.store.write(work)
        self.known[face.face_id] = sha256
        self.model.replace_faces(sha256, face.face_id)

    @rule(says=st.lists(verdicts, min_size=3, max_size=3))
    def all_at_once(self, says: list[Any]) -> None:
        """Each person a face of their own, from a thread of their own."""
        alive = self.model.faces()
        jobs = [(who, self.op(who, sorted(self.known).index(face), said, "")) for who, face, said in
                zip(PEOPLE, alive, says, strict=False)]  # fmt: skip
        with ThreadPoolExecutor(3) as pool:
            done = list(pool.map(lambda job: self.apply(job[0], job[1][0])[0].status, jobs))
        assert done == [expected for _, (_, expected) in jobs]
        self.sent += [(who, op) for who, (op, expected) in jobs if expected == "saved"]

    @rule()
    def crash(self) -> None:
        """The files as they are on the disk now, without the process that wrote them."""
        before, old = self.root, self.store
        self.generation += 1
        shutil.copytree(before, self.root, ignore=shutil.ignore_patterns(".locks"))
        old.close()
        shutil.rmtree(before)
        self.store = Store.open(self.root)
        self.check_whole()

    @rule()
    def back_up(self) -> None:
        file = self.folder / "backup.db"
        file.unlink(missing_ok=True)
        backup(self.store, file)
        self.saved, self.sent_then = self.model.copy(), len(self.sent)

    @precondition(lambda self: self.saved is not None)
    @rule()
    def restore(self) -> None:
        assert self.saved is not None
        self.store.close()
        restore(self.folder / "backup.db", self.root, replace=True)
        self.store = Store.open(self.root)
        self.model, self.sent = self.saved.copy(), self.sent[: self.sent_then]
        self.check_whole()

    # ---- what must be so
    @invariant()
    def faces_are_as_the_model_says(self) -> None:
        columns = "verdict, class_id, reason, annotator, n_decisions, decision_uuid, n_answers, waiting, adjudicated"
        sql = f"SELECT face_id, {columns} FROM face_state"
        found = {row[0]: tuple(row[1:]) for row in self.store.read(lambda db: db.execute(sql).fetchall())}
        expected = {}
        for face in self.model.faces():
            (e, waiting, adjudicated), number = self.model.consensus(face), len(self.model.standing(face))
            counts = (e.verdict, e.class_id, e.reason, e.who, number, e.key) if e else (None,) * 4 + (number, None)
            expected[face] = (*counts, len(self.model.answers(face)), waiting, int(adjudicated))
        assert found == expected

    def check_whole(self) -> None:
        """Each acknowledged decision is in the log, nothing else is, and nothing is found wrong."""
        sql = """
        SELECT d.annotator, d.face_id, d.verdict, d.class_id, d.reason, d.kind, d.unseen,
               EXISTS (SELECT 1 FROM decisions u WHERE u.undoes = d.uuid)
        FROM decisions d WHERE d.verdict <> 'undo'
        """
        found = [tuple(row) for row in self.store.read(lambda db: db.execute(sql).fetchall())]
        expected = [
            (e.who, e.face, e.verdict, e.class_id, e.reason, e.kind, e.unseen and e.unseen.key, int(e.undone))
            for e in self.model.log
        ]
        assert sorted(found, key=repr) == sorted(expected, key=repr)
        assert self.store.read(verify) == []
        rows = f"SELECT {STATE_COLUMNS} FROM face_state ORDER BY face_id"
        before = self.store.read(lambda db: db.execute(rows).fetchall())
        self.store.write(rebuild_state)
        assert self.store.read(lambda db: db.execute(rows).fetchall()) == before


Machine.TestCase.settings = settings(
    max_examples=examples(30),
    stateful_step_count=80 if examples(1) > 1 else 20,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
TestMachine = Machine.TestCase
