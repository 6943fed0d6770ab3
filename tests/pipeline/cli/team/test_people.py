"""`roles` and `audit` at the command line."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pytest

from db.store.store import Store
from db.tables import audit, releases, roles
from db.tables.annotators import ensure_annotator
from db.team import pseudonyms
from tests.pipeline import commands as cli


@pytest.fixture
def root(tmp_path: Path) -> Path:
    with Store.open(tmp_path / "w") as store:
        for name in ("Ada", "=1+1"):
            store.write(lambda db, name=name: ensure_annotator(db, name))
    return tmp_path / "w"


def run(root: Path, *words: str) -> tuple[int, str, str]:
    done = cli.inside(*words, "--workspace", root)
    return done.returncode, done.stdout, done.stderr


def test_the_command_line_names_another_owner(root: Path) -> None:
    assert run(root, "roles") == (0, "annotator  =1+1\nowner      Ada\nannotator  (newcomers)\n", "")
    assert run(root, "roles", "Grace", "owner")[0] == 0  # who was not here yet
    assert run(root, "roles", "ada", "viewer")[0] == 0
    told = json.loads(run(root, "roles", "--json")[1])
    assert {one["name"]: one["role"] for one in told["people"]} == {
        "=1+1": "annotator", "Ada": "viewer", "Grace": "owner"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("Ada", "boss"), "there is no role boss"), (("Ada",), "say which role Ada shall have"),
        (("Ada", "viewer"), "Ada is the only owner"), (("command line", "owner"), "stands for what is done"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told(root: Path, words: tuple[str, ...], why: str) -> None:
    code, _, told = run(root, "roles", *words)
    assert (code, why in told) == (2, True), told


def test_the_audit_is_a_table_without_formulas(root: Path) -> None:
    with Store.open(root) as store:
        store.write(lambda db: audit.append(db, "=1+1", "setting", {"name": "x"}))
    run(root, "roles", "Ada", "owner")  # no change, no row
    run(root, "backup", str(root.parent / "copy.db"))
    rows = list(csv.DictReader(io.StringIO(run(root, "audit", "--csv")[1])))
    assert [(row["who"], row["action"], row["params"]) for row in rows] == [
        ("command line", "backup", "{}"), ("'=1+1", "setting", '{"name": "x"}'),
    ]  # fmt: skip
    told = json.loads(run(root, "audit", "--json", "--action", "setting")[1])
    assert [(one["annotator"], one["params"]) for one in told] == [("=1+1", {"name": "x"})]
    assert run(root, "audit", "--annotator", "command line")[1].count("\n") == 1


def test_a_viewer_s_decisions_are_refused(root: Path, tmp_path: Path) -> None:
    file = tmp_path / "d.csv"
    file.write_text("face_id,verdict,label\n", "utf-8")
    run(root, "roles", "Grace", "viewer")
    code, _, told = run(root, "decide", str(file), "--annotator", "grace")
    assert (code, "your role here is viewer" in told) == (1, True), told


def test_letters_stand_for_names_until_names_are_asked_for(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        for name in ("Adalbert", "Benedikta"):
            store.write(lambda db, name=name: ensure_annotator(db, name))
        store.write(lambda db: roles.set_role(db, "Benedikta", "reviewer", "Adalbert"))
        store.write(lambda db: releases.add_release(db, "r", "/r", {}, {}, "d", "Benedikta"))
    cli.inside("token", "--for", "Benedikta", "--workspace", tmp_path)
    lines = [("roles",), ("roles", "--json"), ("audit",), ("audit", "--csv"), ("audit", "--json"), ("token",),
             ("token", "--json"), ("release", "list", "--json")]  # fmt: skip
    for line in lines:
        assert "Benedikta" in cli.inside(*line, "--workspace", tmp_path).stdout, line
    with Store.open(tmp_path) as store:
        store.write(lambda db: pseudonyms.switch(db, True, by="Adalbert"))
    for line in lines:
        told = cli.inside(*line, "--workspace", tmp_path).stdout
        assert "Annotator B" in told, line
        assert not {"Adalbert", "Benedikta"} & set(re.findall(r"\w+", told)), line
        if line[0] != "release":
            assert "Benedikta" in cli.inside(*line, "--names", "--workspace", tmp_path).stdout, line
