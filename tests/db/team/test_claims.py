from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import settings
from hypothesis import strategies as some
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from db.base.clock import iso_of
from db.decisions.log import apply_ops
from db.projection.facets import facets
from db.projection.filters import ReviewFilter
from db.reads.review import review_page
from db.store.store import Store
from db.tables import audit
from db.tables.annotators import ensure_annotator
from db.tables.consensus_rules import MAJORITY, ConsensusRule, add_change
from db.team import claims, handouts
from db.team.blind import VisibleFaces
from db.team.claims import GRACE_SECONDS, SECONDS, Batch
from pipeline.core.errors import UsageError
from pipeline.core.records import Verdict
from tests.db.fresh import open_fresh
from tests.db.make import add_images, decide

NOW = 1_800_000_000
UNDECIDED = ReviewFilter()


def claim(store: Store, who: str, size: int = 3, now: int = NOW, flt: ReviewFilter = UNDECIDED) -> Batch:
    return store.write(lambda db: claims.claim_next(db, who, flt, size, now))


def answer(
    store: Store, who: str, *faces: str, verdict: Verdict = Verdict.ACCEPT, now: int = NOW, seen: str | None = None
) -> None:
    at = iso_of(now * 1000)
    results = store.write(
        lambda db: apply_ops(db, who, [replace(decide(db, face, verdict), seen=seen) for face in faces], at)
    )
    assert {result.status for result in results} <= {"saved", "differs"}


@pytest.fixture
def faces(store: Store) -> list[str]:
    return add_images(store, [f"photo {n}" for n in range(10)])


def test_two_people_never_get_the_same_undecided_face(store: Store, faces: list[str]) -> None:
    ann, ben = claim(store, "Ann"), claim(store, "Ben")
    assert (ann.faces, ben.faces) == (tuple(faces[:3]), tuple(faces[3:6]))
    assert (ann.answered, ann.seconds_left, ann.handout) == (0, SECONDS, None)
    answer(store, "Ann", *faces[:3])
    assert claim(store, "Ann").faces == tuple(faces[6:9])
    assert claim(store, "Cy").faces == (faces[9],)
    nothing = claim(store, "Dee")
    assert (nothing.id, nothing.faces) == ("", ())


def test_a_batch_comes_in_the_order_and_filter_chosen(store: Store, faces: list[str]) -> None:
    more = add_images(store, ["a", "b"], source="/another")
    assert claim(store, "Ann", flt=ReviewFilter(source_id=2)).faces == tuple(more)
    answer(store, "Ben", faces[4], faces[2], verdict=Verdict.REJECT)
    assert claim(store, "Cy", flt=ReviewFilter(state="rejected")).faces == (faces[2], faces[4])
    assert claim(store, "Ben", flt=ReviewFilter(state="rejected")).faces == ()  # their own answers
    with pytest.raises(UsageError):
        claim(store, "Ann", flt=ReviewFilter(order="beauty"))


def test_an_expired_claim_comes_back_and_its_person_is_told(store: Store, faces: list[str]) -> None:
    ann = claim(store, "Ann")
    late = NOW + SECONDS
    assert claim(store, "Ben", now=late - 1).faces == tuple(faces[3:6])
    assert store.read(lambda db: claims.batch_of(db, "Ann", ann.id, late - 1)) is not None
    assert store.read(lambda db: claims.batch_of(db, "Ann", ann.id, late)) is None
    assert not store.write(lambda db: claims.renew(db, "Ann", ann.id, late))  # told, also before anybody took them
    assert claim(store, "Cy", now=late).faces == tuple(faces[:3])
    assert not store.write(lambda db: claims.renew(db, "Ann", ann.id, late + 1))


def test_a_living_page_keeps_its_claim(store: Store, faces: list[str]) -> None:
    ann, now = claim(store, "Ann"), NOW
    for _ in range(5):
        now += SECONDS - 1
        assert store.write(lambda db, at=now: claims.renew(db, "Ann", ann.id, at))
    assert claim(store, "Ben", now=now).faces == tuple(faces[3:6])
    assert not store.write(lambda db: claims.renew(db, "Ben", ann.id, now))  # it is Ann's


def test_a_page_that_was_left_keeps_it_for_a_minute(store: Store, faces: list[str]) -> None:
    ann = claim(store, "Ann")
    assert store.write(lambda db: claims.renew(db, "Ann", ann.id, NOW + 5, GRACE_SECONDS))
    assert store.write(lambda db: claims.renew(db, "Ann", ann.id, NOW + 6))  # reloaded
    assert store.write(lambda db: claims.renew(db, "Ann", ann.id, NOW + 7, GRACE_SECONDS))
    assert claim(store, "Ben", now=NOW + 7 + GRACE_SECONDS).faces == tuple(faces[:3])


