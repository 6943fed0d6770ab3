"""A trained classifier as one file: plain JSON with its classes, numbers, scores and licences. No code is in it, so one
of a stranger is safe to read; docs/suggestions.md has a loader that needs numpy alone."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from models.landmarker import LANDMARKER
from models.weights import LANDMARKS_68
from pipeline.core.errors import UsageError
from pipeline.core.geometry import DLIB, MESH, LandmarkModel
from pipeline.core.messages import message
from pipeline.core.version import VERSION
from pipeline.suggest import learned, mesh_features, zero_label
from pipeline.suggest.features import GEOMETRY, Floats, geometry
from pipeline.suggest.learned import Learned

FORMAT: Final = "moue-classifier"
FORMAT_VERSION: Final = 1
MOST_BYTES: Final = 4 * 1024 * 1024
"""A file of twenty classes has 20 KB."""
_NEVER: Final = -1e300
"""The intercept, in the file, of a class without labels: no probability is left of it."""
DEFAULT_NAMES: Final = ("none", "pout", "smile", "openmouth")
_LANDMARKS: Final[dict[LandmarkModel, str]] = {
    DLIB: "68 points in iBUG order, pixels of the upright photo, by dlib's shape predictor",
    MESH: "68 points in iBUG order, pixels of the upright photo, by the Face Landmarker's mesh",
}


@dataclass(frozen=True, slots=True)
class Classifier:
    """classes: names, in the order of the probabilities. learned: its class ids are 0, 1, …; None: the zero-label rule
    alone. by_mesh: the same by the Face Landmarker's mesh, for faces that have one. n_labels: faces that it learned
    from. report: its scores, with `classes` by name; {} where there are none. landmark_model: of most faces that it
    learned from; the other one's points are a little different."""

    classes: tuple[str, ...]
    name: str = "moue"
    version: int = 0
    made_at: str = ""
    n_labels: int = 0
    learned: Learned | None = None
    report: Mapping[str, Any] | None = None
    by_mesh: Learned | None = None
    landmark_model: LandmarkModel = DLIB

    @property
    def kind(self) -> str:
        """As `suggestion_models.kind` says it."""
        return "zero_label" if self.learned is None else "learned"

    @property
    def looks_at_meshes(self) -> bool:
        return self.learned is None or self.by_mesh is not None

    def probabilities(
        self, landmarks: npt.NDArray[np.float32], meshes: npt.NDArray[np.float32] | None = None
    ) -> Floats:
        """Of each class for n faces, float64 (n, k), by their landmarks (n, 68, 2); a row of zeros: no suggestion.

        meshes: (n, 58) of `landmarker.values`, a row that is not finite: the face has none.
        """
        seen = geometry(landmarks)
        rule = zero_label.probabilities(seen, self.classes)
        found = rule if self.learned is None else self.learned.probabilities(seen, rule)
        has = np.zeros(len(found), bool) if meshes is None else np.asarray(np.isfinite(meshes).all(axis=1))
        if meshes is None or not has.any() or not self.looks_at_meshes:
            return found
        mesh_rule = mesh_features.probabilities(meshes[has], self.classes)
        by_mesh = mesh_features.with_mesh(meshes[has])
        found = found.copy()
        found[has] = mesh_rule if self.by_mesh is None else self.by_mesh.probabilities(by_mesh, mesh_rule)
        return found

    def to_json(self) -> str:
        """The file's text; the same classifier gives the same text."""
        told = {
            "format": FORMAT, "format_version": FORMAT_VERSION, "moue": VERSION, "name": self.name,
            "version": self.version, "kind": self.kind, "made_at": self.made_at, "n_labels": self.n_labels,
            "classes": list(self.classes), "landmarks": _LANDMARKS[self.landmark_model], "features": list(GEOMETRY),
            "rule": _rule(self.classes), "learned": _written(self.learned),
            "mesh": {"features": list(mesh_features.FEATURES), "rule": _mesh_rule(), "learned": _written(self.by_mesh)},
            "report": dict(self.report or {}),
            "licences": _licences(self.by_mesh is not None, self.landmark_model),
        }  # fmt: skip
        return json.dumps(told, ensure_ascii=False, indent=1) + "\n"

    @classmethod
    def from_json(cls, text: str, file: str) -> Classifier:
        """file: its name, for errors. Raises UsageError for what is no classifier that this Moue can use."""
        try:
            found = json.loads(text)
        except (ValueError, RecursionError) as e:
            raise UsageError(message("classifier_no_json", file=file)) from e
        if not isinstance(found, dict) or found.get("format") != FORMAT:
            raise UsageError(message("classifier_no_json", file=file))
        names, said = _names(found.get("classes")), found.get("format_version")
        if said != FORMAT_VERSION or not names:
            raise UsageError(message("classifier_other_version", file=file, version=str(said)))
        if found.get("features") != list(GEOMETRY) or found.get("rule") != _rule(names):
            raise UsageError(message("classifier_other_features", file=file))
        mesh = found.get("mesh")
        if not isinstance(mesh, dict) or mesh.get("rule") != _mesh_rule():
            raise UsageError(message("classifier_other_features", file=file))
        try:
            numbers = _learned_of(found["learned"], len(names), len(GEOMETRY))
            by_mesh = _learned_of(mesh["learned"], len(names), len(mesh_features.FEATURES))
            return cls(
                names, str(found["name"]), int(found["version"]), str(found["made_at"]), int(found["n_labels"]),
                numbers, dict(found["report"]), by_mesh, MESH if found["landmarks"] == _LANDMARKS[MESH] else DLIB,
            )  # fmt: skip
        except (ValueError, TypeError, KeyError, OverflowError) as e:
            raise UsageError(message("classifier_broken", file=file, why=message("classifier_numbers"))) from e


