from __future__ import annotations

import gc
import os
import signal
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import cv2
import pytest
from hypothesis import HealthCheck, settings

from tests import short_form
from tests.db.schema import kept
from tests.examples import examples
from tests.pipeline.photos import astronaut, hopper, package_file

# Six hundred files of tests are rewritten and compiled by each worker, and Moue by each process that a test starts:
# 40 s of CPU a worker where nothing may be kept, as in images of containers. Mutants must not be kept: they say so.
if os.environ.get("MOUE_TEST_COMPILE") != "anew":
    sys.dont_write_bytecode = False
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# A shell that begins a run with `&` has it ignore Ctrl-C, and with it every command that a test interrupts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# How fast the machine is today is no property of the code.
settings.register_profile(
    "moue", deadline=None, max_examples=examples(100), suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("moue")
kept.keep()

# Photos inside scikit-image's wheel that show no face (the other ones of its gallery are fetched from the net).
NO_FACE = ("brick", "cell", "chelsea", "clock_motion", "coffee", "coins", "grass", "gravel", "horse", "ihc", "moon")


LONG = (
    "test_state_machine.py", "test_leak_proof.py", "test_course.py", "test_looks.py", "test_restore.py", "test_curl.py",
    "test_suggested.py", "test_label_errors.py", "test_process_image.py", "test_detect.py", "test_import.py",
    "test_meanwhile.py",
)  # fmt: skip
"""Files of few tests that take long."""


def pytest_configure(config: pytest.Config) -> None:
    short_form.configure(config)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Files with browsers first, then long ones, then those of many tests: what begins last keeps one worker alone."""
    short_form.leave_out(config, items)
    tests = Counter(item.path for item in items)

    def place(item: pytest.Item) -> tuple[bool, bool, int]:
        long = "faults" in item.path.parts or item.path.name in LONG
        return "e2e" not in item.path.parts, not long, -tests[item.path]

    items.sort(key=place)


def pytest_collection_finish() -> None:
    """Ten thousand tests and their modules stay to the end: no later search for garbage need look at them, here or in
    a fork."""
    gc.collect()
    gc.freeze()


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
