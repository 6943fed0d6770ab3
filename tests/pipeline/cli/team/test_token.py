"""The command `token`: prints one once, lists all, revokes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from db.store.store import Store
from db.tables.access import tokens
from pipeline.__main__ import main
from tests.db.fresh import fresh


def test_make_list_and_revoke(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = str(fresh(tmp_path / "w"))

    def run(*words: str) -> str:
        assert main(["token", "--workspace", root, *words]) == 0
        return capsys.readouterr().out.strip()

    assert run() == ""
    secret = run("--for", "Ada", "--name", "nightly", "--days", "7")
    with Store.open(Path(root)) as store:
        found = store.read(lambda db: tokens.find(db, secret))
    assert found is not None
    assert (found.annotator, found.name, found.role, found.used_at) == ("Ada", "nightly", "viewer", None)
    assert f"never used, holds until {found.expires_at}" in run()
    told = json.loads(run("--json"))["tokens"]
    assert [one["id"] for one in told] == [1]
    assert secret not in json.dumps(told)
    assert "revoked 2" in run("--revoke", "1")


def test_a_number_that_no_token_has_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["token", "--revoke", "7", "--workspace", str(fresh(tmp_path / "w"))]) == 2
    assert "no token number 7" in capsys.readouterr().err
