"""Possible slips: found among the labels with what a training knows, and stored for the page that shows them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Final

import numpy as np
import numpy.typing as npt

from db.base.clock import now_iso
from db.store.store import Store
from db.suggest import slips
from db.suggest.slips import Labelled, Slip
from db.suggest.training import Learned
from pipeline.pixels.neighbours import nearest
from pipeline.suggest import looks_features
from pipeline.suggest.label_errors import Floats, Numbers, pool_weights, pooled, ranked

MOST: Final = 500
"""Slips that are stored: nobody goes through more before the next training."""
AT_ONCE: Final = 50
"""Slips of one write: some 30 ms."""
_SPARE: Final = 2 * slips.EXAMPLES
"""Examples stored of each class: some may be hidden from who looks."""


def update_slips(
    store: Store, seqs: Numbers, classes: Sequence[int], probabilities: Floats, looks: Floats, groups: Numbers
) -> int:
    """Find the possible slips anew and store them; returns how many.

    seqs: (n,) of the faces that the training saw. classes: k class ids. probabilities: (n, k), out of fold.
    looks: (n, d), what a mouth looks like: near rows look alike; NaN where nothing is known. groups: (n,), equal for
    photos that hang together (the same one, near copies, frames of a video), which are no examples for each other.
    Labels are read now: what was changed since the training began counts.
    """
    found = find_slips(store.read(slips.labelled), seqs, classes, probabilities, looks, groups)
    at = now_iso()
    for first in range(0, len(found), AT_ONCE):
        some = found[first : first + AT_ONCE]
        store.write(partial(slips.put_slips, found=some, first=first, at=at))
    store.write(lambda db: slips.forget_older(db, at))
    return len(found)


def find_slips(
    labelled: Sequence[Labelled],
    seqs: Numbers,
    classes: Sequence[int],
    probabilities: Floats,
    looks: Floats,
    groups: Numbers,
) -> list[Slip]:
    """The possible slips among these labels, the most probable first; the arrays as in `update_slips`."""
    places = {class_id: place for place, class_id in enumerate(classes)}
    known = [one for one in labelled if one.class_id in places]
    at, seen = _rows_of(np.array([one.seq for one in known], np.int64), seqs)
    labels = np.array([places[one.class_id] for one in known], np.int64)
    out_of_fold = np.where(seen[:, None], _taken(probabilities, at), 0.0)
    witnesses = np.zeros((len(known), len(classes)))
    for row, one in enumerate(known):
        for class_id, count in one.witnesses.items():
            if class_id in places:
                witnesses[row, places[class_id]] = count
    made = ranked(labels, out_of_fold, witnesses)
    order = [row for row in made.order.tolist() if not known[row].kept][:MOST]
    sure = seen.copy()
    sure[made.order] = False  # what is doubted itself is no example
    shown = np.where(seen[:, None], _taken(looks, at), np.nan)
    examples = _examples(shown, np.where(seen, _taken(groups, at), -1), labels, sure, order)
    return [
        Slip(
            known[row].face_id,
            known[row].class_id,
            classes[made.suggested[row]],
            float(made.probability[row, 0]),
            float(made.probability[row, 1]),
            int(witnesses[row].sum() - witnesses[row, labels[row]]),
            {classes[place]: [known[one].face_id for one in near] for place, near in examples[row]},
        )
        for row in order
    ]


def with_nearest(
    start: Learned, told: Floats, others_told: Floats, others_looks: npt.NDArray[np.float32]
) -> tuple[Floats, Floats]:
    """What the labels are doubted by: the model's probabilities joined with what the nearest labelled crops say.

    told: of the n labels that were learned from, (n, k), out of fold. others_told, others_looks: of m other labels,
    (m, k) and (m, 48); they say nothing of faces themselves, since what a page confirmed is what a model said. Both
    as they are where no crop is described yet.
    """
    labels, classes = start.labels, start.class_ids
    if not classes:
        return told, others_told
    near = looks_features.by_nearest_out_of_fold(labels.looks, labels.classes, labels.groups, classes)
    others_near = looks_features.by_nearest(labels.looks, labels.classes, others_looks, classes)
    place_of = {class_id: place for place, class_id in enumerate(classes)}
    places = np.array([place_of[one] for one in labels.classes.tolist()], np.int64)
    both = np.stack([told, near])
    weights = pool_weights(both, places)
    return pooled(both, weights), pooled(np.stack([others_told, others_near]), weights)


def _examples(
    looks: Floats, groups: Numbers, labels: Numbers, sure: npt.NDArray[np.bool_], asked: Sequence[int]
) -> dict[int, list[tuple[int, list[int]]]]:
    """For each row that is asked for [(place of a class, rows of its nearest faces)]; none where its looks are NaN."""
    known = np.asarray(np.isfinite(looks).all(axis=1))
    found: dict[int, list[tuple[int, list[int]]]] = {row: [] for row in asked}
    rows = np.array([row for row in asked if known[row]], np.int64)
    for place in np.unique(labels).tolist():
        of_class = np.flatnonzero(sure & known & (labels == place))
        copies = [int(np.count_nonzero(groups[of_class] == group)) for group in np.unique(groups[rows])]
        near = nearest(looks[of_class], looks[rows], _SPARE + max(copies, default=0))
        for row, at in zip(rows.tolist(), near, strict=True):
            others = of_class[at]
            found[row].append((place, others[groups[others] != groups[row]][:_SPARE].tolist()))
    return found


def _rows_of(wanted: Numbers, seqs: Numbers) -> tuple[Numbers, npt.NDArray[np.bool_]]:
    """For each wanted seq its row, and whether it is there (else the row means nothing)."""
    if not len(seqs):
        return np.zeros(len(wanted), np.int64), np.zeros(len(wanted), bool)
    ascending = np.argsort(seqs, kind="stable")
    place = np.minimum(np.searchsorted(seqs, wanted, sorter=ascending), len(seqs) - 1)
    at = ascending[place].astype(np.int64)
    return at, seqs[at] == wanted


def _taken(rows: npt.NDArray[np.generic], at: Numbers) -> npt.NDArray[np.generic]:
    return rows[at] if len(rows) else np.zeros((len(at), *rows.shape[1:]), rows.dtype)


def scaled(looks: npt.NDArray[np.generic]) -> Floats:
    """(n, d), each number counts alike, whatever its unit: what `update_slips` wants of columns that have one each."""
    values = looks.astype(np.float64)
    spread = values.std(0) if len(values) else np.ones(values.shape[1:])
    found: Floats = values / np.where(spread > 0, spread, 1.0)
    return found
