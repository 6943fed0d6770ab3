"""`ingest --watch`: what is put into the folder is taken, until the process is told to stop."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from db.store.store import Store
from db.tables import jobs
from pipeline.sources.watch import OWNER_ENDED
from tests.pipeline import commands as cli
from tests.pipeline.photos import numbered_head


def faces(workspace: Path) -> int:
    try:
        return int(cli.rows(workspace, "SELECT count(*) FROM faces")[0][0])
    except Exception:  # noqa: BLE001 - the database is being made
        return 0


def wait_for(workspace: Path, number: int) -> None:
    until = time.monotonic() + 60
    while faces(workspace) < number:
        assert time.monotonic() < until, f"{faces(workspace)} of {number} faces"
        time.sleep(0.1)


def wait_for_figures(workspace: Path, added: int) -> dict[str, Any]:
    """Until the round that took the last of `added` photos is over, as the page is told."""
    until = time.monotonic() + 60
    while True:
        figures: dict[str, Any] = json.loads(cli.rows(workspace, "SELECT counts FROM jobs")[0][0])
        if figures.get("added") == added and figures.get("came_at") and not figures["waiting"]:
            return figures
        assert time.monotonic() < until, figures
        time.sleep(0.1)


def test_a_folder_is_followed_until_ctrl_c(tmp_path: Path) -> None:
    folder, workspace = tmp_path / "crawl", tmp_path / "w"
    folder.mkdir()
    (folder / "0.jpg").write_bytes(numbered_head(0))
    line = cli.command("ingest", folder, "--watch", "0.2", "--executor", "serial", "--workspace", workspace)
    process = subprocess.Popen(line, cwd=cli.ROOT, env=cli.environment(), stderr=subprocess.PIPE, text=True)
    try:
        wait_for(workspace, 1)
        (folder / "class").mkdir()
        (folder / "class" / "嘴.jpg").write_bytes(numbered_head(1))
        (folder / "2.jpg.part").write_bytes(numbered_head(2))
        wait_for_figures(workspace, added=2)  # both are noted: it waits for the next round
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 130, told
    assert cli.rows(workspace, "SELECT state FROM jobs") == [("cancelled",)]
    assert faces(workspace) == 2  # a file that is still being written is left alone
    assert cli.ingest(workspace, folder)["images"]["already_present"] == 2


OWNER = "import os, subprocess, sys; subprocess.run([*sys.argv[1:], '--watch-owner', str(os.getpid())])"


@pytest.mark.long
def test_it_ends_with_the_process_that_owns_it(tmp_path: Path) -> None:
    """A server that began to watch and was killed leaves nobody behind who could stop it."""
    folder, workspace = tmp_path / "crawl", tmp_path / "w"
    folder.mkdir()
    (folder / "0.jpg").write_bytes(numbered_head(0))
    line = cli.command("ingest", folder, "--watch", "0.2", "--executor", "serial", "--workspace", workspace)
    owner = subprocess.Popen([sys.executable, "-c", OWNER, *map(str, line)], cwd=cli.ROOT, env=cli.environment())
    try:
        wait_for(workspace, 1)
    finally:
        owner.kill()
        owner.wait(60)
    until = time.monotonic() + 60
    while (found := cli.rows(workspace, "SELECT state, error FROM jobs")) != [("interrupted", OWNER_ENDED.text)]:
        assert time.monotonic() < until, found
        time.sleep(0.1)


@pytest.mark.long
def test_what_it_does_is_told_to_the_page(tmp_path: Path) -> None:
    """And a cancel ends it between two rounds, however far they are apart."""
    folder, workspace = tmp_path / "crawl", tmp_path / "w"
    folder.mkdir()
    (folder / "0.jpg").write_bytes(numbered_head(0))
    line = cli.command("ingest", folder, "--watch", "3600", "--executor", "serial", "--workspace", workspace)
    process = subprocess.Popen(line, cwd=cli.ROOT, env=cli.environment(), stderr=subprocess.DEVNULL)
    try:
        wait_for(workspace, 1)
        figures = wait_for_figures(workspace, added=1)
        ((job, params),) = cli.rows(workspace, "SELECT id, params FROM jobs")
        with Store.open(workspace) as store:
            store.write(lambda db: jobs.request_cancel(db, job))
        assert process.wait(60) == 130
    finally:
        process.kill()
    assert (figures["added"], figures["waiting"], json.loads(params)["watch"]) == (1, 0, 3600)
    assert cli.rows(workspace, "SELECT state FROM jobs") == [("cancelled",)]


def test_only_one_folder_can_be_watched(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(numbered_head(0))
    for paths, told in (((tmp_path, tmp_path), "give one PATH"), ((tmp_path / "a.jpg",), "cannot be watched")):
        done = cli.inside("ingest", *paths, "--watch", "--workspace", tmp_path / "w")
        assert (done.returncode, told in done.stderr) == (2, True), done.stderr
