"""The steps that need no root: what is copied where, as whom something is run, and what of the machine is lent."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.rooted import machine
from tests.docs.rooted.dockerfile import Dockerfile, State
from tests.docs.rooted.root import Root

USERS = "root:x:0:0:root:/root:/bin/bash\nmoue:x:10001:999::/home/moue:/bin/sh\n"


@pytest.fixture
def root(tmp_path: Path) -> Root:
    (tmp_path / "root/etc").mkdir(parents=True)
    (tmp_path / "root/etc/passwd").write_text(USERS, "utf-8")
    return Root(tmp_path / "root")


def test_files_and_what_is_in_folders_are_copied_to_where_the_step_stands(root: Root, tmp_path: Path) -> None:
    for name in ("app.py", "LICENSE", "db/log.py", "db/__pycache__/log.pyc"):
        path = tmp_path / "checkout" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name, "utf-8")
    file = Dockerfile.of(
        'FROM a:b\nWORKDIR /opt/moue\nCOPY app.py \\\n  LICENSE ./\nCOPY db db\nHEALTHCHECK CMD ["a"]\nCMD ["a"]'
    )
    for step in file.steps:
        root.do(step, tmp_path / "checkout", {})
    copied = sorted(path.relative_to(root.path).as_posix() for path in root.path.rglob("*") if path.is_file())
    assert copied == ["etc/passwd", "opt/moue/LICENSE", "opt/moue/app.py", "opt/moue/db/log.py"]


def test_a_command_runs_as_its_user_in_its_folder_and_with_its_variables(root: Root) -> None:
    state = State("10001", "/opt/moue", (("MOUE_WORKSPACE", "/data/workspace"),))
    said = root.words(state, ("python", "-m", "a b"), "--pid", "--fork")
    assert said[:4] == ["unshare", "--mount", "--pid", "--fork"]
    assert f"exec chroot --userspec=10001:999 --groups= {root.path} /bin/sh -c" in said[-1]
    assert "cd /opt/moue && exec python" in said[-1]
    assert said[-1].index("mount -t proc") < said[-1].index("chroot")
    assert root.variables(state) == {
        "PATH": root.variables(State())["PATH"],
        "HOME": "/home/moue",
        "MOUE_WORKSPACE": "/data/workspace",
    }
    with pytest.raises(LookupError, match="nobody is 7"):
        root.words(State("7"), ("true",))


def test_what_settings_name_is_lent_files_copied_and_folders_to_be_read_alone(root: Root, tmp_path: Path) -> None:
    (tmp_path / "wheels").mkdir()
    (tmp_path / "index/simple").mkdir(parents=True)
    (tmp_path / "bundle.crt").write_text("c", "utf-8")
    settings = {
        "PIP_FIND_LINKS": f"{tmp_path}/wheels {tmp_path}/none",
        "PIP_INDEX_URL": f"file://{tmp_path}/index/simple",
        "PIP_CERT": str(tmp_path / "bundle.crt"),
        "PIP_TIMEOUT": "60",
    }
    lent = root.lend(machine.paths(settings))
    assert lent.lent == [tmp_path / "wheels", tmp_path / "index"]
    assert (root.path / tmp_path.relative_to("/") / "bundle.crt").read_text("utf-8") == "c"
    assert f"mount --bind -o ro {tmp_path}/wheels" in lent.words(State(), ("true",))[-1]
    assert "wheels" not in root.words(State(), ("true",))[-1]
