"""A release is numbered, kept, and made once more from the log at its head, byte for byte."""

from __future__ import annotations

import csv
import json
import shutil
import zlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from db.decisions.log import apply_ops
from db.decisions.ops import UndoOp
from db.store.store import Db, Store
from db.tables.classes import add_class, archive_class, rename_class
from db.tables.releases import find_release, list_releases
from pipeline.actions.release.accepted import plan_release, read_accepted, read_placements
from pipeline.actions.release.again import make_again
from pipeline.actions.release.kept import text
from pipeline.actions.releases import write_folder, write_zip
from pipeline.core.errors import ExportError
from pipeline.core.records import Verdict
from pipeline.export.export import ExportPlan, plan
from pipeline.export.options import ExportOptions
from pipeline.export.release.by_lines import compared
from pipeline.export.release.release_file import from_bytes
from pipeline.export.release.verify import verify_release
from pipeline.export.split import SplitPlan
from pipeline.files.blobs import BlobStore
from tests.db.make import decide, new_uuid
from tests.pipeline import commands as cli

HALF = SplitPlan(val=0.5)


def tree(root: Path) -> dict[str, bytes]:
    return {p.relative_to(root).as_posix(): p.read_bytes() for p in sorted(root.rglob("*")) if p.is_file()}


def now(store: Store, options: ExportOptions = ExportOptions()) -> ExportPlan:  # noqa: B008
    accepted = read_accepted(store)
    placed = read_placements(store, "data")
    return plan(accepted.items, accepted.class_names, HALF, options, accepted.agreed, placed)


def export(store: Store, folder: Path, options: ExportOptions = ExportOptions()) -> Path:  # noqa: B008
    return write_folder(store, now(store, options), folder, "data", "Ann", overwrite=False).path


def say(store: Store, who: str, face: str, class_id: int) -> None:
    op = store.read(lambda db: decide(db, face, Verdict.ACCEPT, class_id))
    store.write(lambda db: apply_ops(db, who, [op]))


def numbers(store: Store) -> list[tuple[str, int]]:
    return [(one.line, one.number) for one in store.read(list_releases)][::-1]


@pytest.fixture
def faces_of(chosen: ExportPlan) -> Sequence[str]:
    """The accepted faces: each class has three of them."""
    return sorted(row.item.face_id for row in chosen.rows)


def test_the_same_release_keeps_its_number_and_another_one_gets_the_next(
    store: Store, faces_of: Sequence[str], tmp_path: Path
) -> None:
    one, two = export(store, tmp_path / "a" / "data"), export(store, tmp_path / "b" / "data")
    assert tree(one) == tree(two)
    smaller = export(store, tmp_path / "small", ExportOptions(size=16))
    back = export(store, tmp_path / "back")
    write_zip(store, now(store), "other", "Ann")
    assert numbers(store) == [("data", 1), ("data", 1), ("data", 2), ("data", 3), ("other", 1)]
    assert json.loads((smaller / "release.json").read_text())["number"] == 2
    head = store.read(lambda db: db.execute("SELECT seq || ':' || hash FROM decisions ORDER BY seq DESC").fetchone())
    assert json.loads((back / "release.json").read_text())["head"] == head[0]


def test_a_release_is_found_by_name_and_number(store: Store, faces_of: Sequence[str], tmp_path: Path) -> None:
    export(store, tmp_path / "one")
    export(store, tmp_path / "two", ExportOptions(size=16))
    found = {name: store.read(lambda db, n=name: find_release(db, n)) for name in ("data", "data#1", "data #2", "x")}
    assert [row.number if row else None for row in found.values()] == [2, 1, 2, None]
    assert store.read(lambda db: find_release(db, "data#3")) is None
    with pytest.raises(ExportError, match="there is no release x"):
        text(store, "x")


def test_it_is_made_again_behind_other_decisions_a_renamed_class_and_other_releases(
    store: Store, faces_of: Sequence[str], tmp_path: Path
) -> None:
    first = export(store, tmp_path / "first")
    say(store, "Ben", faces_of[0], 1)
    say(store, "Ben", faces_of[1], 2)
    store.write(lambda db: rename_class(db, 1, "neutral"))
    second = export(store, tmp_path / "second")
    assert tree(first) != tree(second)
    store.write(lambda db: apply_ops(db, "Ben", [UndoOp(new_uuid())]))
    for name, made in (("data#1", first), ("data#2", second), ("data", second)):
        again = make_again(store, name, tmp_path / f"again {name}")
        assert tree(again.out) == tree(made)
        assert verify_release(again.out)[1] == ()


