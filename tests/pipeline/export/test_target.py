"""What lies where an export shall be put: only an untouched export of Moue's is replaced."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.core.errors import ExportError
from pipeline.export.card.readme import MARK
from pipeline.export.manifest import MANIFEST_HEADER
from pipeline.export.target import check_target


@pytest.fixture
def earlier(tmp_path: Path) -> Path:
    """As a Moue without release.json wrote it."""
    out = tmp_path / "out"
    (out / "train" / "smile").mkdir(parents=True)
    (out / "README.md").write_text(f"{MARK}\n")
    (out / "manifest.csv").write_text(MANIFEST_HEADER)
    return out


def test_an_untouched_one_may_be_replaced(earlier: Path) -> None:
    check_target(earlier, overwrite=True)


@pytest.mark.parametrize("place", ["mine", "train/smile/mine"])
@pytest.mark.parametrize("to", ["folder", "file", "nothing"])
def test_a_link_that_somebody_put_there_is_kept(earlier: Path, place: str, to: str) -> None:
    folder, file = earlier.parent / "folder", earlier.parent / "file"
    folder.mkdir()
    file.touch()
    (earlier / place).symlink_to(earlier.parent / to)
    with pytest.raises(ExportError, match=rf"did not write \({place} "):
        check_target(earlier, overwrite=True)


@pytest.mark.parametrize("row", [b"\xff\xfe,train\n", b'"' + b"x" * 200_000 + b'",train\n'])
def test_one_whose_manifest_cannot_be_read_is_refused_in_words(earlier: Path, row: bytes) -> None:
    (earlier / "manifest.csv").write_bytes(MANIFEST_HEADER.encode() + row)
    with pytest.raises(ExportError, match=r"manifest\.csv cannot be read"):
        check_target(earlier, overwrite=True)
