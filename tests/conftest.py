from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import cv2
import pytest
from hypothesis import HealthCheck, settings

from tests.pipeline.photos import astronaut, hopper, package_file

# How fast the machine is today is no property of the code.
settings.register_profile("moue", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("moue")

# Photos inside scikit-image's wheel that show no face (the other ones of its gallery are fetched from the net).
NO_FACE = ("brick", "cell", "chelsea", "clock_motion", "coffee", "coins", "grass", "gravel", "horse", "ihc", "moon")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with browsers first, then those with most tests: a long file that begins last keeps one worker alone."""
    tests = Counter(item.path for item in items)
    items.sort(key=lambda item: ("e2e" not in item.path.parts, -tests[item.path]))


@pytest.fixture(autouse=True)
def own_main() -> Iterator[None]:
    """Streamlit's AppTest leaves its page as `__main__`, which multiprocessing would run anew in each child."""
    before = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = before


@pytest.fixture(scope="session")
def astronaut_path() -> Path:
    """512 x 512 PNG: Eileen Collins, smiling (NASA, public domain)."""
    return astronaut()


@pytest.fixture(scope="session")
def grace_hopper_path() -> Path:
    """512 x 600 JPEG: Grace Hopper, not smiling (US Navy, public domain)."""
    return hopper()


@pytest.fixture(scope="session")
def negatives() -> tuple[Path, ...]:
    """PNG photos without a face; a cat is among them."""
    paths = tuple(package_file("skimage", f"data/{name}.png") for name in NO_FACE)
    assert all(path.is_file() for path in paths)
    return paths


@pytest.fixture(scope="session")
def shared_faces() -> Path:
    """Real photos with truth.csv beside the checkout; a fresh clone has none."""
    folder = Path(__file__).resolve().parents[2] / "shared" / "faces"
    if not folder.is_dir():
        pytest.skip(f"no {folder}: real photos for testing only, which the project does not carry")
    return folder


@pytest.fixture
def one_opencv_thread() -> Iterator[None]:
    """Haar's threads can change the order of its boxes."""
    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    yield
    cv2.setNumThreads(before)
