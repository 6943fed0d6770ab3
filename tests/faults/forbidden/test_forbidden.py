"""Files and folders that whoever runs Moue may not use: each command names the place, without a traceback."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.cli.commands import COMMANDS, WITHOUT_DATABASE
from tests.pipeline.commands import inside
from tests.pipeline.photos import numbered_head
from tests.pipeline.unprivileged import unprivileged

IN_WORKSPACE = {
    "ingest": ("{open}",),
    "video": ("{open}/a.jpg",),
    "crawl": ("--list", "{open}/list.csv"),
    "import": ("{open}", "--annotator", "Ann"),
    "reprocess": (),
    "duplicates": (),
    "compare": (),
    "status": (),
    "decide": ("{open}/list.csv", "--annotator", "Ann"),
    "predictions": ("{open}/list.csv", "--suggester", "one"),
    "consensus": (),
    "suggest": (),
    "similar": ("{open}/a.jpg",),
    "classifier": ("{tmp}/c.json",),
    "classify": ("{open}/a.jpg",),
    "release": ("list",),
    "export": ("--out", "{tmp}/out"),
    "verify": (),
    "backup": ("{tmp}/b.db",),
    "restore": ("{open}/list.csv",),
    "erase": ("0" * 64,),
    "people": ("list",),
    "roles": (),
    "audit": (),
    "token": (),
}
"""What each command is asked in a workspace that is closed."""
CLOSED = {
    "ingest": (("{closed}/a.jpg",), ("{closed}",), ("{locked}",)),
    "video": (("{closed}/a.mp4",), ("{locked}",)),
    "crawl": (("--list", "{closed}/list.csv"), ("--list", "{locked}")),
    "import": (("{closed}/set", "--annotator", "Ann"), ("{closed}", "--annotator", "Ann")),
    "decide": (("{closed}/a.csv", "--annotator", "Ann"), ("{locked}", "--annotator", "Ann")),
    "predictions": (("{closed}/a.csv", "--suggester", "one"), ("{locked}", "--suggester", "one")),
    "similar": (("{closed}/a.jpg",), ("{locked}",)),
    "classifier": (("{closed}/c.json",),),
    "classify": (("{closed}/a.jpg",), ("{locked}",),
                 ("{open}/a.jpg", "--draw", "{closed}/drawn")),
    "release": (("verify", "{closed}/r"), ("verify", "{closed}")),
    "export": (("--out", "{closed}/out"), ("--out", "{closed}")),
    "backup": (("{closed}/b.db",),),
    "verify": (("--against", "{closed}/r"),),
    "people": (("set", "{closed}/p.csv"),),
}  # fmt: skip
"""What each command is asked of a place that is closed."""


@pytest.fixture
def places(tmp_path: Path) -> Iterator[dict[str, Path]]:
    """open: a folder with a photo and a list. closed: a folder, locked: a file, which nobody may use."""
    for name in ("open", "closed"):
        (tmp_path / name).mkdir()
    (tmp_path / "open" / "a.jpg").write_bytes(numbered_head(1))
    (tmp_path / "open" / "list.csv").write_text("url\nhttps://a.example/b.jpg\n", "utf-8")
    locked = tmp_path / "locked.jpg"
    locked.write_text("x", "utf-8")
    (tmp_path / "closed").chmod(0)
    locked.chmod(0)
    yield {"tmp": tmp_path, "open": tmp_path / "open", "closed": tmp_path / "closed", "locked": locked}
    (tmp_path / "closed").chmod(0o755)
    locked.chmod(0o644)


def filled(words: tuple[str, ...], places: dict[str, Path]) -> list[str]:
    return [word.format(**places) for word in words]


def test_every_command_is_tried() -> None:
    assert set(IN_WORKSPACE) == {*COMMANDS, *WITHOUT_DATABASE}


@pytest.mark.long_but(9)
@pytest.mark.parametrize("name", sorted(IN_WORKSPACE))
def test_a_closed_workspace_is_named(name: str, places: dict[str, Path]) -> None:
    with unprivileged():
        done = inside(name, *filled(IN_WORKSPACE[name], places), "--workspace", places["closed"] / "w")
    assert done.returncode in (1, 2), done.stdout
    assert str(places["closed"]) in done.stderr
    assert "ermission denied" in done.stderr
    assert done.stderr.startswith("moue: ")


@pytest.mark.long_but(9)
@pytest.mark.parametrize(("name", "words"), [(name, words) for name, each in CLOSED.items() for words in each])
def test_a_closed_place_is_named(name: str, words: tuple[str, ...], places: dict[str, Path], decided: Path) -> None:
    workspace = Path(shutil.copytree(decided / "w", places["tmp"] / "w"))
    here = ("--executor", "serial") if name in ("ingest", "video") else ()  # workers are begun before, as root
    with unprivileged():
        done = inside(name, *filled(words, places), *here, "--workspace", workspace)
    told = done.stdout + done.stderr
    assert done.returncode in (1, 2) or "unavailable" in told, told
    assert "closed" in told or "locked" in told or "1 unavailable" in told, told
