"""The consensus rule, chosen and fitted: Dawid and Skene's estimates are made here and kept in the rule."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from db.decisions import consensus
from db.decisions.consensus import Preview
from db.projection.anew import recounts
from db.store import recounting
from db.store.store import Store
from db.tables.consensus_rules import AnnotatorModel, ConsensusRule, current_rule
from pipeline.agreement.answers import answers_of
from pipeline.agreement.dawid_skene import dawid_skene
from pipeline.core.errors import UsageError
from pipeline.core.messages import message


def preview_rule(store: Store, rule: ConsensusRule) -> Preview:
    """What the rule would change if it held now, with a fresh fit where it needs one. Raises UsageError."""
    fitted_rule = fitted(store, rule)
    return store.read(lambda db: consensus.preview(db, fitted_rule))


def set_rule(store: Store, rule: ConsensusRule, annotator: str) -> int:
    """Let the rule hold from now on; returns on how many faces another decision counts. Raises UsageError.

    A rule that was fitted for a preview is taken as it is: what was shown is what is done.
    """
    changed = begin_rule(store, rule, annotator)
    return recounting.finish(store) if changed is None else changed


def begin_rule(store: Store, rule: ConsensusRule, annotator: str) -> int | None:
    """`set_rule`, but where there are many answers only the change is made, and None returned: the program that a
    server begins then counts the faces, or `recounting.finish`. Raises UsageError."""
    fitted_rule = fitted(store, rule)
    answered = store.read(recounts.answered)
    if answered <= recounts.AT_ONCE:
        return store.write(lambda db: consensus.set_rule(db, fitted_rule, annotator))
    store.write(lambda db: consensus.begin_rule(db, fitted_rule, annotator, answered))
    return None


def undo_rule(store: Store, annotator: str) -> ConsensusRule:
    """Take back the newest change of the rule. Raises UsageError where there is none."""
    begin_undo(store, annotator)
    recounting.finish(store)
    return store.read(current_rule)


def begin_undo(store: Store, annotator: str) -> None:
    """To `undo_rule` as `begin_rule` to `set_rule`."""
    answered = store.read(recounts.answered)
    if answered <= recounts.AT_ONCE:
        store.write(lambda db: consensus.undo_rule(db, annotator))
    else:
        store.write(lambda db: consensus.begin_undo(db, annotator, answered))


def refit(store: Store, annotator: str) -> int:
    """Fit the present Dawid–Skene rule to the answers of today, as a change of its own. Raises UsageError."""
    return set_rule(store, unfitted(store), annotator)


def unfitted(store: Store) -> ConsensusRule:
    """The present Dawid–Skene rule without its fit. Raises UsageError where another rule holds."""
    rule = store.read(current_rule)
    if rule.model is None:
        raise UsageError(message("consensus_no_fit", name=rule.name))
    return replace(rule, model=None)


def fitted(store: Store, rule: ConsensusRule) -> ConsensusRule:
    """The rule with a model of the present answers, where it needs one and has none. Raises UsageError."""
    return replace(rule, model=_fit(store)) if rule.needs_fit else rule


def _fit(store: Store) -> AnnotatorModel:
    found = store.read(consensus.answers_to_fit)
    if not found:
        raise UsageError(message("consensus_nothing_to_fit"))
    faces, names, labels = (
        {one: n for n, one in enumerate(sorted(set(column)))} for column in zip(*found, strict=True)
    )
    given = [(faces[face], names[name], labels[label]) for face, name, label in found]
    items, people, values = zip(*given, strict=True)
    made = dawid_skene(answers_of(items, people, values, (len(faces), len(names), len(labels))))
    counts = np.bincount(people, minlength=len(names))
    anybody = np.average(made.confusion, axis=0, weights=counts)
    confusion = {name: made.confusion[number] for name, number in names.items()} | {"": anybody}
    return AnnotatorModel(
        tuple(labels),
        tuple(map(float, made.priors)),
        {name: tuple(tuple(map(float, row)) for row in matrix) for name, matrix in confusion.items()},
    )
