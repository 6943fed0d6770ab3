"""Plans an export: which of the accepted faces leave, the split of each, and what stands against it."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from pipeline.core.errors import ExportError
from pipeline.core.messages import Message, message
from pipeline.core.names import find_name, name_key
from pipeline.core.records import ExportItem
from pipeline.export.agreed import ALL_AGREED, Agreed
from pipeline.export.attribution import licence_of
from pipeline.export.formats.content import ExportRow, picture_name, written_names
from pipeline.export.formats.registry import chosen as chosen_formats
from pipeline.export.formats.registry import place_of
from pipeline.export.options import LEAST_SIZE, MOST_SIZE, USUAL, ExportOptions
from pipeline.export.placements import Placement, assign_placed, to_remember
from pipeline.export.selecting.difference import Figures
from pipeline.export.selecting.selection import is_by_people, is_seen, select
from pipeline.export.split import DEFAULT_PLAN, Moved, Split, SplitPlan


@dataclass(frozen=True, slots=True)
class ExportPlan:
    """What would be written. problems: why it is refused; empty where it can be written.

    under_others: accepted faces of photos under other licences than those asked for, by licence. left_out: of the
    rest, those whose crop is below the least side. confirmed: those that a page confirmed, where they are not wanted.
    moved: groups that are not where they were placed or their hash says. placements: what its line has to remember.
    """

    rows: tuple[ExportRow, ...]
    class_names: tuple[str, ...]
    split_plan: SplitPlan
    counts: Mapping[Split, Mapping[str, int]]
    problems: tuple[Message, ...]
    options: ExportOptions = USUAL
    left_out: int = 0
    under_others: Mapping[str, int] = field(default_factory=dict)
    agreed: Agreed = ALL_AGREED
    confirmed: int = 0
    moved: tuple[Moved, ...] = ()
    placements: Mapping[str, Split] = field(default_factory=dict)
    known: Mapping[str, Split] = field(default_factory=dict)  # what the line remembered before
    disagreed: int = 0  # left out because people agree too little on them
    surplus: int = 0  # left out because their class would have too many
    by_rules: int = 0  # left out because a rule decided them
    unseen: int = 0  # left out because they had not been on the screen


def plan(
    items: Sequence[ExportItem],
    class_names: Sequence[str],
    split_plan: SplitPlan = DEFAULT_PLAN,
    options: ExportOptions = USUAL,
    agreed: Agreed = ALL_AGREED,
    placements: Sequence[Placement] = (),
    *,
    line: str = "",
    figures: Figures | None = None,
) -> ExportPlan:
    """Assign a split and a name to each item. Two faces of one group never straddle splits. items: rejected ones stay
    out where they are to be no class of their own. placements: of earlier releases of the line, see `split.assign`.
    figures: see `selection.select`. Raises ExportError."""
    if options.size is not None and not LEAST_SIZE <= options.size <= MOST_SIZE:
        raise ExportError(message("export_size", least=LEAST_SIZE, most=MOST_SIZE, size=options.size))
    options.pictures.check()
    items, class_names = _with_rejects(items, class_names, options.rejects_as)
    items, under_others = _under(items, options.licences)
    everything = len(items)
    people_only = options.selection.people_only
    items = [i for i in items if not ((options.without_confirmed or people_only) and i.confirmed)]
    not_confirmed = len(items)
    items = [i for i in items if is_seen(i, options.selection)]
    seen = len(items)
    items = [i for i in items if not people_only or is_by_people(i)]
    asked_for = len(items)
    items = [i for i in items if min(i.crop.width, i.crop.height) >= options.min_side]
    large_enough = len(items)
    selected = select(items, options.selection, split_plan.seed, figures)
    items = _of_line(selected.items, line)
    labels: dict[str, list[str]] = defaultdict(list)
    for item in items:
        labels[item.group].append(item.label)
    assigned = assign_placed(labels, split_plan, placements)
    splits = assigned.splits
    formats = chosen_formats(options.formats, split_plan.splits)
    place, once = place_of(formats), options.pictures.content == "photo" and formats[0].boxes
    written = written_names(sorted({i.label for i in items}), options.course_order)
    rows = [
        ExportRow(place(split, written[i.label], picture_name(i, options.pictures.suffix, once=once)), split, i)
        for i, split in ((i, splits[i.group]) for i in items)
    ]
    counts: dict[Split, Counter[str]] = {s: Counter(dict.fromkeys(class_names, 0)) for s in split_plan.splits}
    for row in rows:
        counts[row.split][row.item.label] += 1
    rows.sort(key=lambda r: (r.file, r.item.face_id))
    problems = _problems(items, class_names, counts, options.rejects_as)
    remembered = to_remember(((r.item.image_sha256, r.item.group, r.split) for r in rows), placements)
    return ExportPlan(
        tuple(rows), tuple(class_names), split_plan, counts, problems, options,
        asked_for - large_enough, under_others, agreed, everything - not_confirmed, assigned.moved, remembered,
        {one.image: one.split for one in placements}, selected.disagreed, selected.surplus,
        seen - asked_for, not_confirmed - seen,
    )  # fmt: skip


def _with_rejects(
    items: Sequence[ExportItem], class_names: Sequence[str], rejects_as: str
) -> tuple[Sequence[ExportItem], Sequence[str]]:
    """Rejected faces under the name of their class, which comes last; without them where it has none. Raises
    ExportError for a name that a class has."""
    if not rejects_as:
        return [i for i in items if not i.rejected], class_names
    if find_name(rejects_as, [*class_names, *(i.label for i in items)]) is not None:
        raise ExportError(message("export_rejects_class", name=rejects_as))
    return [replace(i, label=rejects_as) if i.rejected else i for i in items], [*class_names, rejects_as]


def _of_line(items: Sequence[ExportItem], line: str) -> list[ExportItem]:
    """With persons by numbers that only this line has: two data sets do not tell together who is on both."""
    numbers = {
        person: hashlib.sha256(f"{line}\0{person}".encode()).hexdigest()[:16]
        for person in {item.person for item in items if item.person}
    }
    return [replace(item, person=numbers[item.person]) if item.person else item for item in items]


def _under(items: Sequence[ExportItem], licences: Collection[str]) -> tuple[Sequence[ExportItem], dict[str, int]]:
    """The items of photos under these licences, and the number of the others by theirs; all where none are named."""
    if not licences:
        return items, {}
    wanted = {name_key(licence) for licence in licences}
    others = Counter(licence for licence in map(licence_of, items) if name_key(licence) not in wanted)
    return [i for i in items if name_key(licence_of(i)) in wanted], dict(sorted(others.items()))


def _problems(
    items: Sequence[ExportItem], class_names: Sequence[str], counts: Mapping[Split, Mapping[str, int]], rejects_as: str
) -> tuple[Message, ...]:
    if not class_names:
        return (message("export_no_classes"),)
    stray = Counter(item.label for item in items if item.label not in class_names)
    found = [message("export_archived_class", name=name, n=number) for name, number in sorted(stray.items())]
    for name in class_names:
        photos = len({item.group for item in items if item.label == name})
        faces = sum(by_class[name] for by_class in counts.values())
        if name == rejects_as and photos < len(counts):
            found.append(message("export_rejects_few", name=name, n=photos, splits=len(counts)))
        elif photos < 2:
            code = "export_class_one_photo" if faces else "export_class_empty"
            found.append(message(code, name=name))
        elif photos < len(counts):
            found.append(message("export_class_few_photos", name=name, n=photos, splits=len(counts)))
        else:
            found += [message("export_class_not_in_split", name=name, split=s) for s in counts if not counts[s][name]]
    return tuple(found)
