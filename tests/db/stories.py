"""Faces with a history, made of random steps, and what each one's row must say, told another way: in plain Python."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from db.decisions.log import apply_ops
from db.decisions.ops import UndoOp
from db.images import faces, images
from db.projection.filters import ReviewFilter
from db.store.store import Db, Store
from db.tables import provenance
from pipeline.core.metrics import QualityMetrics
from pipeline.core.records import Provenance, Verdict
from tests.db.make import add_images, decide, make_face, make_outcome, new_uuid, sha_of

PEOPLE = ("Ann", "Bob", "rule: small")
LICENCES = {"Ann": "CC BY 4.0", "Bob": "", "rule: small": "CC0 1.0"}
"""What the place of each tells."""
START = datetime(2026, 3, 1, 22, 30, tzinfo=UTC)


def minute(moment: datetime) -> int:
    """Whole minutes since 1970."""
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(minutes=1)


MINUTE = minute(START)
PLAIN = QualityMetrics(100, 50, 0.5, 0.2, 0, 0, 0, 0, 0.9, 0.9, 0.1, 0.6, 0.0)


@dataclass
class Story:
    """One face: its decisions that stand, as (who, verdict, class, minute), oldest first."""

    face: str
    source: int
    proposal: int | None
    drawn: bool = False
    copied: bool = False
    web: dict[str, str] = field(default_factory=dict)
    """The licence that each place on the web told of the photo, the first place first."""
    side: float | None = None
    landmarks: str = "dlib"
    decided: list[tuple[str, str, int | None, int]] = field(default_factory=list)

    def counts(self) -> tuple[str, str, int | None, int] | None:
        """The newest decision of a person; where no person answered, of a rule that rejects by figures."""
        people = [one for one in self.decided if not one[0].startswith("rule:")]
        return (people or self.decided or [None])[-1]

    def passes(self, flt: ReviewFilter) -> bool:
        last = self.counts()
        opinions = {who: (verdict, label) for who, verdict, label, _ in self.decided if not who.startswith("rule:")}
        state = flt.state
        return all(
            [
                state == "all" or (state == "undecided" and last is None) or (last is not None and _in(last, state)),
                flt.source_id in (None, self.source),
                flt.proposal in (None, self.proposal),
                flt.outcome is None
                or {"added": not self.drawn, "no_face": self.drawn, "already_present": self.copied or bool(self.web)}[
                    flt.outcome
                ],
                flt.annotator is None or (last is not None and last[0] == flt.annotator),
                flt.decided_from is None or (last is not None and last[3] >= flt.decided_from),
                flt.decided_to is None or (last is not None and last[3] < flt.decided_to),
                not flt.disagreement or len(set(opinions.values())) > 1,
                flt.licence in (None, next(filter(None, self.web.values()), "unknown")),
                flt.landmarks in (None, self.landmarks),
                not flt.ranges or (self.side is not None and (self.side >= 40) is not flt.outside),
            ]
        )


def _in(last: tuple[str, str, int | None, int], state: str) -> bool:
    if state.startswith("class:"):
        return last[1] == "accept" and f"class:{last[2]}" == state
    return {"accepted": "accept", "rejected": "reject", "unsure": "unsure"}.get(state) == last[1]


STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            ["accept 2", "accept 3", "reject", "unsure", "undo", "measure", "place", "copy", "web", "forget"]
        ),
        st.sampled_from(PEOPLE),
        st.integers(0, 5),
    ),
    max_size=24,
)
"""(what, who, which face)."""
FILTERS = st.builds(
    ReviewFilter,
    state=st.sampled_from(["undecided", "accepted", "rejected", "unsure", "all", "class:2", "class:3"]),
    source_id=st.sampled_from([None, 1, 2]),
    proposal=st.sampled_from([None, 2, 3]),
    ranges=st.sampled_from([(), (("side", 40.0, None),)]),
    outside=st.booleans(),
    outcome=st.sampled_from([None, "added", "no_face", "already_present"]),
    annotator=st.sampled_from([None, *PEOPLE, "Nobody"]),
    decided_from=st.sampled_from([None, MINUTE + 3]),
    decided_to=st.sampled_from([None, MINUTE + 9]),
    disagreement=st.booleans(),
    licence=st.sampled_from([None, None, *filter(None, LICENCES.values()), "unknown", "none"]),
    landmarks=st.sampled_from([None, None, "dlib", "landmarker"]),
)


def made(store: Store, steps: list[tuple[str, str, int]]) -> list[Story]:
    """Six faces in two sources, one of them drawn, and what the steps make of them; a step takes a minute."""
    found = [Story(face, 1, None) for face in add_images(store, ["i0", "i1"])]

    def more(db: Db) -> None:
        source = images.ensure_source(db, "folder", "/y")
        for n, label in ((2, "pout"), (3, "smile"), (4, None)):
            outcome = make_outcome(f"i{n}", proposal=label)
            images.record_outcomes(db, source, None, [outcome])
            found.append(Story(outcome.outcome.faces[0].face_id, source, {"pout": 2, "smile": 3}.get(label or "")))
        images.record_outcomes(db, source, None, [make_outcome("i5", faces=0)])
        face = make_face(sha_of("i5"))
        faces.add_face(db, face, "v")
        found.append(Story(face.face_id, source, None, drawn=True))

    store.write(more)
    for at, (what, who, number) in enumerate(steps):
        store.write(lambda db, w=what, p=who, n=number, m=at: step(db, found, w, p, n, m))
    return found


def step(db: Db, found: list[Story], what: str, who: str, number: int, after: int) -> None:
    story = found[number]
    at = (START + timedelta(minutes=after, seconds=59)).strftime("%Y-%m-%dT%H:%M:%S.123Z")
    if what == "measure":
        story.side = 20.0 + 10 * number
        faces.put_quality(db, story.face, replace(PLAIN, side=story.side))
    elif what == "place":
        story.landmarks = {"dlib": "landmarker", "landmarker": "dlib"}[story.landmarks]
        db.execute("UPDATE faces SET landmark_model = ? WHERE id = ?", [story.landmarks, story.face])
    elif what == "copy":
        story.copied = True
        again = make_outcome(f"i{number}", faces=0 if story.drawn else 1, location=f"/z/{number}.jpg")
        images.record_outcomes(db, 1, None, [again])
    elif what == "web":
        place = f"/w/{number}/{who}.jpg"
        again = make_outcome(f"i{number}", faces=0 if story.drawn else 1, location=place)
        images.record_outcomes(db, 1, None, [again])
        provenance.put(db, 1, place, Provenance("https://img.example/1", licence=LICENCES[who]), at)
        story.web.setdefault(who, LICENCES[who])
    elif what == "forget":
        db.execute("DELETE FROM sightings WHERE location = ?", [f"/w/{number}/{who}.jpg"])
        story.web.pop(who, None)
    elif what == "undo":
        apply_ops(db, who, [UndoOp(new_uuid())], at)
        mine = [(one[3], other) for other in found for one in other.decided if one[0] == who]
        if mine:
            last, other = max(mine, key=lambda pair: pair[0])
            other.decided = [one for one in other.decided if (one[0], one[3]) != (who, last)]
    else:
        verdict, _, label = what.partition(" ")
        class_id = int(label) if label else None
        apply_ops(db, who, [decide(db, story.face, Verdict(verdict), class_id)], at)
        story.decided.append((who, verdict, class_id, MINUTE + after))