def test_a_batch_is_given_back(store: Store, faces: list[str]) -> None:
    ann = claim(store, "Ann")
    answer(store, "Ann", faces[0])
    assert store.write(lambda db: claims.release(db, "Ann", ann.id)) == 2
    assert claim(store, "Ben").faces == tuple(faces[1:4])
    assert store.write(lambda db: claims.release(db, "Ann", ann.id)) == 0


def test_a_second_batch_gives_back_what_was_not_answered_of_the_first(store: Store, faces: list[str]) -> None:
    first = claim(store, "Ann")
    answer(store, "Ann", faces[1])
    assert claim(store, "Ann").faces == (faces[0], faces[2], faces[3])
    assert store.read(lambda db: claims.batch_of(db, "Ann", first.id, NOW)) is None


def test_a_batch_tells_how_far_it_is_and_drops_what_others_decided(store: Store, faces: list[str]) -> None:
    ann = claim(store, "Ann")
    answer(store, "Ann", faces[0], now=NOW + 1)
    answer(store, "Ben", faces[1], now=NOW + 2)  # roaming freely, knowingly
    found = store.read(lambda db: claims.batch_of(db, "Ann", ann.id, NOW + 3))
    assert found is not None
    assert (found.faces, found.answered) == ((faces[0], faces[2]), 1)
    assert store.read(lambda db: claims.batch_of(db, "Ben", ann.id, NOW + 3)) is None
    assert store.read(lambda db: claims.batch_of(db, "Ann", "no batch", NOW + 3)) is None


def test_claims_of_others_are_told_by_name_while_they_are_not_answered(store: Store, faces: list[str]) -> None:
    claim(store, "Ann")
    answer(store, "Ann", faces[1])
    told = store.read(lambda db: claims.claimed_by_others(db, "Ben", faces, NOW))
    assert told == {faces[0]: "Ann", faces[2]: "Ann"}
    assert store.read(lambda db: claims.claimed_by_others(db, "Ann", faces, NOW)) == {}
    assert store.read(lambda db: claims.claimed_by_others(db, "Ben", faces, NOW + SECONDS)) == {}


def test_a_change_of_claims_is_seen_without_reading_them(store: Store, faces: list[str]) -> None:
    assert store.read(lambda db: claims.state_of_claims(db, NOW)) == ("", None)
    ann = claim(store, "Ann")
    first = store.read(lambda db: claims.state_of_claims(db, NOW))
    assert first[1] == NOW + SECONDS
    store.write(lambda db: claims.renew(db, "Ann", ann.id, NOW + 9))
    assert store.read(lambda db: claims.state_of_claims(db, NOW + 9))[0] == first[0]
    claim(store, "Ann", now=NOW)  # another batch, in the very second of the first
    assert store.read(lambda db: claims.state_of_claims(db, NOW))[0] not in ("", first[0])
    claim(store, "Ben", now=NOW + 9)
    assert store.read(lambda db: claims.state_of_claims(db, NOW + 9))[0] not in ("", first[0])
    assert store.read(lambda db: claims.state_of_claims(db, NOW + 9 + SECONDS)) == ("", None)


def test_a_claim_is_in_the_audit(store: Store, faces: list[str]) -> None:
    ann = claim(store, "Ann")
    (row,) = store.read(lambda db: list(audit.rows(db)))
    assert (row.annotator, row.action, row.params) == ("Ann", "claim", {"batch": ann.id, "faces": 3})


def test_what_was_handed_out_comes_first_and_to_nobody_else(store: Store, faces: list[str]) -> None:
    theirs = add_images(store, ["a", "b", "c", "d"], source="/pout")
    claim(store, "Ann", 1)  # known from now on
    store.write(lambda db: claims.release(db, "Ann", ""))
    number = store.write(lambda db: handouts.hand_out(db, {"source": "2"}, "Ann", "Lee"))
    ben = claim(store, "Ben", 20)
    assert set(ben.faces) == set(faces[1:])  # the first is before Ann
    ann = claim(store, "Ann", 3)
    assert ann.faces == tuple(theirs[:3])
    assert ann.handout is not None
    assert ann.handout.id == number
    answer(store, "Ann", *theirs)
    assert claim(store, "Ann", 3).faces == (faces[0],)


def test_a_face_that_wants_more_opinions_goes_to_as_many_people(store: Store, faces: list[str]) -> None:
    store.write(lambda db: db.execute("INSERT INTO second_opinions VALUES (?, 2, 'share', '')", [faces[0]]) and None)
    assert claim(store, "Ann").faces == tuple(faces[:3])
    assert claim(store, "Ben").faces == (faces[0], faces[3], faces[4])
    assert claim(store, "Cy").faces == tuple(faces[5:8])


