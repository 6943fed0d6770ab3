"""kill -9 while a rule of consensus is changed on many faces: no face ever stands under a rule that is not told, and
the next opening ends what was begun."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from db.decisions.log import apply_ops
from db.decisions.verify import verify
from db.projection.anew import recounts
from db.store.readers import open_read_only
from db.store.store import DATABASE_NAME, Store
from db.tables.consensus_rules import current_rule
from tests.db.fresh import open_fresh
from tests.db.make import add_images, decide
from tests.faults.kills.killed import Killer, killer, sampled

CHANGE: Final = """
from pathlib import Path
from db.projection.anew import recounts
from db.store import recounting
from db.store.store import Store
from db.tables.consensus_rules import ConsensusRule
from pipeline.actions.team import consensus
recounts.AT_ONCE, recounting.PART, recounting.REST_S = 0, 5, 0.0
with Store.open(Path(args[0])) as store:
    if args[1] == "change":
        consensus.set_rule(store, ConsensusRule("majority", 2), "Lee")
    else:
        consensus.undo_rule(store, "Lee")
"""
SAID: Final = [(1, 1), (1, 2), (2, None)] * 6
"""What Ann and Bob answered, Bob having seen Ann's; None: nothing."""
UNDER: Final = {
    "latest": [("accept", bob or ann, "") for ann, bob in SAID],
    "majority": [
        ("accept", ann, "") if ann == bob else (None, None, "tie" if bob else "quorum") for ann, bob in SAID
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def killing() -> Iterator[Killer]:
    with killer("pipeline.actions.team.consensus", "db.store.recounting") as process:
        yield process


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, killing: Killer) -> dict[str, Path]:
    """A workspace before the change, and one before it is taken back."""
    folder = tmp_path_factory.mktemp("recount")
    with open_fresh(folder / "change") as store:
        faces = add_images(store, [f"p{n}" for n in range(len(SAID))])

        def say(who: str, answers: list[int | None]) -> None:
            told = [(face, one) for face, one in zip(faces, answers, strict=True) if one]
            store.write(lambda db: apply_ops(db, who, [decide(db, face, class_id=one) for face, one in told]))

        say("Ann", [ann for ann, _ in SAID])
        say("Bob", [bob for _, bob in SAID])
    shutil.copytree(folder / "change", folder / "undo")
    assert killing.run(folder / "undo", "change", code=CHANGE).code == 0
    return {what: folder / what for what in ("change", "undo")}


def counted(db: Any) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = db.execute(
        "SELECT verdict, class_id, waiting FROM face_state ORDER BY seq"
    ).fetchall()
    return rows


@pytest.mark.long_but(1)
@pytest.mark.parametrize(
    ("what", "before", "after"), [("change", "latest", "majority"), ("undo", "majority", "latest")]
)
def test_each_face_counts_under_a_rule_that_is_told(
    killing: Killer, made: dict[str, Path], tmp_path: Path, what: str, before: str, after: str
) -> None:
    shutil.copytree(made[what], tmp_path / "whole")
    whole = killing.run(tmp_path / "whole", what, code=CHANGE, statements=True)
    assert whole.code == 0, whole.words
    mixed = 0
    for step in sampled(whole.steps, 16):
        root = tmp_path / f"w{step}"
        shutil.copytree(made[what], root)
        assert killing.run(root, what, code=CHANGE, before=step, statements=True).was_killed, step
        db = open_read_only(root / DATABASE_NAME)
        rule, note, rows = current_rule(db).name, recounts.waiting(db), counted(db)
        assert verify(db) == [], step
        db.conn.close()
        assert all(row in {UNDER[before][n], UNDER[after][n]} for n, row in enumerate(rows)), step
        assert note is not None or rows == UNDER[rule], step
        mixed += rows not in (UNDER[before], UNDER[after])
        with Store.open(root) as again:
            assert again.read(current_rule).name == rule
            assert again.read(counted) == UNDER[rule], step
            assert again.read(recounts.waiting) is None
            assert again.read(verify) == []
        shutil.rmtree(root)
    assert mixed, "no kill came between two parts"
