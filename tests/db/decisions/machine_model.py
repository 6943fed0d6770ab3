"""The store as plain Python lists say it should be, written from the promises and not from the SQL."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field

from pipeline.core.records import Verdict


@dataclass(eq=False)
class Entry:
    """One decision. number: its place in the log; several may have one: a step."""

    number: int
    who: str
    step: str
    face: str
    verdict: str
    class_id: int | None
    reason: str | None
    key: str = ""
    undone: bool = False
    unseen: Entry | None = None
    kind: str = ""

    @property
    def says(self) -> tuple[str, int | None]:
        return self.verdict, self.class_id


@dataclass(eq=False)
class Taken:
    """An undo that may be redone. number: its place in the log."""

    number: int
    entries: list[Entry]


def knowing(entries: list[Entry]) -> list[Entry]:
    """Those that overruled nobody unseen who still stands by it; all of them where none did."""
    return [entry for entry in entries if entry.unseen is None or entry.unseen.undone] or entries


@dataclass
class Model:
    """images: face ids by SHA-256, of the images and faces that are there. sides: of the faces that were measured."""

    images: dict[str, list[str]]
    sides: dict[str, float]
    classes: set[int] = field(default_factory=lambda: {1, 2, 3, 4})
    log: list[Entry] = field(default_factory=list)
    stacks: dict[str, list[Taken]] = field(default_factory=dict)
    empty: int = 0
    clock: int = 0
    rule_on: bool = False
    rules: list[tuple[str, int]] = field(default_factory=lambda: [("latest", 1)])
    wanted: dict[str, int] = field(default_factory=dict)

    def copy(self) -> Model:
        return copy.deepcopy(self)

    # ---- what is so
    def faces(self) -> list[str]:
        return [face for faces in self.images.values() for face in faces]

    def standing(self, face: str) -> list[Entry]:
        return [entry for entry in self.log if entry.face == face and not entry.undone]

    def answers(self, face: str) -> dict[str, Entry]:
        """What each person said last and did not take back."""
        said = [entry for entry in self.standing(face) if not entry.kind and not entry.who.startswith("rule:")]
        return {entry.who: entry for entry in said}

    def counts(self, face: str) -> Entry | None:
        return self.consensus(face)[0]

    def consensus(self, face: str) -> tuple[Entry | None, str, bool]:
        """What counts, else why nothing does although people answered; and whether it was adjudicated."""
        rule, quorum = self.rules[-1]
        people = sorted(self.answers(face).values(), key=lambda entry: entry.number)
        ends = [entry for entry in self.standing(face) if entry.kind]
        if ends and rule != "latest":
            return knowing(ends)[-1], "", True
        if not people and not ends:
            return ([None, *self.standing(face)])[-1], "", False
        if not ends and len(people) < self.wanted.get(face, 0):
            return None, "opinion", False
        if rule == "latest":
            newest = knowing(sorted([*people, *ends], key=lambda entry: entry.number))[-1]
            return newest, "", bool(newest.kind)
        if len(people) < quorum:
            return None, "quorum", False
        said = [entry.says for entry in people]
        most = max(said.count(one) for one in said)
        first = {one for one in said if said.count(one) == most}
        if len(first) > 1 or (rule == "adjudicated" and most < len(said)):
            return None, "tie" if rule == "majority" else "dispute", False
        return [entry for entry in people if entry.says in first][-1], "", False

    def tick(self) -> int:
        self.clock += 1
        return self.clock

    # ---- what people do
    def decide(
        self,
        who: str,
        step: str,
        face: str,
        says: tuple[Verdict, int | None, str | None],
        seen: str | None,
        key: str,
        kind: str = "",
    ) -> str:
        """The status that must be answered."""
        verdict, class_id, reason = says
        if face not in self.faces() or (verdict is Verdict.ACCEPT and class_id not in self.classes):
            return "refused"
        now = self.met(face, who, (str(verdict), class_id), kind)
        met = now if now and seen is not None and now.key != seen else None
        self.log.append(Entry(self.tick(), who, step, face, str(verdict), class_id, reason, key, unseen=met, kind=kind))
        self.stacks[who] = []
        return "differs" if met else "saved"

    def met(self, face: str, who: str, says: tuple[str, int | None], kind: str) -> Entry | None:
        """What counts, where it is another person's and says otherwise."""
        now, _, adjudicated = self.consensus(face)
        if now is None or now.who == who or now.who.startswith("rule:") or now.says == says:
            return None
        return None if kind and not adjudicated else now

    def undo(self, who: str, step: str | None = None) -> set[str]:
        """The faces that it is about."""
        mine = [entry for entry in self.log if entry.who == who and not entry.undone]
        if not mine:
            return set()
        wanted = mine[-1].step if step is None else step
        taken = [entry for entry in mine if entry.step == wanted]
        for entry in taken:
            entry.undone = True
        if taken:
            self.stacks.setdefault(who, []).append(Taken(self.tick(), taken))
        return {entry.face for entry in taken}

    def redo(self, who: str, step: str, *, gives_way: bool) -> tuple[str, list[Entry]]:
        """The status that must be answered, and the decisions that are made anew."""
        stack = self.stacks.get(who, [])
        if not stack:
            return "saved", []
        taken = stack.pop()
        made: list[Entry] = []
        for old in taken.entries:
            if old.face not in self.faces() or (old.verdict == "accept" and old.class_id not in self.classes):
                continue
            now = self.met(old.face, who, old.says, old.kind) if gives_way else None
            met = now if now and now.number > taken.number else None
            then = old.unseen if old.unseen and not old.unseen.undone else None  # it still was not seen
            new = Entry(self.tick(), who, step, old.face, *old.says, old.reason, unseen=met or then, kind=old.kind)
            self.log.append(new)
            made.append(new)
        if not made:
            return "refused", made
        return "saved" if any(new.unseen is None for new in made) else "differs", made

    # ---- the rule that rejects faces below 60 pixels
    def apply_rule(self, who: str) -> None:
        if self.rule_on:
            for face in self.faces():
                if not self.standing(face) and self.sides.get(face, 99) < 60:
                    self.log.append(Entry(self.tick(), who, "rule", face, "reject", None, "too_small"))
            for entry in self.log:
                passes = entry.face in self.faces() and self.sides.get(entry.face, 99) >= 60
                entry.undone |= entry.who == who and passes
        else:
            for entry in self.log:
                entry.undone |= entry.who == who

    # ---- the workspace
    def may_archive(self, class_id: int) -> bool:
        used = {entry.class_id for face in self.faces() if (entry := self.counts(face)) and entry.verdict == "accept"}
        return class_id in self.classes and class_id not in used and len(self.classes) > 1

    def replace_faces(self, sha256: str, new: str) -> None:
        """Faces that nobody decided on go."""
        self.images[sha256] = [*(face for face in self.images[sha256] if self.standing(face)), new]