def test_a_new_process_of_other_seed_locale_and_clock_makes_the_same_bytes(
    store: Store, faces_of: Sequence[str], tmp_path: Path
) -> None:
    made = tree(export(store, tmp_path / "first", ExportOptions(size=32)))
    store.close()
    shuffled = tmp_path / "elsewhere"  # files in another order on the disk
    for path in sorted((tmp_path / "workspace").rglob("*"), reverse=True):
        if path.is_file():
            target = shuffled / path.relative_to(tmp_path / "workspace")
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
    for seed, zone, place in (("1", "Asia/Shanghai", "C"), ("99", "America/St_Johns", "C.UTF-8")):
        out = tmp_path / f"out {seed}"
        settings = {"PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": place}
        done = cli.call("release", "again", "data#1", "--out", out, "--workspace", shuffled, **settings)
        assert done.returncode == 0, done.stderr
        assert tree(out) == made


@pytest.mark.parametrize("harm", ["crop", "face", "log", "manifest"])
def test_what_cannot_be_made_again_is_said_and_leaves_nothing(
    store: Store, faces_of: Sequence[str], tmp_path: Path, harm: str
) -> None:
    export(store, tmp_path / "first")
    if harm == "crop":
        file, other = (BlobStore(store.root).path("crops", one, "png") for one in faces_of[:2])
        shutil.copyfile(other, file)
        sql = "UPDATE faces SET crop_version = (SELECT crop_version FROM faces WHERE id = ?) WHERE id = ?"
        store.write(lambda db: db.execute(sql, [faces_of[1], faces_of[0]]))
        shutil.rmtree(tmp_path / "first")  # else it would be copied
        said = "would differ"
    elif harm == "face":
        store.write(lambda db: db.execute("UPDATE faces SET removed_at = '2026' WHERE id = ?", [faces_of[0]]))
        said = "faces are gone"
    elif harm == "log":
        store.write(lambda db: db.execute("UPDATE release_manifests SET classes = replace(classes, '1', '2')"))
        said = "gives other classes"
    else:
        store.write(lambda db: db.execute("DELETE FROM release_manifests"))
        said = "was not kept"
    with pytest.raises(ExportError, match=said):
        make_again(store, "data#1", tmp_path / "again")
    assert not list(tmp_path.glob("*again*"))


def test_what_was_cut_anew_is_copied_from_a_writing_that_is_whole(
    store: Store, faces_of: Sequence[str], tmp_path: Path
) -> None:
    first = export(store, tmp_path / "first")
    packed = write_zip(store, now(store), "data", "Ann").path
    made = tree(first)
    file, other = (BlobStore(store.root).path("crops", one, "png") for one in faces_of[:2])
    shutil.copyfile(other, file)
    sql = "UPDATE faces SET crop_version = (SELECT crop_version FROM faces WHERE id = ?) WHERE id = ?"
    store.write(lambda db: db.execute(sql, [faces_of[1], faces_of[0]]))
    done = make_again(store, "data#1", tmp_path / "from zip or folder")
    assert tree(done.out) == made
    assert (done.files, verify_release(done.out)[1]) == (12, ())
    (picture,) = first.rglob(f"*_{faces_of[3][:8]}.png")
    picture.write_bytes(b"changed")
    assert tree(make_again(store, "data#1", tmp_path / "from zip").out) == made
    packed.unlink()
    with pytest.raises(ExportError, match="no writing of it is left whole"):
        make_again(store, "data#1", tmp_path / "nothing")
    assert not (tmp_path / "nothing").exists()
    picture.write_bytes(made[picture.relative_to(first).as_posix()])
    with pytest.raises(ExportError, match="earlier"):
        make_again(store, "data#1", tmp_path / "from zip")
    assert tree(make_again(store, "data#1", tmp_path / "from folder").out) == made


