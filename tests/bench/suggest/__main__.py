"""How good suggestions are on labelled photos, and what they spare a person.

    python -m tests.bench.suggest FOLDER LABELS.csv [--unseen OTHERS.csv]

LABELS.csv has the columns file (below FOLDER) and label, perhaps group (a person: what is learned from one photo of a
group is not tried on another). With --unseen nothing is tried on LABELS.csv: the curve alone is told, of the photos of
OTHERS.csv, which then should have chosen nothing of the design. The labels are taken as class names, of which the
zero-label rule knows none, smile, openmouth, pout and a few other words. The largest face of a photo counts. Told are,
without and with the Face Landmarker: accuracy on faces that were not learned from at 0 to 200 labels and how far above
the rule alone (mean of 20 draws), calibration, whether a compact HOG would help, how many planted slips are found
early, and how many keys a simulated annotator presses until 95 % are right. A figure that wants more faces than there
are is left out.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from db.team.gold import wilson
from pipeline.suggest.learner import Numbers
from tests.bench.suggest import designs, simulate, slips
from tests.bench.suggest.designs import Design
from tests.bench.suggest.read_faces import Faces, read_faces, read_labels

Mask = npt.NDArray[np.bool_]

SIMULATED: Final = 600
"""Faces of a simulated annotator; of more a random draw."""


def print_design(design: Design, labels: Numbers, groups: Numbers, learnable: Mask | None = None) -> None:
    told = slice(None) if learnable is None else ~learnable
    right = int((design.rule[told].argmax(1) == labels[told]).sum())
    low, high = wilson(right, len(labels[told]))
    print(
        f"\n{design.name}: {right} of {len(labels[told])} right with no labels (95 % interval {low:.3f} to {high:.3f})"
    )
    print(f"{'labels':>8}{'learned':>9}{'rule':>8}{'gain':>8}{'ECE':>8}{'by chance':>11}{'ECE of all':>12}")
    points = designs.curve(design, labels, groups, learnable)
    for p in points:
        gain = p.learned - p.rule
        print(
            f"{p.labels:8}{p.learned:9.3f}{p.rule:8.3f}{gain:+8.3f}{p.ece:8.3f}{p.by_chance:11.3f}{p.ece_of_all:12.3f}"
        )
    if points:
        print(f"least gain over the rule: {min(p.learned - p.rule for p in points):+.3f}")
    print(f"fit on 10,000 labels: {designs.seconds_of_many(design, labels):.2f} s of CPU")


def print_hog(design: Design, faces: Faces) -> None:
    without, having = designs.with_hog(design, faces.hogs, faces.labels, faces.groups)
    print(f"out of fold {without:.3f}, with 12 components of HOG {having:.3f}")


def print_slips(design: Design, faces: Faces) -> None:
    found = [
        slips.found_early(design.features, design.rule, faces.looks, faces.labels, faces.groups, seed, design.strength)
        for seed in slips.SEEDS
    ]
    shares = np.array([(one.share, one.by_model, one.by_truth) for one in found])
    share, by_model, by_truth = shares.mean(axis=0)
    off = shares[:, 0].std() / math.sqrt(len(found))
    print(f"5 % planted slips: {share:.1%} (standard error {off:.1%}) in the first tenth of the queue;")
    print(f"  by the model alone {by_model:.1%}, by one that learned the labels before the planting {by_truth:.1%}")


def print_annotator(design: Design, labels: Numbers, groups: Numbers, runs: int) -> None:
    found = []
    for seed in range(runs):
        at = np.random.default_rng(seed).permutation(len(labels))[:SIMULATED]
        seen, rule = design.features[at], design.rule[at]
        found.append(simulate.annotate(seen, rule, labels[at], groups[at], seed, design.strength))
    held = [one.told[0] <= one.true <= one.told[1] for one in found if one.told is not None]
    keys, looked = np.mean([one.keys for one in found]), np.mean([one.looked for one in found])
    correct = [one.correct for one in found]
    print(f"simulated annotator, {min(len(labels), SIMULATED)} faces, {runs} runs:")
    print(f"  {keys:.3f} keys a face, {looked:.1%} looked at, {np.mean(correct):.3f} right (least {min(correct):.3f})")
    share = f"{np.mean(held):.1%}" if held else "-"
    print(f"  stopped {len(held)} times; the told accuracy's interval held it {share}")


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.suggest", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("labels", type=Path, help="CSV with the columns file and label")
    parser.add_argument("--unseen", type=Path, help="CSV of photos that are only tried on")
    parser.add_argument("--runs", type=int, default=20, help="of the simulated annotator")
    args = parser.parse_args(argv)
    try:
        labelled, unseen = read_labels(args.labels), read_labels(args.unseen) if args.unseen else []
        faces = read_faces(args.folder, [*labelled, *unseen])
    except (OSError, ValueError) as e:
        sys.exit(str(e))
    if len(faces.names) < 2 or len(faces.labels) < 2 * designs.LEAST_TESTED:
        sys.exit(f"{len(faces.labels)} faces of {len(faces.names)} classes are too few to say anything")
    counts = np.bincount(faces.labels, minlength=len(faces.names)).tolist()
    told = ", ".join(f"{name} {count}" for name, count in zip(faces.names, counts, strict=True))
    print(f"{len(faces.labels)} faces ({told}); {faces.missed} photos without a face are left out")
    print(f"CPU a face beyond landmarks: {designs.plain_ms(faces):.3f} ms, the landmarker {faces.mesh_ms:.1f} ms")
    for design in (designs.plain(faces), designs.with_landmarker(faces)):
        if design is None:
            print("\nlandmarker: not installed, or it saw no face")
            continue
        if unseen:
            print_design(design, faces.labels, faces.groups, ~np.isin(faces.files, [name for name, *_ in unseen]))
            continue
        print_design(design, faces.labels, faces.groups)
        print_hog(design, faces)
        print_slips(design, faces)
        print_annotator(design, faces.labels, faces.groups, args.runs)


if __name__ == "__main__":
    main()
