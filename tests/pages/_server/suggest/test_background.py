"""The server begins trainings as processes of their own: when one is due, never twice, never in its own process."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from db.projection import suggestions
from db.store.locks import job_lock, suggest_lock
from db.store.store import Store
from db.suggest import progress
from db.tables import suggesters
from pages._server.suggest import background
from pages._server.suggest.background import DURING_A_JOB_S, REST, RETRY_S, Trainer
from pipeline.cli.suggest.suggest import REST_S
from tests.db.fresh import open_fresh
from tests.pipeline.actions.suggest.mouths import add_mouths, label
from tests.pipeline.commands import environment

ROOT = Path(__file__).resolve().parents[4]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_fresh(tmp_path / "w") as opened:
        yield opened


@pytest.fixture
def trainer(store: Store) -> Iterator[Trainer]:
    made = Trainer(store)
    yield made
    made.stop()


def run(*code: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", *code])


def wait(trainer: Trainer) -> int:
    assert trainer._child is not None
    return trainer._child.wait(120)


def version(store: Store) -> int | None:
    found = store.read(suggestions.in_force)
    return None if found is None else found.version


def test_a_training_is_begun_when_it_is_due_and_done_by_another_process(store: Store, trainer: Trainer) -> None:
    assert not trainer.look(0)  # no face
    faces = add_mouths(store, 30)
    assert trainer.look(0)
    assert not trainer.look(1)  # it runs, or is done
    assert wait(trainer) == 0
    assert version(store) == 1
    assert not trainer.look(10)
    label(store, faces[:25], 2, 1)
    assert trainer.look(10 + REST * 10)
    assert wait(trainer) == 0
    assert version(store) == 2
    found = store.read(suggestions.in_force)
    assert found is not None
    assert found.kind == "learned"


def test_a_long_training_is_followed_by_a_longer_rest(
    store: Store, trainer: Trainer, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_mouths(store, 2)
    monkeypatch.setattr(background, "_spawn", lambda root: run("pass"))
    assert trainer.look(100)
    wait(trainer)
    assert not trainer.look(120)  # it took 20 s, as far as is seen
    assert not trainer.look(120 + REST * 20 - 1)
    assert trainer.look(120 + REST * 20)


def test_its_rests_between_writes_are_no_work(store: Store, trainer: Trainer, monkeypatch: pytest.MonkeyPatch) -> None:
    add_mouths(store, 2)
    note = "from pathlib import Path; from db.suggest.progress import note_rested; note_rested(Path({!r}), 18.5)"

    def spawn(root: Path) -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, "-c", note.format(str(root))], env=environment())

    monkeypatch.setattr(background, "_spawn", spawn)
    assert trainer.look(100)
    wait(trainer)
    assert not trainer.look(120)  # 20 s, of which it rested 18.5
    assert not trainer.look(120 + REST * 1.5 - 0.1)
    monkeypatch.setattr(background, "_spawn", lambda root: run("pass"))
    assert trainer.look(120 + REST * 1.5 + 0.1)
    wait(trainer)
    assert not trainer.look(140)
    assert not trainer.look(140 + REST * 13.9 - 0.5)  # begun at 126.1; the note was of the one before
    assert trainer.look(140 + REST * 13.9 + 0.5)
    wait(trainer)


@pytest.mark.long
def test_a_training_in_the_background_notes_its_rests(store: Store, trainer: Trainer) -> None:
    add_mouths(store, 30)
    assert trainer.look(0)
    assert wait(trainer) == 0
    assert progress.take_rested(store.root) >= REST_S
    assert progress.take_rested(store.root) == 0.0


def test_one_that_fails_is_tried_again_much_later(
    store: Store, trainer: Trainer, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_mouths(store, 2)
    monkeypatch.setattr(background, "_spawn", lambda root: run("raise SystemExit(3)"))
    assert trainer.look(0)
    assert wait(trainer) == 3
    assert not trainer.look(1)
    assert not trainer.look(RETRY_S)
    assert trainer.look(RETRY_S + 1)
    wait(trainer)


def test_while_photos_come_in_it_is_begun_once_a_minute(
    store: Store, trainer: Trainer, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_mouths(store, 2)
    monkeypatch.setattr(background, "_spawn", lambda root: run("pass"))
    with job_lock(store.root):
        assert trainer.look(100)
        wait(trainer)
        assert not trainer.look(100.5)
        assert not trainer.look(100 + DURING_A_JOB_S - 1)
        assert trainer.look(100 + DURING_A_JOB_S)
    wait(trainer)


def test_where_somebody_trains_already_none_is_begun(store: Store, trainer: Trainer) -> None:
    add_mouths(store, 2)
    with suggest_lock(store.root):
        assert not trainer.look(0)


def test_switched_off_none_is_begun(store: Store, trainer: Trainer) -> None:
    add_mouths(store, 2)
    store.write(lambda db: suggesters.switch(db, False))
    assert not trainer.look(0)


def test_the_end_of_the_server_ends_it(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    add_mouths(store, 2)
    monkeypatch.setattr(background, "_spawn", lambda root: run("import time; time.sleep(600)"))
    trainer = Trainer(store)
    trainer.start()
    assert trainer.look(0)
    child = trainer._child
    assert child is not None
    trainer.stop()
    assert child.poll() is not None


def test_the_server_never_loads_what_trains() -> None:
    """54 MB, and most of a second."""
    code = "import sys, app, pages._server.spaces, pages._routes; print('sklearn' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment(), capture_output=True, text=True, check=False
    )
    assert done.stdout.strip().endswith("False"), done.stderr
