"""What a page shows of an export before it is written: counts and words of a plan, without its faces.

A plan of 100,000 faces is made beside the server (`pipeline.actions.release.beside`); this is what comes back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from pipeline.core.messages import Message, message_of
from pipeline.core.records import ExportItem
from pipeline.export import moves
from pipeline.export.attribution import licence_of
from pipeline.export.export import ExportPlan
from pipeline.export.selecting.selection import is_by_people
from pipeline.export.split import Split, SplitPlan

MOST_MOVES: Final = 500
"""Photos that a page names, one by one."""


@dataclass(frozen=True, slots=True)
class Offered:
    """What an export's options offer: it depends on the accepted faces and the name, not on what is chosen.

    placed: photos that releases of the name have placed. by_page: faces that a page confirmed. unseen: that were not on
    the screen. not_by_people: whether there is one that no person decided for itself. differ: whether people differ on
    one. licences: faces by licence.
    """

    class_names: tuple[str, ...]
    placed: int
    by_page: int
    unseen: int
    not_by_people: bool
    differ: bool
    licences: Mapping[str, int]

    @classmethod
    def of(cls, items: Sequence[ExportItem], class_names: Sequence[str], placed: int) -> Offered:
        """items: rejected ones are passed over."""
        here = [item for item in items if not item.rejected]
        return cls(
            tuple(class_names), placed,
            sum(bool(item.confirmed) for item in here),
            sum(item.off_screen for item in here),
            any(item.off_screen or not is_by_people(item) for item in here),
            any(item.agreement is not None and item.agreement < 1 for item in here),
            dict(Counter(map(licence_of, here))),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class MovedPhoto:
    """A photo, by its name, that leaves the split where an earlier release has it."""

    photo: str
    before: Split
    after: Split
    why: Message


@dataclass(frozen=True, slots=True)
class Preview:
    """As in `ExportPlan`, and: crops: how many would be written. moved_new: photos that are not where their hash says
    and were never placed. moved_placed: that leave their split; `moved` has the first of them."""

    crops: int
    class_names: tuple[str, ...]
    split_plan: SplitPlan
    counts: Mapping[Split, Mapping[str, int]]
    problems: tuple[Message, ...]
    left_out: int
    under_others: Mapping[str, int]
    confirmed: int
    disagreed: int
    surplus: int
    by_rules: int
    unseen: int
    moved_new: int
    moved_placed: int
    moved: tuple[MovedPhoto, ...]

    @classmethod
    def of(cls, plan: ExportPlan) -> Preview:
        """Of a whole plan."""
        placed = moves.placed(plan.moved)
        shown = placed[:MOST_MOVES]
        named = {one.group for one in shown}
        names = moves.names_of_groups(row.item for row in plan.rows if row.item.group in named)
        return cls(
            len(plan.rows), plan.class_names, plan.split_plan,
            {split: dict(by_class) for split, by_class in plan.counts.items()}, plan.problems,
            plan.left_out, plan.under_others, plan.confirmed, plan.disagreed, plan.surplus, plan.by_rules, plan.unseen,
            len(plan.moved) - len(placed), len(placed),
            tuple(MovedPhoto(names[one.group], one.before, one.after, moves.why(one)) for one in shown),
        )  # fmt: skip


def offered_to_json(offered: Offered) -> dict[str, Any]:
    """`offered_of` makes an equal one."""
    return asdict(offered)


def offered_of(said: Mapping[str, Any]) -> Offered:
    """Raises KeyError and TypeError for what is none."""
    return Offered(**{**said, "class_names": tuple(said["class_names"])})


def preview_to_json(preview: Preview) -> dict[str, Any]:
    """`preview_of` makes an equal one."""
    plain = {name: getattr(preview, name) for name in Preview.__slots__}
    moved = [(one.photo, one.before, one.after, _to_json(one.why)) for one in preview.moved]
    return plain | {
        "split_plan": preview.split_plan.params, "problems": [_to_json(one) for one in preview.problems], "moved": moved
    }  # fmt: skip


def preview_of(said: Mapping[str, Any]) -> Preview:
    """Raises KeyError, TypeError and ValueError for what is none."""
    return Preview(**{
        **said,
        "class_names": tuple(said["class_names"]),
        "split_plan": SplitPlan.of(**said["split_plan"]),
        "problems": tuple(_message(one) for one in said["problems"]),
        "moved": tuple(MovedPhoto(photo, before, after, _message(why)) for photo, before, after, why in said["moved"]),
    })  # fmt: skip


def _to_json(message: Message) -> list[Any]:
    return [message.text, message.code, message.json_params()]


def _message(said: Sequence[Any]) -> Message:
    text, code, params = said
    return message_of(str(text), code, params)
