"""The run's bookkeeping against a ledger that is a dictionary."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.errors import StorageError
from pipeline.core.messages import verbatim
from pipeline.core.outcome import STORED_OUTCOMES, Outcome
from pipeline.core.records import ImageOutcome, ImageRef, Settings, StoredOutcome
from pipeline.files.blobs import BlobStore
from pipeline.run import coordinator as run_module
from pipeline.run.coordinator import Progress, RunContext, in_order, run
from pipeline.run.executors import SerialExecutor
from tests.pipeline.photos import astronaut, coffee, hopper, write_heads


class Memory:
    """A ledger by the protocol's words."""

    def __init__(self) -> None:
        self.images: dict[str, StoredOutcome] = {}
        self.seen: dict[str, Outcome] = {}
        self.batches: list[int] = []

    def finished(self, ref: ImageRef) -> tuple[Outcome, str] | None:
        return (Outcome.ALREADY_PRESENT, "met before") if self.seen.get(ref.location) in STORED_OUTCOMES else None

    def has_size(self, size: int) -> bool:
        return any(s.outcome.ref.size == size for s in self.images.values())

    def known(self, sha256s: Sequence[str]) -> set[str]:
        return set(sha256s) & self.images.keys()

    def record(self, batch: Sequence[StoredOutcome]) -> Sequence[Outcome]:
        self.batches.append(len(batch))
        return [self._one(s) for s in batch]

    def _one(self, stored: StoredOutcome) -> Outcome:
        final, sha = stored.outcome.outcome, stored.outcome.sha256
        if final in STORED_OUTCOMES and sha is not None:
            if sha in self.images:
                final = Outcome.ALREADY_PRESENT
            else:
                self.images[sha] = stored
        self.seen[stored.outcome.ref.location] = final
        return final


class Fakes(SerialExecutor):
    """Outcomes without any decoding: the bytes are the photo; `x…` is undecodable."""

    def outcomes(self, refs: Iterator[ImageRef], settings: Settings) -> Iterator[ImageOutcome]:
        for ref in refs:
            data = Path(ref.path).read_bytes()
            sha = hashlib.sha256(data).hexdigest()
            what = Outcome.UNDECODABLE if data.startswith(b"x") else Outcome.NO_FACE
            yield ImageOutcome(
                ref, what, verbatim("made up"), sha, 1, 1, "PNG", unified=b"u", thumb=b"t", timings={"read": 0.5}
            )


def refs_of(*paths: Path, spooled: bool = False) -> Iterator[ImageRef]:
    return iter([ImageRef(str(p), str(p), p.stat().st_size, 1, spooled=spooled) for p in paths])


def files(folder: Path, *contents: bytes) -> list[Path]:
    paths = [folder / f"{n}.png" for n in range(len(contents))]
    for path, content in zip(paths, contents, strict=True):
        path.write_bytes(content)
    return paths


def counted(progress: Progress) -> dict[str, int]:
    return {str(k): v for k, v in progress.counts.items() if v}


def context(tmp_path: Path, ledger: Memory, copy: bool = False) -> RunContext:
    (tmp_path / "w").mkdir(exist_ok=True)
    return RunContext(Settings(), BlobStore(tmp_path / "w"), ledger, copy)


def test_each_file_is_counted_once(tmp_path: Path) -> None:
    ledger = Memory()
    paths = files(tmp_path, b"one", b"two", b"one", b"xbad", b"three", b"xbad")
    progress = run(refs_of(*paths), Fakes(), context(tmp_path, ledger), Progress())
    assert counted(progress) == {"no_face": 3, "already_present": 1, "undecodable": 2}
    assert progress.done == 6
    assert progress.stages["read"] == 3.0
    again = run(refs_of(*paths), Fakes(), context(tmp_path, ledger), Progress())
    assert counted(again) == {"already_present": 4, "undecodable": 2}


def test_a_copy_of_what_is_stored_is_not_decoded_again(tmp_path: Path) -> None:
    ledger = Memory()
    paths = files(tmp_path, b"one", b"one", b"two")
    run(refs_of(paths[0]), Fakes(), context(tmp_path, ledger), Progress())

    class Watch(Fakes):
        def outcomes(self, refs: Iterator[ImageRef], settings: Settings) -> Iterator[ImageOutcome]:
            kept = list(refs)
            assert [r.path for r in kept] == [str(paths[2])]  # the same size as "one", other bytes
            return super().outcomes(iter(kept), settings)

    progress = run(refs_of(*paths[1:]), Watch(), context(tmp_path, ledger), Progress())
    assert counted(progress) == {"no_face": 1, "already_present": 1}


