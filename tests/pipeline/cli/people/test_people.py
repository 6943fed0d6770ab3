"""`people` and `erase --person` as scripts call them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from db.reads.groups import split_groups
from db.store.store import Store
from db.suggest import training
from tests.pipeline.commands import inside, inside_json, rows


@pytest.fixture
def workspace(heads: Path, tmp_path: Path) -> Path:
    """Twelve photos, one face each."""
    shutil.copytree(heads, tmp_path / "w")
    return tmp_path / "w"


def table(workspace: Path, *persons: str) -> Path:
    """A list of who is on the first photos, by hash."""
    found = [sha for (sha,) in rows(workspace, "SELECT sha256 FROM images ORDER BY sha256")]
    file = workspace.parent / "people.csv"
    told = [f"{sha},{person}" for sha, person in zip(found, persons, strict=False)]
    file.write_text("\n".join(["sha256,person", *told]), "utf-8")
    return file


def test_a_table_names_persons_and_what_is_learned_keeps_them_together(workspace: Path) -> None:
    done = inside_json("people", "set", table(workspace, "Ann", "Ben", "Ann", "", "Ann"), "--workspace", workspace)
    assert done == {"rows": 4, "refused": 0}
    told = inside_json("people", "list", "--workspace", workspace)["people"]
    assert [(one["name"], one["photos"]) for one in told] == [("Ann", 3), ("Ben", 1)]
    shas = [sha for (sha,) in rows(workspace, "SELECT sha256 FROM images ORDER BY sha256")]
    (workspace.parent / "d.csv").write_text(
        "\n".join(["sha256,verdict,label", *(f"{sha},accept,smile" for sha in shas)]), "utf-8"
    )
    assert inside("decide", workspace.parent / "d.csv", "--annotator", "Bo", "--workspace", workspace).returncode == 0
    with Store.open(workspace) as store:
        joined = store.read(split_groups)
        labels = store.read(training.labels)
        of = dict(store.read(lambda db: db.execute("SELECT seq, sha256 FROM faces").fetchall()))
    group_of = {of[int(seq)]: int(number) for seq, number in zip(labels.seqs, labels.groups, strict=True)}
    ann = {shas[at] for at in (0, 2, 4)}
    assert len({group_of[sha] for sha in ann}) == 1
    assert len({joined[sha] for sha in ann}) == 1
    assert group_of[shas[1]] not in {group_of[sha] for sha in ann}


def test_no_name_of_a_person_is_in_an_export(workspace: Path) -> None:
    inside("people", "set", table(workspace, *(f"Xanthippe {n}" for n in range(12))), "--workspace", workspace)
    shas = [sha for (sha,) in rows(workspace, "SELECT sha256 FROM images")]
    labels = ("none", "pout", "smile", "openmouth") * 3
    lines = ["sha256,verdict,label", *(f"{sha},accept,{label}" for sha, label in zip(shas, labels, strict=True))]
    (workspace.parent / "d.csv").write_text("\n".join(lines), "utf-8")
    inside("decide", workspace.parent / "d.csv", "--annotator", "Bo", "--workspace", workspace)
    out = workspace.parent / "out"
    done = inside("export", "--out", out, "--workspace", workspace)
    assert done.returncode == 0, done.stderr
    files = [path for path in out.rglob("*") if path.is_file()]
    assert len(files) > 12
    assert not [path.name for path in files if b"Xanthippe" in path.read_bytes() or "Xanthippe" in path.name]


def test_a_table_with_a_row_that_is_unknown_is_refused_whole(workspace: Path) -> None:
    file = table(workspace, "Ann", "Ben")
    file.write_text(f"{file.read_text('utf-8')}\n{'0' * 64},Cleo\n", "utf-8")
    done = inside("people", "set", file, "--workspace", workspace)
    assert done.returncode == 1
    assert "line 4" in done.stderr
    assert inside_json("people", "--workspace", workspace)["people"] == []


def test_a_table_that_names_two_persons_for_one_photo_is_refused_whole(workspace: Path) -> None:
    file = table(workspace, "Ann", "Ben")
    lines = file.read_text("utf-8").splitlines()
    same, other = (f"{lines[1].partition(',')[0]},{name}" for name in ("ann", "Cleo"))
    file.write_text("\n".join([*lines, same, other, ""]), "utf-8")
    done = inside("people", "set", file, "--workspace", workspace)
    assert done.returncode == 1
    assert "line 5: line 2 names Ann" in done.stderr
    assert "line 4" not in done.stderr
    assert inside_json("people", "--workspace", workspace)["people"] == []


def test_a_person_is_erased_by_number(workspace: Path) -> None:
    inside("people", "set", table(workspace, "Ann", "Ben", "Ann"), "--workspace", workspace)
    (ann, _) = inside_json("people", "--workspace", workspace)["people"]
    done = inside_json("erase", "--person", ann["id"], "--workspace", workspace)
    assert (done["images"], done["faces"], done["shared"]) == (2, 2, 0)
    assert [one["name"] for one in inside_json("people", "--workspace", workspace)["people"]] == ["Ben"]
    assert inside("erase", "--person", 99, "--workspace", workspace).returncode == 2
    assert inside("erase", "--workspace", workspace).returncode == 2


def test_who_erases_a_person_is_told_what_went_and_what_stays(workspace: Path) -> None:
    inside("people", "set", table(workspace, "Ann", "Ben", "Ann"), "--workspace", workspace)
    (ann, _) = inside_json("people", "--workspace", workspace)["people"]
    (workspace / "backups").mkdir()
    assert inside("backup", workspace / "backups" / "old.db", "--workspace", workspace).returncode == 0
    first, *rest = inside("erase", "--person", ann["id"], "--workspace", workspace).stdout.splitlines()
    assert first == "erased: 2 photos, 2 faces; others were on 0 of them, too"
    assert rest == [f"copies that hold it still: {workspace / 'backups' / 'old.db'}"]


def test_looks_are_off_until_they_are_switched_on(workspace: Path) -> None:
    assert inside_json("people", "looks", "--workspace", workspace) == {"on": False, "described": 0}
    assert inside_json("people", "looks", "on", "--workspace", workspace)["on"]
    assert inside_json("people", "looks", "--workspace", workspace) == {"on": True, "described": 12}
    assert inside_json("people", "looks", "off", "--workspace", workspace) == {"on": False, "described": 0}
