"""The thin path through a real server: faces without a label, the rule, decisions, learned suggestions."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from db.projection import suggestions
from db.store.locks import suggest_lock_is_free
from db.store.store import Store
from tests.db.fresh import fresh
from tests.e2e.conftest import Server, running
from tests.pipeline import commands
from tests.pipeline.actions.suggest.mouths import add_mouths

pytestmark = pytest.mark.long

FACES, LABELLED = 60, 25


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with Store.open(fresh(tmp_path / "workspace")) as store:
        add_mouths(store, FACES)
    yield from running(tmp_path, MOUE_SUGGEST="1")


def wait(said: Callable[[], bool], seconds: float = 120) -> None:
    until = time.monotonic() + seconds
    while not said():
        assert time.monotonic() < until
        time.sleep(0.1)


def newest(server: Server) -> tuple[int, str, int] | None:
    sql = "SELECT version, kind, n_labels FROM suggestion_models WHERE ready = 1 ORDER BY version DESC LIMIT 1"
    return next(iter(server.rows(sql)), None)


def suggested(server: Server) -> list[int | None]:
    with Store.open(server.workspace) as store:
        found = store.read(lambda db: suggestions.of_faces(db, range(1, FACES + 1)))
    return [found[seq].class_id if seq in found else None for seq in range(1, FACES + 1)]


def test_the_server_suggests_learns_and_leaves_nothing_running(server: Server, tmp_path: Path) -> None:
    wait(lambda: newest(server) is not None)
    assert newest(server) == (1, "zero_label", 0)
    wait(lambda: suggested(server) == [3, 1] * (FACES // 2))  # wide mouths smile; those that had changed, a write later
    rows = server.rows("SELECT id FROM faces ORDER BY seq LIMIT 25")
    lines = [f"{face},accept,{('pout', 'openmouth')[number % 2]}" for number, (face,) in enumerate(rows)]
    (tmp_path / "d.csv").write_text("face_id,verdict,label\n" + "\n".join(lines) + "\n", "utf-8")
    done = commands.call("decide", tmp_path / "d.csv", "--annotator", "Ann", "--workspace", server.workspace)
    assert done.returncode == 0, done.stderr
    wait(lambda: newest(server) != (1, "zero_label", 0))
    assert newest(server) == (2, "learned", LABELLED)
    assert server.standing() == LABELLED  # nothing was decided by it
    server.stop(signal.SIGTERM)
    assert suggest_lock_is_free(server.workspace)
    told = json.loads(commands.call("verify", "--workspace", server.workspace, "--json").stdout)
    assert not [one for one in told["findings"] if "original" not in one and "crop" not in one and "thumb" not in one]