@pytest.mark.parametrize("name", ["table", "huggingface", "webdataset"])
def test_what_tells_votes_is_made_again_with_those_of_then(
    store: Store, faces_of: Sequence[str], tmp_path: Path, name: str
) -> None:
    say(store, "Ben", faces_of[0], 1)
    put_away_a_class(store, faces_of)
    first = export(store, tmp_path / "first", ExportOptions(formats=(name,)))
    said = {Verdict.REJECT: None, Verdict.UNSURE: None, Verdict.ACCEPT: 2}
    for who, (verdict, class_id) in zip(("Cem", "Dan", "Eva"), said.items(), strict=True):
        op = store.read(lambda db, v=verdict, c=class_id: decide(db, faces_of[0], v, c))
        store.write(lambda db, w=who, o=op: apply_ops(db, w, [o]))
    store.write(lambda db: rename_class(db, 1, "neutral"))
    assert tree(make_again(store, "data#1", tmp_path / "again").out) == tree(first)
    if name == "table":
        (told,) = [row for row in rows_of(first / "faces.csv") if row["face_id"] == faces_of[0]]
        assert sum(json.loads(told["votes"]).values()) == 2


def put_away_a_class(store: Store, faces_of: Sequence[str]) -> None:
    """One more class, for which one person voted on one face, and which is put away then."""
    added = store.write(lambda db: add_class(db, "grin"))
    say(store, "Ada", faces_of[1], added.id)
    say(store, "Fay", faces_of[1], store.read(lambda db: decided(db, faces_of[1])))
    store.write(lambda db: archive_class(db, added.id))


def decided(db: Db, face: str) -> int:
    """The class that Ann gave it."""
    sql = "SELECT class_id FROM answers WHERE face_id = ? AND annotator = 'Ann'"
    return int(db.execute(sql, [face]).fetchone()[0])


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def test_rejected_faces_are_made_again_while_they_were_rejected(
    store: Store, faces_of: Sequence[str], tmp_path: Path
) -> None:
    refused = set(faces_of[::5])
    for face in sorted(refused):
        op = store.read(lambda db, f=face: decide(db, f, Verdict.REJECT, None))
        store.write(lambda db, o=op: apply_ops(db, "Ben", [o]))
    options = ExportOptions(rejects_as="no mouth", formats=("table",))
    planned = plan_release(store, "data", HALF, options)
    planned = replace(planned, problems=())  # twelve faces are few for five classes
    first = write_folder(store, planned, tmp_path / "first", "data", "Ann", overwrite=False).path
    told = rows_of(first / "faces.csv")
    assert {row["face_id"] for row in told if row["class"] == "no mouth"} == refused
    assert all(json.loads(row["votes"]).get("reject") == 1 for row in told if row["class"] == "no mouth")
    assert {float(row["agreement"]) for row in told if row["class"] == "no mouth"} == {0.5}
    say(store, "Ben", min(refused), 1)
    assert tree(make_again(store, "data#1", tmp_path / "again").out) == tree(first)
    store.write(lambda db: db.execute("UPDATE release_manifests SET classes = replace(classes, ': 0', ': 1')"))
    with pytest.raises(ExportError, match="gives other classes"):
        make_again(store, "data#1", tmp_path / "other")


def test_a_head_that_a_restored_log_does_not_hold_is_named(
    store: Store, faces_of: Sequence[str], tmp_path: Path
) -> None:
    export(store, tmp_path / "first")
    head = store.read(list_releases)[0].head
    stray = f"{head.partition(':')[0]}:{'f' * 64}"  # as many decisions, others
    sql = "UPDATE release_manifests SET release = ?"
    said = from_bytes((tmp_path / "first" / "release.json").read_bytes(), "first")
    made = replace(said, head=stray).to_bytes()
    store.write(lambda db: db.execute(sql, [zlib.compress(made)]))
    with pytest.raises(ExportError) as refused:
        make_again(store, "data#1", tmp_path / "again")
    assert refused.value.message.code == "release_head_gone"
    assert refused.value.message.params["head"] == stray[:24]
    assert not list(tmp_path.glob("*again*"))


def test_kept_and_written_releases_compare_alike(store: Store, faces_of: Sequence[str], tmp_path: Path) -> None:
    first = export(store, tmp_path / "first")
    say(store, "Ben", faces_of[0], 1)
    say(store, "Ben", faces_of[4], 3)
    second = export(store, tmp_path / "second")
    by_name = compared(text(store, "data#1"), text(store, "data#2"))
    by_place = compared(text(None, str(first)), text(store, str(second)))
    assert by_name.counts == by_place.counts
    now_labels = {row.item.face_id: row.item.label for row in now(store).rows}
    assert 1 <= len(by_name.relabelled) <= 2
    for one in by_name.relabelled:
        assert one.after.face_id in (faces_of[0], faces_of[4])
        assert one.before.label != one.after.label == now_labels[one.after.face_id]
    assert by_name.counts["added"] == by_name.counts["removed"] == by_name.counts["recropped"] == 0
