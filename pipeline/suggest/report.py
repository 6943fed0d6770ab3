"""What is told of a classifier's quality, as plain numbers: read by pages, which must not load scikit-learn for it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class ClassScore:
    """One class: labelled faces of it, and out of fold precision and recall, 0 to 1; None where too few to say."""

    class_id: int
    labelled: int
    precision: float | None
    recall: float | None


@dataclass(frozen=True, slots=True)
class Bin:
    """Faces whose likeliest class has a probability within one tenth: their number, its mean, how many are right."""

    faces: int
    told: float
    right: float


@dataclass(frozen=True, slots=True)
class Point:
    """One point of the learning curve: trained on so many labels, so many of the others are right, 0 to 1."""

    labels: int
    accuracy: float


@dataclass(frozen=True, slots=True)
class LooksTried:
    """Whether what crops look like helps: labelled faces, accuracy out of fold without and with it, 0 to 1; taken: it
    helps so much that it is looked at."""

    faces: int
    without: float
    having: float
    taken: bool


@dataclass(frozen=True, slots=True)
class Report:
    """How well suggestions fit the n labelled faces.

    accuracy: 0 to 1, with the ends of its 95 % interval (Wilson). balanced: mean recall of the classes. rule: accuracy
    of the zero-label rule on the same faces. ece: expected calibration error over ten bins of equal width (Naeini et
    al., AAAI 2015). confusion: rows are the labels, columns the suggestions, in the order of `classes`. more: how many
    labels more would bring one point of a hundred, by the curve's last doubling; None where the curve says nothing or
    is flat. looks: None where too few are labelled to try them. few: too few labels to say anything: the numbers are
    there, and mean little.
    """

    n: int
    few: bool
    accuracy: float
    low: float
    high: float
    balanced: float
    rule: float
    ece: float
    classes: tuple[ClassScore, ...]
    confusion: tuple[tuple[int, ...], ...]
    bins: tuple[Bin, ...]
    curve: tuple[Point, ...] = ()
    more: int | None = None
    looks: LooksTried | None = None

    def to_json(self) -> str:
        return json.dumps(asdict(self), separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Report:
        """Raises ValueError for what is no such text."""
        try:
            found: dict[str, Any] = json.loads(text)
            found["classes"] = tuple(ClassScore(**one) for one in found["classes"])
            found["bins"] = tuple(Bin(**one) for one in found["bins"])
            found["curve"] = tuple(Point(**one) for one in found["curve"])
            found["looks"] = LooksTried(**found["looks"]) if found.get("looks") else None
            found["confusion"] = tuple(map(tuple, found["confusion"]))
            return cls(**found)
        except (TypeError, KeyError) as e:
            raise ValueError(f"not a report: {e}") from e