def test_a_search_tells_nothing_of_a_face_that_wants_more_opinions(store: Store, faces: list[str]) -> None:
    """A source may be called like a class: neither the list, its counts nor a batch of it leads to a blind face."""
    theirs = add_images(store, ["a", "b", "c"], source="/smile")
    store.write(lambda db: db.execute("INSERT INTO second_opinions VALUES (?, 2, 'share', '')", [theirs[1]]) and None)
    of_source = ReviewFilter(source_id=2)

    def listed(who: str) -> tuple[str, ...]:
        found = store.read(lambda db: review_page(db, replace(of_source, state="all"), 9, faces=VisibleFaces(db, who)))
        return tuple(item.face_id for item in found.items)

    def counted(who: str) -> int:
        by = store.read(lambda db: facets(db, ReviewFilter(state="all"), ("source",), VisibleFaces(db, who)))
        return by.of["source"]["2"]

    assert claim(store, "Ann", 9, flt=of_source).faces == (theirs[0], theirs[2])
    assert listed("Ann") == (theirs[0], theirs[2])
    assert counted("Ann") == 2
    assert theirs[1] in claim(store, "Ann", 99).faces, "it is claimed without a filter"
    for who in ("Ann", "Ben"):
        answer(store, who, theirs[1])
    assert listed("Ann") == tuple(theirs)
    assert counted("Ann") == 3


def test_a_face_that_waits_for_a_quorum_goes_to_another_person_later(store: Store, faces: list[str]) -> None:
    store.write(lambda db: [ensure_annotator(db, "Lee"), add_change(db, ConsensusRule(MAJORITY, quorum=2), "Lee")])
    ann = claim(store, "Ann", 2)
    answer(store, "Ann", *ann.faces)
    assert claim(store, "Ben", 3).faces == tuple(faces[:3])
    assert claim(store, "Ann", 3).faces == tuple(faces[3:6])  # not what waits for others


class Queues(RuleBasedStateMachine):
    """Whatever people do in whatever order: no live claim of a face by two, none of one that its person answered."""

    people = Bundle("people")

    @initialize()
    def begin(self) -> None:
        import tempfile
        from pathlib import Path

        self.folder = tempfile.TemporaryDirectory()
        self.store = open_fresh(Path(self.folder.name) / "w")
        self.faces = add_images(self.store, [f"photo {n}" for n in range(12)])
        self.now = NOW
        self.held: dict[str, tuple[Batch, int]] = {}
        self.decided: set[str] = set()

    @rule(who=some.sampled_from("ABC"), size=some.integers(1, 6))
    def next(self, who: str, size: int) -> None:
        batch = claim(self.store, who, size, self.now)
        expected = [f for f in self.faces if f not in self.decided and f not in self.held_by_others(who)][:size]
        assert list(batch.faces) == expected
        self.held.pop(who, None)
        if batch.id:
            self.held[who] = (batch, self.now + SECONDS)

    @rule(who=some.sampled_from("ABC"), at=some.integers(0, 11))
    def decides(self, who: str, at: int) -> None:
        if self.faces[at] not in self.decided:
            answer(self.store, who, self.faces[at], now=self.now)
            self.decided.add(self.faces[at])

    @rule(who=some.sampled_from("ABC"))
    def renews(self, who: str) -> None:
        if who in self.held:
            batch, until = self.held[who]
            alive = self.store.write(lambda db: claims.renew(db, who, batch.id, self.now))
            assert alive == (until > self.now)
            if alive:
                self.held[who] = (batch, self.now + SECONDS)

    @rule(seconds=some.sampled_from([1, 60, SECONDS - 1, SECONDS]))
    def time_passes(self, seconds: int) -> None:
        self.now += seconds

    def held_by_others(self, who: str) -> set[str]:
        live = [batch.faces for name, (batch, until) in self.held.items() if name != who and until > self.now]
        return {face for faces in live for face in faces}

    @invariant()
    def nobody_has_a_face_of_another(self) -> None:
        if not hasattr(self, "store"):
            return
        live = [batch.faces for batch, until in self.held.values() if until > self.now]
        open_faces = [face for faces in live for face in faces if face not in self.decided]
        assert len(open_faces) == len(set(open_faces))
        told = self.store.read(lambda db: claims.claimed_by_others(db, "Zoe", self.faces, self.now))
        assert set(told) == set(open_faces)

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.store.close()
            self.folder.cleanup()


TestQueues = Queues.TestCase
TestQueues.settings = settings(max_examples=25, stateful_step_count=20, deadline=None)