def test_referenced_copied_and_spooled_originals(tmp_path: Path) -> None:
    referenced, copied, spooled = files(tmp_path, b"referenced", b"copied", b"spooled")
    ledger = Memory()
    run(refs_of(referenced), Fakes(), context(tmp_path, ledger), Progress())
    run(refs_of(copied), Fakes(), context(tmp_path, ledger, copy=True), Progress())
    run(refs_of(spooled, spooled=True), Fakes(), context(tmp_path, ledger), Progress())
    found = {s.outcome.ref.path: s for s in ledger.images.values()}
    one = found[str(referenced)]
    assert (one.storage, one.original) == ("referenced", str(referenced))
    for path, data in ((copied, b"copied"), (spooled, b"spooled")):
        stored = found[str(path)]
        sha = hashlib.sha256(data).hexdigest()
        assert (stored.storage, stored.original) == ("stored", f"originals/{sha[:2]}/{sha}.png")
        assert (tmp_path / "w" / stored.original).read_bytes() == data
    assert copied.exists()
    assert referenced.exists()
    assert not spooled.exists()  # the run owned it
    assert (one.detector, one.margin) == ("yunet", 1.5)


@pytest.mark.parametrize("spooled", [False, True])
def test_a_photo_that_changes_while_it_is_copied_is_named_and_the_others_go_on(tmp_path: Path, spooled: bool) -> None:
    class Changing(Fakes):
        def outcomes(self, refs: Iterator[ImageRef], settings: Settings) -> Iterator[ImageOutcome]:
            for outcome in super().outcomes(refs, settings):
                if outcome.ref.path.endswith("1.png"):
                    Path(outcome.ref.path).write_bytes(b"somebody else")
                yield outcome

    ledger = Memory()
    paths = files(tmp_path, b"one", b"two", b"three")
    progress = run(refs_of(*paths, spooled=spooled), Changing(), context(tmp_path, ledger, copy=True), Progress())
    assert counted(progress) == {"no_face": 2, "unavailable": 1}
    names = {path.stem for path in (tmp_path / "w" / "originals").rglob("*") if path.is_file()}
    assert names == {hashlib.sha256(data).hexdigest() for data in (b"one", b"three")} == set(ledger.images)


def test_a_photo_that_vanishes_before_it_is_copied_is_named_and_the_others_go_on(tmp_path: Path) -> None:
    class Vanishing(Fakes):
        def outcomes(self, refs: Iterator[ImageRef], settings: Settings) -> Iterator[ImageOutcome]:
            for outcome in super().outcomes(refs, settings):
                if outcome.ref.path.endswith("1.png"):
                    Path(outcome.ref.path).unlink()
                yield outcome

    ledger = Memory()
    paths = files(tmp_path, b"one", b"two", b"three")
    progress = run(refs_of(*paths), Vanishing(), context(tmp_path, ledger, copy=True), Progress())
    assert counted(progress) == {"no_face": 2, "unavailable": 1}
    assert set(ledger.images) == {hashlib.sha256(data).hexdigest() for data in (b"one", b"three")}


def test_no_spooled_file_stays_whatever_became_of_it(tmp_path: Path) -> None:
    paths = files(tmp_path, b"one", b"one", b"xbad")
    ledger = Memory()
    run(refs_of(*paths, spooled=True), Fakes(), context(tmp_path, ledger), Progress())
    again = files(tmp_path, b"one", b"new", b"one")
    run(refs_of(*again, spooled=True), Fakes(), context(tmp_path, ledger), Progress())
    assert list(tmp_path.glob("*.png")) == []


def test_batches_are_bounded_by_number_and_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = files(tmp_path, *(f"photo {n}".encode() for n in range(10)))
    for name, value in (("BATCH", 4), ("BATCH_SECONDS", 1e9)):
        monkeypatch.setattr(run_module, name, value)
    ledger = Memory()
    run(refs_of(*paths), Fakes(), context(tmp_path, ledger), Progress())
    assert ledger.batches == [4, 4, 2]
    monkeypatch.setattr(run_module, "BATCH_BYTES", 3)  # each outcome weighs two bytes
    ledger = Memory()
    run(refs_of(*paths), Fakes(), context(tmp_path, ledger), Progress())
    assert ledger.batches == [2] * 5


