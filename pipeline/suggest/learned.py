"""A trained classifier: plain numbers and how they are used. Pages and `classify` read it without scikit-learn."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
from scipy.special import softmax

from pipeline.suggest.features import Floats

FLOOR: Final = 0.02
"""The rule's probabilities are no smaller when their logarithm is taken."""


@dataclass(frozen=True, slots=True)
class Learned:
    """A trained classifier: plain numbers, so that it can be stored as JSON and read without scikit-learn.

    classes: the ids that the columns of its probabilities stand for. mean, scale: of each of its d inputs, which are
    the features and then the logarithms of the rule's probabilities. coefficients, intercepts: of the regression, k
    rows of d numbers and k numbers; a class without labels has an intercept of minus infinity, written as None.
    weight: of the regression in the blend, 0 to 1. temperature: what the blend's logarithms are divided by.
    """

    classes: tuple[int, ...]
    mean: tuple[float, ...]
    scale: tuple[float, ...]
    coefficients: tuple[tuple[float, ...], ...]
    intercepts: tuple[float | None, ...]
    weight: float
    temperature: float

    def probabilities(self, features: Floats, rule: Floats) -> Floats:
        """Of each class for n faces, float64 (n, k): features (n, d), rule (n, k) from `zero_label.probabilities`.

        A row is zeros where nothing is known: no regression, and no rule.
        """
        blend = _blend(self._regression(features, rule), rule, self.weight)
        return with_temperature(blend, self.temperature)

    def _regression(self, features: Floats, rule: Floats) -> Floats | None:
        if self.weight == 0:
            return None
        inputs = (inputs_of(features, rule) - np.array(self.mean)) / np.array(self.scale)
        shift = np.array([-np.inf if one is None else one for one in self.intercepts])
        found: Floats = softmax(inputs @ np.array(self.coefficients).T + shift, axis=1)
        return found

    def to_json(self) -> str:
        return json.dumps(asdict(self), separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Learned:
        """Raises ValueError for what is no such text."""
        try:
            return cls.from_mapping(json.loads(text))
        except (TypeError, AttributeError) as e:
            raise ValueError(f"not a learned classifier: {e}") from e

    @classmethod
    def from_mapping(cls, told: Mapping[str, Any]) -> Learned:
        """From what `to_json` writes, read. Raises ValueError for what is none."""
        try:
            found: dict[str, Any] = {**told, "coefficients": tuple(map(tuple, told["coefficients"]))}
            given: dict[str, Any] = {n: tuple(one) if isinstance(one, list) else one for n, one in found.items()}
            return cls(**given)
        except (TypeError, KeyError, AttributeError) as e:
            raise ValueError(f"not a learned classifier: {e}") from e


def inputs_of(features: Floats, rule: Floats) -> Floats:
    """What the regression looks at, float64 (n, d + k): features (n, d), then the logarithms of the rule's (n, k)."""
    return np.hstack([features, np.log(np.maximum(rule, FLOOR))])


def _blend(regression: Floats | None, rule: Floats, weight: float) -> Floats:
    """Both (n, k), mixed by weight; where the rule says nothing the regression alone, and without one the rule."""
    if regression is None:
        return rule
    known = rule.sum(axis=1, keepdims=True) > 0
    found: Floats = np.where(known, weight * regression + (1 - weight) * rule, regression)
    return found


def with_temperature(probabilities: Floats, temperature: float) -> Floats:
    """Probabilities (n, k) with their logarithms divided by a temperature; rows of zeros stay so."""
    if temperature == 1.0:
        return probabilities
    told = np.power(probabilities, 1.0 / temperature)
    total = told.sum(axis=1, keepdims=True)
    found: Floats = np.divide(told, total, out=np.zeros_like(told), where=total > 0)
    return found
