"""The classifier's file: back as it went, refused where it is another's or damaged, and used without Moue."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline.core.errors import UsageError
from pipeline.faces.landmarker.values import COLUMNS, GAP
from pipeline.suggest import crossval, mesh_features, zero_label
from pipeline.suggest.classifier import DEFAULT_NAMES, Classifier, renumbered
from pipeline.suggest.features import geometry

ROOT = Path(__file__).resolve().parents[3]
USUAL = ("none", "pout", "smile", "openmouth")
NAMES = (USUAL, ("Smile", "none"), ("grin", "frown", "咧嘴"), ("openmouth", "grin"))


def faces(n: int, seed: int = 0) -> np.ndarray:
    """Landmarks of n faces, (n, 68, 2): one face whose points all move, turned and of other sizes."""
    rng = np.random.default_rng(seed)
    base = np.zeros((68, 2))
    base[:17] = np.c_[np.linspace(-90, 90, 17), np.concatenate([np.linspace(0, 130, 9), np.linspace(120, 0, 8)])]
    base[36:42], base[42:48], base[33] = (-50, 0), (50, 0), (0, 50)
    x = np.linspace(-45, 45, 7)
    base[48:55] = np.c_[x, 76 - 8 * np.cos(x / 30)]
    base[55:60] = np.c_[x[5:0:-1], 76 + 16 * np.cos(x[5:0:-1] / 30)]
    x = np.linspace(-30, 30, 5)
    base[60:65] = np.c_[x, 78 - np.cos(x / 20)]
    base[65:68] = np.c_[x[3:0:-1], np.full(3, 82)]
    points = np.repeat(base[None], n, axis=0) + rng.normal(0, 3, (n, 68, 2))
    points[:, 48:68, 0] *= rng.uniform(0.5, 1.4, (n, 1))
    points[:, 65:68, 1] += rng.uniform(-5, 30, (n, 1))
    angle, size = rng.uniform(-0.6, 0.6, n), rng.uniform(0.3, 4, n)
    turn = np.stack([np.cos(angle), -np.sin(angle), np.sin(angle), np.cos(angle)], 1).reshape(n, 2, 2)
    return (np.einsum("nij,npj->npi", turn, points) * size[:, None, None] + 500).astype(np.float32)


@cache
def trained(names: tuple[str, ...], labelled: int = 120) -> Classifier:
    """Of faces whose label is what their mouth's width and gap say; the last class has no label."""
    seen = geometry(faces(labelled, 1))
    rule = zero_label.probabilities(seen, names)
    kinds = max(2, len(names) - 1)
    labels = (np.digitize(seen[:, 0], np.quantile(seen[:, 0], np.arange(1, kinds) / kinds))).astype(np.int64) + 7
    classes = tuple(range(7, 7 + len(names)))
    made, _ = crossval.fit_calibrated(seen, rule, labels, np.arange(labelled), classes)
    return Classifier(names, "moue", 3, "2026-01-01T00:00:00.000Z", labelled, renumbered(made), {"n": labelled})


def loader() -> str:
    """The documented one."""
    return re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "suggestions.md").read_text("utf-8"), re.DOTALL)[0]


@pytest.mark.parametrize("names", NAMES)
def test_a_file_is_read_back_as_it_was_written(names: tuple[str, ...]) -> None:
    made = trained(names)
    again = Classifier.from_json(made.to_json(), "x")
    assert again.to_json() == made.to_json()
    assert np.array_equal(again.probabilities(faces(40)), made.probabilities(faces(40)))


@pytest.mark.long_but(3)
@pytest.mark.parametrize("names", NAMES)
@pytest.mark.parametrize("learned", [True, False])
def test_the_documented_loader_says_the_same_without_moue(
    names: tuple[str, ...], learned: bool, tmp_path: Path
) -> None:
    """In a fresh process that cannot import Moue, in a folder of its own."""
    made = trained(names) if learned else Classifier(names)
    points = faces(60)
    (tmp_path / "classifier.json").write_text(made.to_json(), "utf-8")
    np.save(tmp_path / "points.npy", points)
    script = f"{loader()}\nnames, told = classify('classifier.json', np.load('points.npy'))\n"
    script += "np.save('told.npy', told); print('\\n'.join(names)); import sys; assert 'pipeline' not in sys.modules\n"
    done = subprocess.run([sys.executable, "-I", "-X", "utf8", "-c", script], cwd=tmp_path, capture_output=True,
                          text=True, check=True, encoding="utf-8")  # fmt: skip
    assert tuple(done.stdout.splitlines()) == names
    expected = made.probabilities(points)
    assert np.abs(np.load(tmp_path / "told.npy") - expected).max() < 1e-6
    if learned:
        assert len(np.unique(expected.argmax(axis=1))) > 1


