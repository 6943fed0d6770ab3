"""A small workspace, and a process that is killed in mid-work."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Final

import pytest

from db.store.store import Store
from db.tables import classes
from tests.faults.kills.killed import Killer, killer
from tests.pipeline.commands import ingest, inside, rows
from tests.pipeline.photos import numbered_head

FACES: Final = "SELECT id FROM faces ORDER BY id"


@pytest.fixture(scope="module")
def killing() -> Iterator[Killer]:
    with killer() as one:
        yield one


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a workspace `w` of two sources, their photos copied into it: two photos and one."""
    root = tmp_path_factory.mktemp("made")
    for folder, numbers in (("in", (1, 2)), ("more", (3,))):
        (root / folder).mkdir()
        for number in numbers:
            (root / folder / f"{number}.jpg").write_bytes(numbered_head(number))
        ingest(root / "w", root / folder, "--copy")
    return root


@pytest.fixture(scope="module")
def decided(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace of one class whose three photos are accepted."""
    root = tmp_path_factory.mktemp("decided")
    shutil.copytree(made / "w", root / "w")
    with Store.open(root / "w") as store:
        kept, *others = store.read(classes.list_classes)
        for spec in others:
            store.write(partial(classes.archive_class, class_id=spec.id))
    lines = ["face_id,verdict,label", *(f"{face},accept,{kept.name}" for (face,) in rows(root / "w", FACES))]
    (root / "all.csv").write_text("\n".join(lines), "utf-8")
    done = inside("decide", root / "all.csv", "--annotator", "Ann", "--workspace", root / "w")
    assert done.returncode == 0, done.stderr
    return root
