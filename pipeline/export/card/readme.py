"""README.md of a release: its contents, counts, pictures, sources, gaps, how to load it and restrictions of use."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from pipeline.core.names import UNKNOWN_LICENCE
from pipeline.export.card.contact_sheet import sheet_link
from pipeline.export.card.facts import NO_FACTS, CardFacts
from pipeline.export.card.gaps import known_gaps
from pipeline.export.card.layouts import layout_lines, layout_loaders
from pipeline.export.moves import placed, why
from pipeline.export.pictures.options import AS_REVIEWED, FACE_MARGIN, PictureOptions, Shows
from pipeline.export.split import Moved, Split, SplitPlan

MOST_NAMED: Final = 100
"""Moves that a card tells one by one."""
_UNSEEN: Final = "What was decided for a page at once, while it was not on the screen, was left out."
MARK: Final = "<!-- written by Moue: a mouth-expression data set -->"


def dataset_card(
    counts: Mapping[Split, Mapping[str, int]],
    split_plan: SplitPlan,
    size: int | None = None,
    min_side: int = 0,
    licences: Collection[str] = (),
    *,
    attribution: bool = False,
    consensus: str = "",
    waiting: Mapping[str, int] | None = None,
    without_confirmed: bool = False,
    only_seen: bool = False,
    moved: Sequence[Moved] = (),
    facts: CardFacts = NO_FACTS,
    sheets: Collection[str] = (),
    pictures: PictureOptions = AS_REVIEWED,
    formats: Sequence[str] = (),
) -> str:
    """The card as Markdown; it depends on its arguments alone.

    size, min_side, licences, without_confirmed, pictures, formats: see `export.options.ExportOptions`. attribution:
    whether photos are from the web, and `attribution.csv` says from where. consensus, waiting: see `agreed.Agreed`.
    only_seen: see `selection.Selection`. moved: see `split.Assigned`. sheets: the classes that have a contact sheet.
    """
    smallest = (
        f"\n- Crops whose side has fewer than {min_side} pixels of the original were left out." if min_side else ""
    )
    from_web = (
        "\n- `attribution.csv`: for each file from the web its address, page, author and licence, as far as told."
        if attribution
        else ""
    )
    confirmed = "\n- What was confirmed by page, not face by face, was left out." if without_confirmed else ""
    confirmed += f"\n- {_UNSEEN}" if only_seen else ""
    agreed = _agreed(consensus, waiting or {})
    splits = split_plan.splits
    names = sorted(counts[splits[0]])
    rows = "".join(f"| {name} | {' | '.join(f'{counts[s][name]:,}' for s in splits)} |\n" for name in names)
    totals = f"| all | {' | '.join(f'{sum(counts[s].values()):,}' for s in splits)} |\n"
    layout = "".join(f"- {line}{_NEWLINE}" for line in layout_lines(formats, splits, pictures.suffix))
    return f"""{MARK}
# Mouth expressions

{_shown(pictures, size)}

| class | {" | ".join(splits)} |
|---|{"---:|" * len(splits)}
{rows}{totals}{_pictured(sheets)}
## What is in it

{layout}- `classes.txt`: the class names in the order in which such a loader numbers them.
- `manifest.csv`: for each file its split, class, face, photo (SHA-256 of the original bytes), group, bounding box and
  crop, in pixels of the upright original (crop_angle: degrees by which it was turned; border: what was
  done with a square that stuck out of the photo, pushed inside or filled by reflection or with black; filled: the share
  of the file that is not photo, 0 to 1; consensus: the rule by which the class was agreed on; confirmed:
  where a page of suggestions was confirmed at once, the suggester, its version and the probability).{from_web}{agreed}
- Split: {_split(split_plan)}, seed {split_plan.seed}. A photo stays where earlier releases of this name
  have it, and a new one goes where its hash says; then as few as need be were moved so that each class has its share.
  All faces of a photo share its split, and so do copies and near copies of it, the frames of one video, and photos of
  a person where Moue was told of one.{_moves(moved)}{smallest}{_under(licences)}{confirmed}
- File names: the first 16 hex digits of the photo's SHA-256, then the first 8 of the face's id.
- `croissant.json`: the same for machines (Croissant 1.0). `release.json`: the SHA-256 of each file, and what the
  release was made of; `python -m pipeline release verify` of this folder proves it.

## Where it is from
{_sources(facts, pictures.content)}
## Known gaps

{"".join(f"- {_plain(gap)}{_NEWLINE}" for gap in known_gaps(counts, facts))}
## Loading it
{_loading(formats, splits)}
## Use and removal

{_placed_with(facts)} The
rights in the photos stay with their owners; people can be recognised by their mouths: share with care.

