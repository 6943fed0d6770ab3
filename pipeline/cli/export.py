"""`export`: the accepted crops, frozen and named."""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Final

from tqdm import tqdm

from db.store.store import Store
from pipeline.actions.release.accepted import line_of, plan_release, read_accepted
from pipeline.actions.release.record import Release
from pipeline.actions.release.remote import write_remote
from pipeline.actions.release.run import carry_out
from pipeline.actions.releases import write_folder
from pipeline.core.exit_codes import FINDINGS
from pipeline.core.names import find_name
from pipeline.core.records import ExportItem
from pipeline.export import moves
from pipeline.export.attribution import licence_of
from pipeline.export.export import ExportPlan
from pipeline.export.formats.registry import names_of
from pipeline.export.options import ExportOptions
from pipeline.export.pictures.options import PictureOptions
from pipeline.export.selecting.selection import Selection
from pipeline.export.split import SplitPlan
from pipeline.files.remote import is_url

MOST_NAMED: Final = 50
"""Moves that are printed one by one."""


def cmd_export(args: argparse.Namespace, store: Store) -> int:
    if args.run is not None:  # a page's or a script's, which says what it is to be
        return 0 if carry_out(store, args.run) else FINDINGS
    accepted = read_accepted(store, with_rejected=bool(args.rejects_as))
    options = ExportOptions(
        args.size, args.min_side, frozenset(args.licences), args.without_confirmed,
        Selection(args.min_agreement, args.at_most, args.balance, args.choose, args.people_only, args.only_seen),
        names_of(args.formats),
        accepted.class_names if args.class_names == "course" else (),
        PictureOptions(args.content, args.margin, args.level_eyes, args.grey, args.encoding, args.jpeg_quality),
        args.rejects_as or "",
    )  # fmt: skip
    _warn_of_absent_licences(options, accepted.items)
    split_plan = SplitPlan.of(args.val, args.test, args.folds, args.seed, anew=args.anew)
    chosen = plan_release(store, line_of(args.name, args.out), split_plan, options, accepted)
    done = _written(args, store, chosen)
    out = args.out if is_url(args.out) else done.path
    figures = {
        "out": str(out),
        "files": done.files,
        "counts": chosen.counts,
        "digest": done.digest,
        "left_out": chosen.left_out,
        "confirmed_left_out": chosen.confirmed,
        "by_rules_left_out": chosen.by_rules,
        "unseen_left_out": chosen.unseen,
        "disagreed_left_out": chosen.disagreed,
        "surplus_left_out": chosen.surplus,
        "under_other_licences": dict(chosen.under_others),
        "consensus": chosen.agreed.rule,
        "waiting": dict(chosen.agreed.waiting),
        "moved": [asdict(one) for one in chosen.moved],
    }
    print(json.dumps(figures) if args.json else f"{done.files:,} crops in {out}{_left_out(chosen)}")
    if not args.json:
        _tell_moves(chosen)
    return 0


def _written(args: argparse.Namespace, store: Store, chosen: ExportPlan) -> Release:
    with tqdm(unit="file", disable=not sys.stderr.isatty(), file=sys.stderr) as bar:

        def tell(doing: str, done: int, of: int) -> None:
            if bar.disable:  # it has neither name nor count then
                return
            if bar.desc != f"{doing}: ":
                bar.reset(of)
                bar.set_description(doing)
            bar.update(done - bar.n)

        write = write_remote if is_url(args.out) else write_folder
        return write(store, chosen, args.out, args.name, args.annotator, overwrite=args.overwrite, tell=tell)


def _tell_moves(chosen: ExportPlan) -> None:
    """Name each photo that an earlier release of the name has elsewhere."""
    placed = moves.placed(chosen.moved)
    names = moves.names_of_groups(row.item for row in chosen.rows)
    for one in placed[:MOST_NAMED]:
        print(f"moved: {moves.describe(one, names)}")
    if len(placed) > MOST_NAMED:
        print(f"moved: {len(placed) - MOST_NAMED:,} more (--json names all)")


def _warn_of_absent_licences(options: ExportOptions, items: Sequence[ExportItem]) -> None:
    """A licence that no accepted face has may be a slip of the pen; a list for many workspaces is none."""
    there = Counter(map(licence_of, items))
    for name in sorted(one for one in options.licences if find_name(one, there) is None):
        print(f"no accepted face is under the licence {name!r}; there are: {_counted(there)}", file=sys.stderr)


def _left_out(chosen: ExportPlan) -> str:
    waiting = {why: n for why, n in chosen.agreed.waiting.items() if n}
    said = f"; left out under other licences: {_counted(chosen.under_others)}" if chosen.under_others else ""
    said += f"; left out as confirmed by page: {chosen.confirmed:,}" if chosen.confirmed else ""
    said += f"; left out as decided by rules: {chosen.by_rules:,}" if chosen.by_rules else ""
    said += f"; left out as not seen on the screen: {chosen.unseen:,}" if chosen.unseen else ""
    said += f"; left out as too few agree: {chosen.disagreed:,}" if chosen.disagreed else ""
    said += f"; left out as more than were asked for: {chosen.surplus:,}" if chosen.surplus else ""
    return said + (f"; waiting for a consensus: {_counted(waiting)}" if waiting else "")


def _counted(numbers: Mapping[str, int]) -> str:
    return ", ".join(f"{name} ({number:,})" for name, number in sorted(numbers.items())) or "none"