def test_the_documented_loader_is_short() -> None:
    body = loader().partition("def classify")[2].splitlines()
    assert len(body) <= 24


def test_the_file_tells_scores_and_licences() -> None:
    told = json.loads(trained(USUAL).to_json())
    assert told["report"] == {"n": 120}
    assert any("excludes commercial use" in one["licence"] and one["commercial"] is False for one in told["licences"])


def test_one_of_the_mesh_needs_none_of_dlibs_weights() -> None:
    """And is read back as such."""
    one = replace(trained(USUAL), landmark_model="landmarker")
    told = json.loads(one.to_json())
    assert "the Face Landmarker's mesh" in told["landmarks"]
    assert not any("excludes commercial use" in each["licence"] for each in told["licences"])
    assert any("face_landmarker.task" in each["what"] for each in told["licences"])
    assert Classifier.from_json(one.to_json(), "f").landmark_model == "landmarker"
    assert Classifier.from_json(trained(USUAL).to_json(), "f").landmark_model == "dlib"


def meshes(n: int, seed: int = 5) -> np.ndarray:
    """(n, 58), each second face without one."""
    values = np.random.default_rng(seed).uniform(0, 0.6, (n, len(COLUMNS))).astype(np.float32)
    values[::2] = np.nan
    return values


def with_mesh(names: tuple[str, ...] = USUAL) -> Classifier:
    values = meshes(240)[1::2]
    rule = mesh_features.probabilities(values, names)
    labels = (values[:, GAP] > 0.3).astype(np.int64)
    made, _ = crossval.fit_calibrated(
        mesh_features.with_mesh(values), rule, labels, np.arange(len(labels)), tuple(range(len(names)))
    )
    return replace(trained(names), by_mesh=made)


def test_faces_with_a_mesh_are_classified_by_it() -> None:
    made, points, values = with_mesh(), faces(30), meshes(30, 6)
    assert Classifier.from_json(made.to_json(), "x") == made
    told, plain = made.probabilities(points, values), made.probabilities(points)
    assert np.array_equal(told[::2], plain[::2])
    assert (np.abs(told[1::2] - plain[1::2]).max(axis=1) > 1e-3).all()
    right = told[1::2].argmax(axis=1) == (values[1::2, GAP] > 0.3)
    assert right.mean() > 0.8
    assert np.array_equal(trained(USUAL).probabilities(points, values), trained(USUAL).probabilities(points))


def broken(change: Callable[[dict[str, Any]], object]) -> str:
    told = json.loads(trained(USUAL).to_json())
    change(told)
    return json.dumps(told)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "classifier_no_json"),
        ("[1]", "classifier_no_json"),
        ("[" * 100_000, "classifier_no_json"),
        ('{"format": "other"}', "classifier_no_json"),
        (broken(lambda m: m.update(format_version=2)), "classifier_other_version"),
        (broken(lambda m: m.update(classes=["a", "a"])), "classifier_other_version"),
        (broken(lambda m: m.update(features=["width"])), "classifier_other_features"),
        (broken(lambda m: m["rule"].update(smile_width=0.9)), "classifier_other_features"),
        (broken(lambda m: m.update(mesh=None)), "classifier_other_features"),
        (broken(lambda m: m["mesh"]["rule"].update(smile=0.4)), "classifier_other_features"),
        (broken(lambda m: m["mesh"].update(learned=m["learned"])), "classifier_broken"),
        (broken(lambda m: m["learned"].update(weight=2)), "classifier_broken"),
        (broken(lambda m: m["learned"].update(temperature=0)), "classifier_broken"),
        (broken(lambda m: m["learned"]["mean"].pop()), "classifier_broken"),
        (broken(lambda m: m["learned"]["coefficients"].pop()), "classifier_broken"),
        (broken(lambda m: m["learned"]["coefficients"][0].__setitem__(0, "1")), "classifier_broken"),
        (broken(lambda m: m["learned"]["scale"].__setitem__(0, float("nan"))), "classifier_broken"),
        (broken(lambda m: m["learned"].update(intercepts=[-1e300] * 4)), "classifier_broken"),
        (broken(lambda m: m.update(learned=[])), "classifier_broken"),
        (broken(lambda m: m.pop("report")), "classifier_broken"),
    ],
)
def test_what_is_no_classifier_is_refused_by_name(text: str, code: str) -> None:
    with pytest.raises(UsageError) as refused:
        Classifier.from_json(text, "found.json")
    assert refused.value.message.code == code
    assert "found.json" in str(refused.value)


def test_without_learning_it_is_the_rule() -> None:
    points = faces(30)
    expected = zero_label.probabilities(geometry(points), DEFAULT_NAMES)
    assert np.array_equal(Classifier(DEFAULT_NAMES).probabilities(points), expected)
