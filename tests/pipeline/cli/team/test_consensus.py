"""`consensus`, `status` and `export` as scripts meet them: the rule, what waits for it, and what stays out."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.pipeline.cli.test_decide import Faces, all_accepted, decide, status
from tests.pipeline.commands import inside, inside_json


@pytest.fixture
def workspace(heads: Path, tmp_path: Path) -> Path:
    """Ann labelled all twelve faces, Bob the first eight as she did, and one of the rest otherwise."""
    shutil.copytree(heads, tmp_path / "w")
    return tmp_path / "w"


@pytest.fixture
def labelled(workspace: Path, faces: Faces) -> Path:
    text = all_accepted(faces)
    decide(workspace, text)
    lines = text.splitlines()
    assert decide(workspace, "\n".join(lines[:9]) + "\n", annotator="Bob").returncode == 0
    other = f"{lines[0]}\n,{faces[8][0]},reject,,blurred\n"
    assert decide(workspace, other, annotator="Bob", name="e.csv").returncode == 1
    return workspace


def consensus(workspace: Path, *words: str) -> dict[str, Any]:
    found: dict[str, Any] = inside_json("consensus", *words, "--workspace", workspace)
    return found


def test_a_rule_is_previewed_chosen_and_undone(labelled: Path) -> None:
    assert consensus(labelled) == {
        "rule": "latest",
        "waiting": dict.fromkeys(("opinion", "quorum", "tie", "dispute"), 0),
    }
    told = consensus(labelled, "--rule", "majority", "--quorum", "2", "--preview")
    assert (told["preview"], told["rule"]) == ("majority:2", "latest")
    assert (told["gain"], told["lose"], told["change"]) == (0, 4, 0)
    assert all(move["to"] == "nothing" for move in told["moves"])
    chosen = consensus(labelled, "--rule", "majority", "--quorum", "2", "--annotator", "Ann")
    assert (chosen["rule"], chosen["waiting"]["quorum"], chosen["waiting"]["tie"]) == ("majority:2", 3, 1)
    found = status(labelled)
    assert (found["consensus"], found["accepted"], found["undecided"], found["waiting"]) == ("majority:2", 8, 0, 4)
    assert found["waiting_for"]["quorum"] == 3
    plain = inside("consensus", "--workspace", labelled)
    assert plain.stdout.startswith("majority:2: what most people answered counts, once 2 have answered\n")
    assert inside("verify", "--workspace", labelled).returncode == 0
    assert consensus(labelled, "--undo", "--annotator", "Ann")["rule"] == "latest"
    assert status(labelled)["accepted"] == 12


def test_what_waits_does_not_leave_and_the_export_says_so(labelled: Path, tmp_path: Path) -> None:
    consensus(labelled, "--rule", "majority", "--quorum", "2", "--annotator", "Ann")
    out = tmp_path / "out"
    done = inside("export", "--out", out, "--workspace", labelled)
    assert done.returncode == 0, done.stderr
    assert "waiting for a consensus: quorum (3), tie (1)" in done.stdout
    with (out / "manifest.csv").open(newline="", encoding="utf-8") as file:
        made = list(csv.DictReader(file))
    assert (len(made), {row["consensus"] for row in made}) == (8, {"majority:2"})
    card = (out / "README.md").read_text("utf-8")
    assert "what most people answered counts, once 2 have answered." in card
    assert "Faces that wait for a consensus were left out: quorum 3, tie 1." in card
    told = inside_json("export", "--out", out, "--overwrite", "--workspace", labelled)
    assert (told["consensus"], told["waiting"]["tie"]) == ("majority:2", 1)


@pytest.mark.parametrize(
    "words", [["--rule", "majority"], ["--undo"], ["--refit"], ["--undo", "--annotator", "rule: x"]]
)
def test_who_changes_it_must_be_said(workspace: Path, words: list[str]) -> None:
    done = inside("consensus", *words, "--workspace", workspace)
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)


def test_dawid_and_skene_need_answers_and_say_whose(labelled: Path) -> None:
    done = inside("consensus", "--rule", "dawid-skene", "--preview", "--json", "--workspace", labelled)
    assert (done.returncode, done.stderr) == (0, "fitted to the answers of 2 people\n")
    assert json.loads(done.stdout)["preview"] == "dawid-skene:1:0.8"
