"""How good suggestions are, at no label and at a few: each number the mean of several random choices of the labels.

    python -m tests.bench.suggest FOLDER LABELS.csv [--seeds 20] [--positive NAME] [--skip-annotator]

LABELS.csv: columns file (below FOLDER) and label. --positive: this label against the rest, named `smile` and `none` to
the zero-label rule. Faces of the same bytes are never on both sides. Figures with the landmarker where it is installed.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np

from models import landmarker
from pipeline.suggest import crossval, features, learner, mesh_features, scores, zero_label
from pipeline.suggest.features import Floats
from pipeline.suggest.learner import Numbers
from tests.bench.review import table
from tests.bench.review.table import Line
from tests.bench.suggest import faces, simulate
from tests.bench.suggest.faces import Labelled

SIZES: Final = (5, 20, 50, 100, 200)
STRENGTH: Final = {"plain": learner.STRENGTH, "landmarker": mesh_features.STRENGTH}
BELOW: Final = 0.005
"""How far the learner may fall below the rule alone."""
ZERO: Final = {"plain": 0.80, "landmarker": 0.845}
HUNDRED: Final = {"plain": 0.81, "landmarker": 0.855}
HUNDRED_OF_TWO: Final = {"plain": 0.86, "landmarker": 0.89}
KEYS: Final = {"plain": 0.22, "landmarker": 0.15}
LEAST_TOLD: Final = 25
"""Faces that must be left to tell anything of."""


def at(n: int, kind: str, seen: Floats, rule: Floats, read: Labelled, seeds: int) -> tuple[float, float, float]:
    """Trained on n labels at random, told of the others: accuracy, that of the rule on the same, and ECE."""
    told = []
    for seed in range(seeds):
        shuffled = np.random.default_rng([n, seed]).permutation(len(read.labels))
        train = shuffled[:n]
        test = shuffled[n:][~np.isin(read.groups[shuffled[n:]], read.groups[train])]
        model, _ = crossval.fit_calibrated(
            seen[train], rule[train], read.labels[train], read.groups[train], range(rule.shape[1]), STRENGTH[kind]
        )
        found = model.probabilities(seen[test], rule[test])
        right = found.argmax(1) == read.labels[test]
        told.append((right.mean(), (rule[test].argmax(1) == read.labels[test]).mean(), scores.ece(found, right)))
    mean = np.mean(told, axis=0)
    return float(mean[0]), float(mean[1]), float(mean[2])


def accuracies(kind: str, seen: Floats, rule: Floats, read: Labelled, seeds: int, two: bool) -> Iterator[Line]:
    zero = float((rule.argmax(1) == read.labels).mean())
    yield Line(f"{kind}: right with no label", zero, "", None if two else ZERO[kind], at_least=True)
    for n in SIZES:
        if len(read.labels) - n < LEAST_TOLD:
            print(f"{kind}: {n} labels of {len(read.labels)} leave too few to tell anything")
            continue
        right, by_rule, error = at(n, kind, seen, rule, read, seeds)
        aim = (HUNDRED_OF_TWO if two else HUNDRED)[kind] if n == 100 else None
        yield Line(f"  with {n} labels", right, "", aim, by_rule, "the rule on the same faces", at_least=True)
        yield Line("    below the rule", max(0.0, by_rule - right), "", BELOW if n <= 100 else None)
        yield Line("    expected calibration error", error, "", 0.05 if n == 200 else None)


def annotator(kind: str, seen: Floats, rule: Floats, read: Labelled, seeds: int) -> Iterator[Line]:
    runs = [simulate.annotate(seen, rule, read.labels, read.groups, seed, STRENGTH[kind]) for seed in range(seeds)]
    told = [one for one in runs if one.told is not None]
    yield Line(f"{kind}: keys a face until 95 % are right", float(np.mean([one.keys for one in runs])), "", KEYS[kind])
    yield Line("  of the faces looked at one by one", 100 * float(np.mean([one.looked for one in runs])), "%")
    yield Line("  correct in the end", float(np.mean([one.correct for one in runs])), "", 0.95, at_least=True)
    if told:
        held = [one.told is not None and one.told[0] <= one.true <= one.told[1] for one in told]
        yield Line("  the told accuracy within its interval, of the runs", float(np.mean(held)), "", 0.9, at_least=True)


def cost(read: Labelled) -> Iterator[Line]:
    many = np.tile(read.landmarks, (1 + 10_000 // len(read.labels), 1, 1))[:10_000]
    labels = np.tile(read.labels, 1 + 10_000 // len(read.labels))[:10_000]
    rng = np.random.default_rng(0)
    started = time.process_time()
    seen = features.geometry(many)
    yield Line("features of a face, CPU", (time.process_time() - started) / 10, "ms", 2)
    seen = seen + rng.normal(0, 0.02, seen.shape)
    rule = zero_label.probabilities(seen, read.classes)
    started = time.process_time()
    learner.fit(seen, rule, labels, range(len(read.classes)))
    yield Line("training on 10,000 labels, CPU", time.process_time() - started, "s", 1)
    if landmarker.is_installed():
        yield Line("the landmarker, a face, wall clock of one core", read.mesh_ms, "ms", 18)


def main() -> None:
    parser = argparse.ArgumentParser("python -m tests.bench.suggest", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("labels", type=Path)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--positive")
    parser.add_argument("--skip-annotator", action="store_true")
    args = parser.parse_args()
    read = faces.load(args.folder, args.labels)
    names = read.classes
    if args.positive is not None:
        read = two_classes(read, args.positive)
        names = ("none", "smile")
    print(f"{len(read.labels)} faces of {', '.join(read.classes)}; {read.missed} photos without a face")
    print(table.head())
    lines: list[Line] = []

    def show(some: Iterator[Line]) -> None:
        for line in some:
            table.print_line(line)
            lines.append(line)

    plain = features.geometry(read.landmarks)
    kinds = {"plain": (plain, zero_label.probabilities(plain, names), read)}
    has = np.isfinite(read.meshes).all(axis=1)
    if has.all() and len(has):
        rule = mesh_features.probabilities(read.meshes, names)
        kinds["landmarker"] = (mesh_features.with_mesh(read.meshes), rule, read)
    elif has.any():
        print(
            f"the landmarker sees {has.sum()} of {len(has)} faces: those without a mesh are suggested for by landmarks"
        )
        rule = kinds["plain"][1].copy()
        rule[has] = mesh_features.probabilities(read.meshes[has], names)
        chosen = kept(read, has)
        kinds["landmarker"] = (mesh_features.with_mesh(read.meshes[has]), rule[has], chosen)
    for kind, (seen, rule, some) in kinds.items():
        show(accuracies(kind, seen, rule, some, args.seeds, args.positive is not None))
        if not args.skip_annotator:
            show(annotator(kind, seen, rule, some, args.seeds))
    show(cost(read))
    missed = sum(not line.reached for line in lines)
    print(f"{missed} missed")
    sys.exit(1 if missed else 0)


def two_classes(read: Labelled, positive: str) -> Labelled:
    place = read.classes.index(positive)
    rest = f"not {positive}"
    return replace(read, classes=(rest, positive), labels=(read.labels == place).astype(np.int64))


def kept(read: Labelled, rows: Numbers) -> Labelled:
    return replace(
        read,
        labels=read.labels[rows],
        landmarks=read.landmarks[rows],
        meshes=read.meshes[rows],
        groups=read.groups[rows],
    )


if __name__ == "__main__":
    main()
