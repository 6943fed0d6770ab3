"""Pictures whose names differ in capitals from what annotations say: on Windows and macOS both open one file."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.core.errors import UsageError
from pipeline.export.readers.syntax.named_files import first_inside, inside
from tests.pipeline.export.readers.read import COCO, coco, labels

TOLD_BY = Path("annotations.json")


def laid(root: Path, *names: str) -> Path:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"x")
    return root


@pytest.mark.parametrize(
    ("told", "there"),
    [
        ("a.jpg", "a.JPG"), ("IMG_1.JPG", "img_1.jpg"), ("Sub/A.jpg", "sub/a.jpg"), ("SUB\\a.jpg", "sub/a.jpg"),
        ("G\u00c4hnen.jpg", "ga\u0308hnen.jpg"), ("My%20Photo.jpg", "my photo.jpg"),
    ],
)  # fmt: skip
def test_the_only_one_that_differs_in_capitals_is_meant(tmp_path: Path, told: str, there: str) -> None:
    assert inside(laid(tmp_path, there), told, TOLD_BY) == tmp_path / there


def test_the_very_name_goes_before(tmp_path: Path) -> None:
    laid(tmp_path, "A.jpg", "more/a.jpg", "more/A.JPG")
    assert inside(tmp_path, "A.jpg", TOLD_BY) == tmp_path / "A.jpg"
    assert first_inside((tmp_path, tmp_path / "more"), "a.jpg", TOLD_BY) == tmp_path / "more/a.jpg"


@pytest.mark.parametrize(("told", "there"), [("a.jpg", ("A.jpg", "a.JPG")), ("b/a.jpg", ("B.jpg",)), ("a.jpg", ())])
def test_one_of_two_is_not_guessed(tmp_path: Path, told: str, there: tuple[str, ...]) -> None:
    with pytest.raises(UsageError) as refused:
        inside(laid(tmp_path, *there), told, TOLD_BY)
    assert refused.value.message.code == "import_picture_missing"


def test_a_link_that_leads_out_is_refused_in_any_case(tmp_path: Path) -> None:
    laid(tmp_path, "set/b.jpg", "private.jpg")
    (tmp_path / "set/Link.jpg").symlink_to(tmp_path / "private.jpg")
    with pytest.raises(UsageError) as refused:
        inside(tmp_path / "set", "link.jpg", TOLD_BY)
    assert refused.value.message.code == "import_path_outside"


def test_a_data_set_of_windows(tmp_path: Path) -> None:
    (tmp_path / "set/images").mkdir(parents=True)
    (tmp_path / "set/images/a.JPG").write_bytes(b"x")
    assert [name for name, *_ in labels(tmp_path, {COCO: coco()})] == ["images/a.JPG"]
