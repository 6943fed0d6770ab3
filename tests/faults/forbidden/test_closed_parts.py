"""Parts of a workspace, an export or a data set that are closed to a command: it says which, and claims nothing of
what it could not look at."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.core.errors import UsageError
from pipeline.core.outcome import Outcome
from pipeline.export.readers import folders
from pipeline.sources.zips import zip_members
from tests.faults.forbidden.test_closed_workspace import closed
from tests.pipeline.commands import inside, rows
from tests.pipeline.photos import numbered_head
from tests.pipeline.unprivileged import unprivileged


@pytest.fixture
def root(decided: Path, tmp_path: Path) -> Iterator[Path]:
    """A workspace with a backup and a folder of releases; its export is `out` beside it."""
    root = Path(shutil.copytree(decided / "w", tmp_path / "w"))
    for words in (("export", "--out", tmp_path / "out", "--val", "0.5"), ("backup", "--rotate")):
        assert inside(*words, "--workspace", root).returncode == 0
    (root / "releases").mkdir()
    return root


def said(root: Path, *words: object) -> tuple[int, str]:
    done = inside(*words, "--workspace", root)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("part", ["crops", "thumbs", "releases"])
def test_verify_does_not_call_well_what_it_could_not_list(root: Path, part: str) -> None:
    with closed(root / part):
        code, words = said(root, "verify")
    assert code == 1
    assert f"{root / part} cannot be read (Permission denied): what lies in it was not looked at" in words
    assert said(root, "verify")[0] == 0


def test_nothing_is_erased_while_backups_can_not_be_looked_through(root: Path) -> None:
    """It said that the photo was erased and named no backup that held it."""
    sha256 = rows(root, "SELECT sha256 FROM images ORDER BY 1")[0][0]
    with closed(root / "backups"):
        code, words = said(root, "erase", sha256)
    assert code == 1
    assert f"{root / 'backups'} cannot be read" in words
    (backup,) = (root / "backups").iterdir()
    code, words = said(root, "erase", sha256)
    assert code == 0
    assert backup.name in words


def test_a_set_aside_database_that_can_not_be_looked_through_counts(root: Path) -> None:
    sha256 = rows(root, "SELECT sha256 FROM images ORDER BY 1")[0][0]
    aside = root / "backups" / "before-restore-1"
    (aside / "inner").mkdir(parents=True)
    with closed(aside / "inner"):
        assert aside.name in said(root, "erase", sha256)[1]


def test_a_release_is_not_called_changed_or_short_where_it_is_closed(root: Path) -> None:
    out = root.parent / "out"
    picture = next((out / "train").glob("*/*"))
    with closed(out / "train"):
        code, words = said(root, "release", "verify", out)
        assert code == 1
        assert f"{out / 'train'} may not be used" in words
    with closed(picture):
        code, words = said(root, "release", "verify", out)
        assert code == 1
        assert f"{picture.relative_to(out).as_posix()} cannot be read (Permission denied)" in words
    with closed(out / "release.json"):
        assert "release.json cannot be read (Permission denied)" in said(root, "release", "verify", out)[1]
    assert said(root, "release", "verify", out)[0] == 0


@pytest.mark.parametrize("mode", [0, 0o555])
def test_an_export_that_could_not_be_taken_away_is_not_replaced(root: Path, mode: int) -> None:
    """The pictures of the earlier one stayed in a hidden folder beside the new one."""
    out = root.parent / "out"
    words = ("export", "--out", out, "--val", "0.5", "--overwrite")
    kept = (out / "release.json").stat().st_ino
    (out / "train").chmod(mode)
    try:
        with unprivileged():
            code, told = said(root, *words)
    finally:
        (out / "train").chmod(0o755)
    assert code == 1
    assert f"{out / 'train'} may not be used" in told
    assert (out / "release.json").stat().st_ino == kept
    assert [one.name for one in root.parent.iterdir() if one.name.startswith(".")] == []
    assert said(root, *words)[0] == 0


def test_compare_counts_photos_that_can_not_be_read(root: Path) -> None:
    with closed(root / "originals"):
        assert "3 could not be compared" in said(root, "compare")[1]


def test_a_closed_class_is_not_left_out_of_a_data_set(tmp_path: Path) -> None:
    for name in ("smile", "pout"):
        (tmp_path / name / "more").mkdir(parents=True)
        (tmp_path / name / "a.jpg").write_bytes(numbered_head(1))
    with closed(tmp_path / "smile" / "more"), pytest.raises(UsageError, match="smile/more cannot be read"):
        list(folders.read(tmp_path))
    assert [one.label for one in folders.read(tmp_path)] == ["pout", "smile"]


def test_a_closed_zip_is_not_called_damaged(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(b"PK\x03\x04")
    with closed(tmp_path / "a.zip"):
        (ref,) = zip_members(tmp_path / "a.zip", tmp_path / "in" / "spool", 9)
    assert ref.failure is not None
    assert ref.failure[0] is Outcome.UNAVAILABLE
