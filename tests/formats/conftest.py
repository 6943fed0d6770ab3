"""The real readers of each format, where they are installed (requirements.txt here): `.ci/run` has an environment of
their own for them."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

import pytest

from pipeline.export.formats.content import ReleaseContent
from pipeline.export.formats.registry import FORMATS
from tests.pipeline.export.formats.made import made_release

Written = Callable[..., Path]
_HOME = tempfile.TemporaryDirectory(prefix="moue-readers-")  # gone with the process
# Readers look for these when they are imported: nothing is fetched, told, or left in the home folder.
for _name in ("HF_HOME", "YOLO_CONFIG_DIR", "FIFTYONE_DATABASE_DIR", "TFDS_DATA_DIR", "KERAS_HOME", "MPLCONFIGDIR"):
    os.environ.setdefault(_name, _HOME.name)
for _name in ("HF_HUB_OFFLINE", "YOLO_OFFLINE", "FIFTYONE_DO_NOT_TRACK", "HF_HUB_DISABLE_TELEMETRY"):
    os.environ.setdefault(_name, "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


@pytest.fixture(scope="session", autouse=True)
def torchvision_imports() -> Iterator[None]:
    """PyPI's torchvision is made for CUDA: beside a torch for CPUs its compiled operators do not load, and its import
    ends in one of them that no class folder needs."""
    if find_spec("torch") is None:
        yield
        return
    import torch

    library = torch.library.Library("torchvision", "FRAGMENT")
    for name in ("nms", "qnms"):
        with suppress(RuntimeError):  # it is there: a torchvision that fits
            library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    yield


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Written:
    """Writes a release of one format as `release` in the present folder, with what lies beside it."""
    monkeypatch.chdir(tmp_path)

    def write(name: str, release: ReleaseContent | None = None) -> Path:
        root = tmp_path / "release"
        root.mkdir(exist_ok=True)
        FORMATS[name].write(made_release() if release is None else release, root)
        (root / "README.md").write_text("<!-- written by Moue -->\n# Mouth expressions\n\ntrain val test\n")
        (root / "manifest.csv").write_text("file,split,class\ntrain/none/x.png,train,none\n")
        (root / "attribution.csv").write_text("file,image_url\ntrain/none/x.png,https://example.org/x.png\n")
        (root / "classes.txt").write_text("none\nopenmouth\npout\nsmile\n")
        (root / "release.json").write_text('{"format": 1, "files": {}}\n')
        return root

    return write
