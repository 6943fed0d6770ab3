"""What terminals cannot show is escaped; a reader that has gone is no error."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from db.store.store import Store
from db.tables import classes
from pipeline.cli.commands import COMMANDS, WITHOUT_DATABASE
from tests.pipeline import forked
from tests.pipeline.commands import ROOT, command, environment

NAME = "微笑"
CODINGS = ["ascii", "cp1252", "latin-1", "ascii:strict", "cp437"]


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("output") / f"w {NAME}"
    with Store.open(root) as store:
        store.write(lambda db: classes.add_class(db, NAME))
    return root


def calls(root: Path) -> dict[str, list[str]]:
    """A line for each command that ends by itself on an almost empty workspace."""
    gone = root / f"gone {NAME}"
    return {
        "ingest": ["ingest", str(gone)], "import": ["import", str(gone), "--annotator", NAME],
        "crawl": ["crawl"], "video": ["video", str(gone)], "reprocess": ["reprocess"],
        "duplicates": ["duplicates"], "compare": ["compare"], "decide": ["decide", str(gone), "--annotator", NAME],
        "export": ["export", "--out", str(gone)], "status": ["status"], "verify": ["verify"],
        "backup": ["backup", str(root.parent / "b" / f"{NAME}.db")], "erase": ["erase", NAME],
        "restore": ["restore", str(gone)], "roles": ["roles"], "audit": ["audit"], "consensus": ["consensus"],
        "suggest": ["suggest", "--off"], "predictions": ["predictions", str(gone), "--suggester", NAME],
        "similar": ["similar", str(gone)],
        "classifier": ["classifier", str(gone / "file")], "classify": ["classify", str(gone)],
        "token": ["token", "--for", NAME], "people": ["people", "list"],
        "release": ["release", "verify", str(gone)],
    }  # fmt: skip


def test_each_command_is_tried(workspace: Path) -> None:
    assert set(calls(workspace)) == {*COMMANDS, *WITHOUT_DATABASE}


@contextmanager
def gone() -> Iterator[int]:
    """The end to write to of a pipe whose reader has left."""
    reader, writer = os.pipe()
    os.close(reader)
    yield writer
    os.close(writer)


def ended(words: Sequence[str], workspace: Path, shell: str = "", **env: str) -> subprocess.CompletedProcess[bytes]:
    """shell: what bash does with its streams; descriptor 9 is a pipe whose reader has left."""
    line = command(*words, "--workspace", workspace)
    with gone() as writer:
        if shell:
            line = ["bash", "-c", f'"$@" {shell.replace("9", str(writer))}', "bash", *line]
        return subprocess.run(line, cwd=ROOT, env=environment(**env), capture_output=True, timeout=120, check=False,
                              pass_fds=[writer] if shell else [])  # fmt: skip


def timeless(told: bytes) -> bytes:
    """Without how long it took, and what a new token is."""
    return re.sub(rb"\d+(\.\d+)? s\b", b"some s", re.sub(rb"\bmoue_[\w-]+", b"moue_x", told))


@pytest.mark.long_but(1)
@pytest.mark.parametrize("name", sorted({*COMMANDS, *WITHOUT_DATABASE}))
def test_what_cannot_be_encoded_is_escaped_and_a_reader_may_go(name: str, workspace: Path) -> None:
    """The command ends as it would have, and says nothing of codings or pipes. (The tests below start it whole.)"""
    backups = workspace.parent / "b"
    line = [*calls(workspace)[name], "--workspace", str(workspace)]

    def run(stdout_is_read: bool = True, **env: str) -> subprocess.CompletedProcess[bytes]:
        backups.mkdir(exist_ok=True)
        (backups / f"{NAME}.db").unlink(missing_ok=True)
        return forked.run(line, environment(**env), stdout_is_read)

    usual = run(PYTHONIOENCODING="utf-8")
    plain = run(PYTHONIOENCODING="ascii")
    left = run(stdout_is_read=False, PYTHONUNBUFFERED="1", PYTHONIOENCODING="utf-8")
    assert usual.returncode == plain.returncode == left.returncode
    assert left.stderr == usual.stderr
    assert not any(b"Traceback" in one for one in (plain.stdout, plain.stderr, left.stderr))
    assert plain.stderr == usual.stderr.decode().encode("ascii", "backslashreplace")
    assert timeless(plain.stdout) == timeless(usual.stdout.decode().encode("ascii", "backslashreplace"))


@pytest.mark.parametrize("coding", CODINGS)
def test_whatever_the_terminal_speaks(coding: str, workspace: Path) -> None:
    done = forked.run(["status", "--workspace", str(workspace)], environment(PYTHONIOENCODING=coding))
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"\\u5fae\\u7b11" in done.stdout


def test_a_plain_locale(workspace: Path) -> None:
    done = ended(["status"], workspace, LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")
    assert done.returncode == 0
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize("words", [["--help"], ["--version"], ["crawl", "--help"]], ids=" ".join)
def test_help_is_escaped_and_may_be_left(words: list[str]) -> None:
    env = environment(PYTHONIOENCODING="ascii")
    plain = subprocess.run(command(*words), cwd=ROOT, env=env, capture_output=True, timeout=60, check=False)
    assert (plain.returncode, plain.stderr) == (0, b"")
    with gone() as writer:
        left = subprocess.run(command(*words), cwd=ROOT, env=environment(PYTHONUNBUFFERED="1"), stdout=writer,
                              stderr=subprocess.PIPE, check=False)  # fmt: skip
    assert (left.returncode, left.stderr) == (0, b"")


def test_a_refusal_in_a_plain_terminal() -> None:
    done = subprocess.run(command("ingest", "x", f"--margin={NAME}"), cwd=ROOT, capture_output=True, check=False,
                          env=environment(PYTHONIOENCODING="ascii:strict"))  # fmt: skip
    assert done.returncode == 2
    assert b"'\\u5fae\\u7b11' is not a number" in done.stderr


@pytest.mark.parametrize("shell", [">&9 2>&9", "2>&9", ">&-", "2>&-", ">&- 2>&-"])
@pytest.mark.parametrize("words", [["status"], ["status", "--nonsense"]], ids=" ".join)
def test_either_stream_may_be_closed(words: list[str], shell: str, workspace: Path) -> None:
    done = ended(words, workspace, shell)
    assert done.returncode == (2 if len(words) > 1 else 0)
    assert not any(word in done.stderr for word in (b"Traceback", b"Broken", b"Exception"))


def test_a_backup_is_made_though_nobody_listens(workspace: Path, tmp_path: Path) -> None:
    done = ended(["backup", str(tmp_path / "b.db")], workspace, ">&9", PYTHONUNBUFFERED="1")
    assert (done.returncode, done.stderr) == (0, b"")
    assert (tmp_path / "b.db").stat().st_size > 0


def test_a_full_disk_is_told(workspace: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full on this system: a full disk was not tried")
    done = ended(["status", "--json"], workspace, "> /dev/full")
    assert done.returncode == 1
    assert done.stderr.decode().splitlines() == ["moue: what was found cannot be printed: No space left on device"]


def test_json_stays_json(workspace: Path) -> None:
    done = ended(["status", "--json"], workspace, PYTHONIOENCODING="ascii")
    assert NAME in json.loads(done.stdout)["labels"]
