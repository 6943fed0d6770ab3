"""Exports are planned and releases compared in a program beside this process, as they would be here."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from db.decisions.log import apply_ops
from db.decisions.ops import DecideOp
from db.store.store import Store
from pipeline.actions.release import accepted, beside, kept
from pipeline.actions.release.accepted import plan_release, read_accepted
from pipeline.actions.release.kept import find, kept_differences
from pipeline.actions.releases import write_folder
from pipeline.core.errors import ExportError, WorkerError
from pipeline.core.records import Verdict
from pipeline.export.export import ExportPlan
from pipeline.export.options import ExportOptions
from pipeline.export.preview import Offered, Preview
from pipeline.export.release.shown import DifferencesPage, page_of
from pipeline.export.split import SplitPlan
from pipeline.run import programs

HALF = SplitPlan(val=0.5)
Faces = list[tuple[str, str]]


@pytest.fixture(autouse=True)
def _ended() -> Iterator[None]:
    yield
    beside.end_all()


def asked(store: Store, options: ExportOptions | None = None, *, rejected: bool = False) -> beside.Answered:
    return beside.preview(store.root, "data", (HALF, options or ExportOptions()), with_rejected=rejected)


def decide(store: Store, face: tuple[str, str], verdict: Verdict, label: int | None) -> None:
    op = DecideOp(os.urandom(16).hex(), os.urandom(16).hex(), *face, verdict, label, None)
    store.write(lambda db: apply_ops(db, "Ann", [op]))


def test_it_is_the_plan_that_is_made_here(store: Store, chosen: ExportPlan, faces: Faces) -> None:
    assert len(chosen.rows) == 12
    found = asked(store)
    assert found.preview == Preview.of(plan_release(store, "data", HALF, ExportOptions()))
    here = read_accepted(store)
    assert found.offered == Offered.of(here.items, here.class_names, 0)
    decide(store, faces[0], Verdict.REJECT, None)
    after = asked(store)
    assert after.preview is not None
    assert after.preview.crops == 11
    assert after.preview == Preview.of(plan_release(store, "data", HALF, ExportOptions()))
    options = ExportOptions(rejects_as="other")
    assert asked(store, options, rejected=True).preview == Preview.of(plan_release(store, "data", HALF, options))
    bare = beside.preview(store.root, "data", None, with_rejected=False)
    assert (bare.offered, bare.preview) == (after.offered, None)


@pytest.mark.usefixtures("chosen")
def test_other_options_are_told_of_the_same_faces_where_that_is_asked_for(store: Store, faces: Faces) -> None:
    first = asked(store)
    decide(store, faces[0], Verdict.REJECT, None)
    other = SplitPlan(val=0.5, seed=1), ExportOptions()
    same = beside.preview(store.root, "data", other, with_rejected=False, reading=first.reading)
    assert same.preview is not None
    assert (same.preview.crops, same.reading) == (12, first.reading)
    now = asked(store)
    assert now.preview is not None
    assert now.preview.crops == 11
    assert now.reading != first.reading
    gone = beside.preview(store.root, "data", other, with_rejected=False, reading=first.reading)
    assert gone.preview is not None
    assert gone.preview.crops == 11


@pytest.mark.usefixtures("chosen")
def test_this_process_plans_nothing(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> None:
        raise AssertionError("planned here")

    for name in ("plan", "read_accepted", "accepted_items", "read_placements"):
        monkeypatch.setattr(accepted, name, refused)
    found = asked(store).preview
    assert found is not None
    assert found.crops == 12


@pytest.mark.skipif(not hasattr(os, "getpriority"), reason="no priorities here")
@pytest.mark.usefixtures("chosen")
def test_it_lets_the_server_go_first(store: Store) -> None:
    """It plans for seconds with one core of its own, and keys are answered meanwhile."""
    asked(store)
    (program,) = beside._program._all
    assert program._child is not None
    here = os.getpriority(os.PRIO_PROCESS, 0)
    assert os.getpriority(os.PRIO_PROCESS, program._child.pid) == min(here + 5, 19)


@pytest.mark.usefixtures("chosen")
def test_what_cannot_be_planned_is_told_in_its_own_words(store: Store) -> None:
    with pytest.raises(ExportError) as refused:
        asked(store, ExportOptions(rejects_as="smile"), rejected=True)
    assert refused.value.message.code == "export_rejects_class"
    assert refused.value.message.params == {"name": "smile"}
    assert asked(store).preview is not None


@pytest.mark.usefixtures("chosen")
def test_a_program_that_dies_is_told_and_another_takes_its_place(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def died(_program: object, _request: object) -> programs.Answer:
        raise programs.ProgramDiedError(-9, 1.0, slow=False)

    with monkeypatch.context() as patched:
        patched.setattr(programs.Program, "ask", died)
        with pytest.raises(WorkerError) as told:
            asked(store)
        with pytest.raises(WorkerError) as not_compared:
            compared(store)
    assert told.value.message.code == "planner_died"
    assert not_compared.value.message.code == "comparer_died"
    assert asked(store).preview is not None


def released(store: Store, folder: str) -> Path:
    plan = plan_release(store, "data", HALF, ExportOptions())
    return write_folder(store, plan, store.root / folder, "data", "Ann", overwrite=False).path


def compared(store: Store, kind: str = "", page: int = 1) -> DifferencesPage:
    return beside.compared(store.root, "data #1", "data #2", kind, page)


@pytest.mark.usefixtures("chosen")
def test_releases_are_compared_there_and_not_here(store: Store, faces: Faces, monkeypatch: pytest.MonkeyPatch) -> None:
    first = released(store, "one")
    decide(store, faces[0], Verdict.REJECT, None)
    second = released(store, "two")
    changed = kept_differences(store, find(store, "data #1"), find(store, "data #2"))

    def refused(*_: object, **__: object) -> None:
        raise AssertionError("compared here")

    with monkeypatch.context() as patched:
        for name in ("kept", "compared"):
            patched.setattr(kept, name, refused)
        found = compared(store)
        removed = compared(store, "removed")
    assert found == page_of(changed, first, second, "", 1)
    assert removed == page_of(changed, first, second, "removed", 1)
    assert [face.picture[:2] for face, _ in removed.rows if face] == [b"\xff\xd8"]
    assert removed.counts["removed"] == 1


@pytest.mark.usefixtures("chosen")
def test_another_comparison_is_made_anew(store: Store, faces: Faces) -> None:
    released(store, "one")
    decide(store, faces[0], Verdict.REJECT, None)
    released(store, "two")
    there = compared(store)
    back = beside.compared(store.root, "data #2", "data #1", "", 1)
    assert (there.counts["removed"], back.counts["removed"]) == (1, 0)
    assert (back.counts["added"], there.counts["added"]) == (1, 0)
    assert compared(store) == there


@pytest.mark.usefixtures("chosen")
def test_what_cannot_be_compared_is_told_in_its_own_words(store: Store) -> None:
    released(store, "one")
    with pytest.raises(ExportError) as unknown:
        compared(store)
    assert unknown.value.message.code == "release_unknown"
    assert unknown.value.message.params == {"name": "data #2"}
    store.write(lambda db: db.execute("DELETE FROM release_manifests"))
    with pytest.raises(ExportError) as not_kept:
        beside.compared(store.root, "data #1", "data #1", "", 1)
    assert not_kept.value.message.code == "release_not_kept"
    assert not_kept.value.message.params == {"name": "data #1"}


@pytest.mark.long
@pytest.mark.usefixtures("chosen")
def test_it_ends_when_nobody_has_asked_for_a_while(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beside, "KEPT_S", 0.05)
    ended = threading.Event()
    end = beside._program.end
    monkeypatch.setattr(beside._program, "end", lambda: (end(), ended.set()))
    asked(store)
    assert ended.wait(60)
    assert asked(store).preview is not None