Is this you, or your photo, and you want it out? Name the file to whoever gave you this data set. `manifest.csv` has the
photo of each file (`image_sha256`); `python -m pipeline erase SHA256` takes it and all that was made of it out for
good, and the next release is without it. Whoever holds a copy of this one deletes the file:
`python -m pipeline release diff` of the two names it.
"""


_NEWLINE: Final = "\n"
_MOST_NAMED: Final = 8


def _pictured(sheets: Collection[str]) -> str:
    links = "".join(f"\n![{_plain(name)}]({sheet_link(name)})\n" for name in sorted(sheets))
    return f"\n{links}" if links else ""


def _sources(facts: CardFacts, content: Shows) -> str:
    if not facts.photos:
        return ""
    least, middle, largest = facts.sides
    web = facts.photos - facts.own
    what = "Photos" if content == "photo" else "Crops"
    said = [f"{facts.photos:,} photos: {web:,} from the web, {facts.own:,} from elsewhere.",
            f"{what} of {least:,} to {largest:,} pixels a side, half of them at least {middle:,}."]  # fmt: skip
    if facts.websites:
        said.append(f"Websites, photos of each: {_counted(facts.websites)}.")
    said.append(f"Licences, as they were told: {_counted(facts.licences)}.")
    return "\n" + "".join(f"- {one}\n" for one in said)


def _placed_with(facts: CardFacts) -> str:
    """What placed the crops, and what its licence leaves out."""
    dlib = "dlib's 68-point predictor, trained on iBUG 300-W, whose licence excludes commercial use"
    mesh = "the Face Landmarker (Apache-2.0)"
    if 0 < facts.by_mesh < facts.faces:
        return f"{facts.by_mesh:,} of {facts.faces:,} crops were placed with {mesh}, the others with {dlib}."
    return f"The crops were placed with {mesh if facts.by_mesh else dlib}."


def _counted(numbers: Sequence[tuple[str, int]]) -> str:
    named = [f"{_quoted(name)} {n:,}" for name, n in numbers[:_MOST_NAMED]]
    more = sum(n for _, n in numbers[_MOST_NAMED:])
    return ", ".join([*named, *([f"{len(numbers) - _MOST_NAMED:,} others {more:,}"] if more else [])])


def _shown(pictures: PictureOptions, size: int | None) -> str:
    """What the pictures are, in a sentence or two."""
    what = _WHAT[pictures.content]
    if pictures.content == "photo":
        resized = "without resizing" if size is None else f"scaled to at most {size} pixels a side"
        said = f"{what}, upright, {resized}, and without what cameras note in them."
    else:
        resized = "without resizing" if size is None else f"and scaled to {size} x {size} pixels"
        said = f"{what}, cut from the upright original {resized}."
    longer = "the mouth's longer edge" if pictures.content == "mouth" else "the longer side of the face's box"
    usual = pictures.margin is None and pictures.content == "face"
    margin = FACE_MARGIN if usual else pictures.margin
    within = ", where the photo is as large" if usual and pictures.fits else ""
    more = [
        f"The side is {margin:g} times {longer}{within}." if margin is not None else "",
        "The eyes are level." if pictures.level_eyes else "",
        "Grey, of one channel." if pictures.grey else "",
        f"JPEG of quality {pictures.jpeg_quality}." if pictures.encoding == "jpeg" else "",
    ]
    return " ".join([said, *filter(None, more)])


_WHAT: Final = {
    "mouth": "Mouth crops that people looked at",
    "face": "Faces at whose mouths people looked",
    "photo": "Whole photos of faces at whose mouths people looked",
}


def _loading(formats: Sequence[str], splits: Sequence[Split]) -> str:
    """In each library, from beside the folder of the release."""
    return "".join(
        f"\n{one.name} (`pip install {one.package}`):\n\n```python\n{one.code}\n```\n"
        for one in layout_loaders(formats, splits, "this_folder")
    )


def _split(split_plan: SplitPlan) -> str:
    if split_plan.kind == "folds":
        return f"{split_plan.folds} folds, of each class as many faces in each"
    test = f", {split_plan.test:g} to test" if split_plan.kind == "train_val_test" else ""
    return f"of each class about {split_plan.val:g} of the faces to val{test}"


def _moves(moved: Sequence[Moved]) -> str:
    """The groups that left the split where an earlier release has them. Of new ones nothing is told: the same export
    once more, with nothing new, writes the same card."""
    there = placed(moved)
    told = [f"`{one.group[:16]}` {one.before} → {one.after} ({why(one)})" for one in there[:MOST_NAMED]]
    if len(there) > MOST_NAMED:
        told.append(f"and {len(there) - MOST_NAMED:,} more")
    if not told:
        return ""
    return f"\n- Moved since an earlier release, by the first hex digits of their group: {'; '.join(told)}."


def _agreed(consensus: str, waiting: Mapping[str, int]) -> str:
    if not consensus:
        return ""
    reasons = ", ".join(f"{why} {n:,}" for why, n in waiting.items() if n)
    stay = f" Faces that wait for a consensus were left out: {reasons}." if reasons else ""
    return f"\n- Where several people looked at a face, {consensus}.{stay}"


def _under(licences: Collection[str]) -> str:
    if not licences:
        return ""
    names = ", ".join(map(_quoted, sorted(set(licences) - {UNKNOWN_LICENCE})))
    unknown = "those of which no licence is known" if UNKNOWN_LICENCE in licences else ""
    taken = " and ".join(filter(None, (names and f"photos under {names}", unknown)))
    return f"\n- Only {taken} were taken; all others were left out."


def _plain(text: str) -> str:
    """Untrusted text, such as a class name, without effect as a link or a picture."""
    return text.translate(_WITHOUT_EFFECT)


_WITHOUT_EFFECT: Final = str.maketrans({sign: f"\\{sign}" for sign in "\\[]<>*_!"})


def _quoted(licence: str) -> str:
    """Untrusted text as it is, without effect as Markdown."""
    return f"`{' '.join(licence.replace('`', ' ').split())}`"