def renumbered(found: Learned) -> Learned:
    """With 0, 1, … for the workspace's class ids."""
    return replace(found, classes=tuple(range(len(found.classes))))


def _names(given: object) -> tuple[str, ...]:
    """() for what is no list of different names."""
    if not isinstance(given, list) or not all(isinstance(one, str) for one in given):
        return ()
    return tuple(given) if len(set(given)) == len(given) else ()


def _rule(names: Sequence[str]) -> dict[str, Any]:
    """The zero-label rule as the loader needs it. says: rows for smile, openmouth, pout and none, as `KNOWN` has them;
    which share of the row goes to the column's class."""
    return {
        "smile_width": zero_label.SMILE_WIDTH, "open_gap": zero_label.OPEN_GAP, "pout_width": zero_label.POUT_WIDTH,
        "width_step": zero_label.WIDTH_STEP, "gap_step": zero_label.GAP_STEP, "pout_step": zero_label.POUT_STEP,
        "floor": learned.FLOOR, "says": zero_label.says(names).tolist(),
    }  # fmt: skip


def _licences(by_mesh: bool, model: LandmarkModel) -> list[dict[str, Any]]:
    """Of what it depends on."""
    weights = [one for one, needed in ((LANDMARKS_68, model == DLIB), (LANDMARKER, by_mesh or model == MESH)) if needed]
    return [
        {"what": "these numbers", "licence": "whoever labelled may say; Moue claims nothing", "commercial": None},
        *({"what": f"the points that it looks at: {one.file}", "licence": one.licence, "commercial": one.commercial}
          for one in weights),
        {"what": "Moue, which made it", "licence": "MIT", "commercial": True},
    ]  # fmt: skip


def _mesh_rule() -> dict[str, float]:
    return {
        "smile": mesh_features.SMILE, "open_gap": mesh_features.OPEN_GAP, "pout": mesh_features.POUT,
        "smile_step": mesh_features.SMILE_STEP, "gap_step": mesh_features.GAP_STEP,
        "pout_step": mesh_features.POUT_STEP,
    }  # fmt: skip


def _written(found: Learned | None) -> dict[str, Any] | None:
    if found is None:
        return None
    numbers = asdict(found)
    numbers["intercepts"] = [_NEVER if one is None else one for one in numbers["intercepts"]]
    del numbers["classes"]
    return numbers


def _learned_of(found: Mapping[str, Any] | None, k: int, features: int) -> Learned | None:
    """Checked: sizes, and numbers that are numbers. Raises ValueError, TypeError, KeyError."""
    if found is None:
        return None
    wide = features + k
    rows = [_numbers(row, wide) for row in found["coefficients"]]
    shifts = tuple(None if one <= _NEVER else one for one in _numbers(found["intercepts"], k))
    weight, temperature = _number(found["weight"]), _number(found["temperature"])
    scale = _numbers(found["scale"], wide)
    if len(rows) != k or all(one is None for one in shifts):
        raise ValueError(f"{k} classes have {len(rows)} rows of coefficients")
    if not (0 <= weight <= 1 and temperature > 0 and min(scale) > 0):
        raise ValueError("weight, temperature or scale is out of range")
    return Learned(tuple(range(k)), _numbers(found["mean"], wide), scale, tuple(rows), shifts, weight, temperature)


def _numbers(values: Sequence[Any], wanted: int) -> tuple[float, ...]:
    if not isinstance(values, list) or len(values) != wanted:
        raise ValueError(f"{wanted} numbers are wanted")
    return tuple(map(_number, values))


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise ValueError(f"{value!r:.40} is no number")
    return float(value)