def test_files_are_there_before_their_rows(tmp_path: Path) -> None:
    class Strict(Memory):
        def record(self, batch: Sequence[StoredOutcome]) -> Sequence[Outcome]:
            for stored in batch:
                sha = stored.outcome.sha256
                assert sha is not None
                assert blobs.exists("thumbs", sha, "jpg")
                for face in stored.outcome.faces:
                    assert blobs.exists("crops", face.face_id, "png")
            return super().record(batch)

    ledger = Strict()
    made = context(tmp_path, ledger)
    blobs = made.blobs
    paths = [astronaut(), hopper(), coffee(), *write_heads(tmp_path / "heads", 3)]
    progress = run(refs_of(*paths), SerialExecutor(), made, Progress())
    assert counted(progress) == {"added": 5, "no_face": 1}
    assert progress.faces == 5
    for stored in ledger.images.values():
        hashes = tuple(
            hashlib.sha256(blobs.read("crops", face.face_id, "png")).hexdigest()[:16] for face in stored.outcome.faces
        )
        assert stored.crop_versions == hashes


def test_a_report_that_raises_ends_the_run_and_keeps_what_was_stored(tmp_path: Path) -> None:
    def stop(_progress: Progress) -> None:
        raise StorageError("stop")

    ledger = Memory()
    (tmp_path / "w").mkdir()
    made = RunContext(Settings(), BlobStore(tmp_path / "w"), ledger, report=stop)
    with pytest.raises(StorageError):
        run(refs_of(*files(tmp_path, b"one")), Fakes(), made, Progress())
    assert len(ledger.images) == 1


def test_skipping_tells_its_progress_and_can_be_cancelled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_module, "BATCH_SECONDS", -1)
    paths, ledger, told = files(tmp_path, b"a", b"b", b"c"), Memory(), list[int]()
    run(refs_of(*paths), Fakes(), context(tmp_path, ledger), Progress())

    def report(progress: Progress) -> None:
        told.append(progress.done)
        if progress.done == 2:
            raise InterruptedError("cancelled")

    again = RunContext(Settings(), BlobStore(tmp_path / "w"), ledger, report=report)
    with pytest.raises(InterruptedError):
        run(refs_of(*paths), Fakes(), again, Progress())
    assert told == [0, 1, 2]


def outcome_of(name: str) -> ImageOutcome:
    return ImageOutcome(ImageRef(name, name, 1), Outcome.NO_FACE, verbatim(""))


@given(st.permutations(range(9)))
def test_outcomes_are_stored_in_the_order_of_their_refs(arrival: list[int]) -> None:
    given_ = {(str(n), str(n)): [n] for n in range(9)}
    told = [o.ref.path for o in in_order(iter([outcome_of(str(n)) for n in arrival]), given_)]
    assert told == [str(n) for n in range(9)]


@given(st.permutations(range(9)))
def test_one_slow_photo_holds_back_few(arrival: list[int]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run_module, "MOST_WAITING", 2)
        given_ = {(str(n), str(n)): [n] for n in range(9)}
        told = []
        for seen, outcome in enumerate(in_order(iter([outcome_of(str(n)) for n in arrival]), given_)):
            told.append(int(outcome.ref.path))
            assert seen < len(arrival)
    assert sorted(told) == list(range(9))


def test_a_path_given_twice_has_two_outcomes() -> None:
    told = list(in_order(iter([outcome_of("a"), outcome_of("a")]), {("a", "a"): [0, 1]}))
    assert len(told) == 2


def test_nothing_waits_that_is_next() -> None:
    """What arrives in its order is passed on before the next one is asked for; what came early, with the one before."""
    arrival = [0, 1, 3, 2, 4]
    asked: list[int] = []

    def arriving() -> Iterator[ImageOutcome]:
        for number in arrival:
            asked.append(number)
            yield outcome_of(str(number))

    numbers = {(str(n), str(n)): [n] for n in arrival}
    seen = [(one.ref.path, len(asked)) for one in in_order(arriving(), numbers)]
    assert seen == [("0", 1), ("1", 2), ("2", 4), ("3", 4), ("4", 5)]
