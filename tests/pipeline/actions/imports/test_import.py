"""`import`: class folders, a release, and what is refused, over the command line's own action."""

from __future__ import annotations

import hashlib
import os
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.__main__ import main
from tests.pipeline.actions.imports.importing import CLASSES, rows, run, told

LABELS = """SELECT i.original, c.name, d.annotator FROM decisions d JOIN images i ON i.sha256 = d.sha256
JOIN classes c ON c.id = d.class_id ORDER BY 1"""


def test_class_folders_with_splits(data_set: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    workspace = tmp_path / "w"
    assert run(workspace, data_set) == 0
    first = told(capsys)
    assert (first["format"], first["saved"], first["added"], first["placed"]) == ("folders", 8, 8, 8)
    found = rows(workspace, LABELS)
    assert [(label, who) for path, label, who in found if Path(str(path)).parent.name == label] == [
        (Path(str(path)).parent.name, "Ann") for path, _, _ in found
    ]
    placed = dict(rows(workspace, "SELECT sha256, split FROM placements WHERE line = 'given'"))
    expected = {hashlib.sha256(p.read_bytes()).hexdigest(): p.parent.parent.name for p in data_set.rglob("*.jpg")}
    assert placed == expected
    before = rows(workspace, "SELECT (SELECT count(*) FROM decisions), (SELECT count(*) FROM images)")
    assert run(workspace, data_set) == 0
    second = told(capsys)
    assert (second["saved"], second["repeats"], second["added"], second["matched"]) == (0, 8, 0, 8)
    assert rows(workspace, "SELECT (SELECT count(*) FROM decisions), (SELECT count(*) FROM images)") == before


def test_a_zip_of_it_gives_the_same_and_leaves_no_unpacked_file(
    data_set: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with zipfile.ZipFile(tmp_path / "given.zip", "w") as archive:
        for path in sorted(data_set.rglob("*.jpg")):
            archive.write(path, path.relative_to(tmp_path).as_posix())
    assert run(tmp_path / "w", tmp_path / "given.zip") == 0
    done = told(capsys)
    assert (done["saved"], done["placed"], done["line"]) == (8, 8, "given")
    assert not list((tmp_path / "w" / ".incoming").glob("import-*"))
    assert main(["verify", "--workspace", str(tmp_path / "w")]) == 0
    capsys.readouterr()
    assert run(tmp_path / "w", tmp_path / "given.zip") == 0
    assert told(capsys)["saved"] == 0


def test_what_a_person_decided_stays_and_is_listed(
    data_set: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    workspace = tmp_path / "w"
    assert run(workspace, data_set) == 0
    moved = data_set / "train" / "pout" / "0.jpg"
    (data_set / "train" / "none" / "0.jpg").rename(moved)
    capsys.readouterr()
    before = rows(workspace, "SELECT count(*) FROM decisions")
    assert run(workspace, data_set, annotator="Bob") == 1
    done = told(capsys)
    (listed,) = done["decided"]  # type: ignore[misc]
    assert listed["params"]["annotator"] == "Ann"
    assert listed["params"]["label"] == "pout"
    assert rows(workspace, "SELECT count(*) FROM decisions") == before


def test_unknown_classes_are_offered_and_nothing_is_left_behind(
    data_set: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (data_set / "train" / "smile").rename(data_set / "train" / "grin")
    workspace = tmp_path / "w"
    assert run(workspace, data_set) == 2
    assert "--make-classes" in capsys.readouterr().err
    assert rows(workspace, "SELECT (SELECT count(*) FROM images), (SELECT count(*) FROM decisions)") == [(0, 0)]
    assert run(workspace, data_set, "--make-classes") == 0
    done = told(capsys)
    assert (done["made"], done["saved"]) == (["grin"], 8)


def test_spellings_of_one_unknown_name_make_one_class(
    data_set: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two folders that a case-sensitive disk keeps apart; the second class was refused for its name."""
    (data_set / "train" / "pout").rename(data_set / "train" / "Ga\u0308hnen")
    (data_set / "train" / "smile").rename(data_set / "train" / "g\u00e4hnen")
    assert run(tmp_path / "w", data_set, "--make-classes") == 0
    assert told(capsys)["made"] == ["Ga\u0308hnen"]
    sql = "SELECT count(*) FROM decisions WHERE class_id IN (SELECT id FROM classes WHERE name = 'G\u00e4hnen')"
    assert rows(tmp_path / "w", sql) == [(len(list((data_set / "train").glob("*hnen/*"))),)]


def test_the_course_s_numbered_folders_are_the_workspace_s_classes(
    data_set: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for split in ("train", "val"):
        for old, new in zip(CLASSES, ("0none", "1pouting", "2smile", "3openmouth"), strict=True):
            (data_set / split / old).rename(data_set / split / new)
    assert run(tmp_path / "w", data_set) == 0
    assert told(capsys)["made"] == []
    counts = rows(
        tmp_path / "w", "SELECT c.name, count(*) FROM decisions d JOIN classes c ON c.id = d.class_id GROUP BY 1"
    )
    assert dict(counts) == dict.fromkeys(CLASSES, 2)


def crops(root: Path) -> list[tuple[str, str]]:
    """Split and class, and the bytes' hash, of each crop."""
    return sorted(
        (p.parent.relative_to(root).as_posix(), hashlib.sha256(p.read_bytes()).hexdigest())
        for p in root.rglob("*/*/*.png")
    )


def test_a_release_in_an_empty_workspace_has_the_same_labels_splits_and_crops(
    data_set: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tmp_path / "w", data_set) == 0
    share = ["--val", "0.5"]
    assert (
        main(
            [
                "export",
                "--workspace",
                str(tmp_path / "w"),
                "--out",
                str(tmp_path / "given-1"),
                "--name",
                "given",
                *share,
            ]
        )
        == 0
    )
    capsys.readouterr()
    assert run(tmp_path / "other", tmp_path / "given-1", annotator="Bob") == 0
    done = told(capsys)
    assert (done["format"], done["line"], done["saved"]) == ("moue", "given", 8)
    # The crops of one portrait are near copies of each other, so an export of them alone has too few photos.
    sql = """SELECT p.split || '/' || c.name, f.id FROM decisions d JOIN classes c ON c.id = d.class_id
    JOIN faces f ON f.id = d.face_id JOIN placements p ON p.sha256 = f.sha256 AND p.line = 'given'"""
    stored = tmp_path / "other" / "crops"
    there = [
        (str(place), hashlib.sha256((stored / str(face)[:2] / f"{face}.png").read_bytes()).hexdigest())
        for place, face in rows(tmp_path / "other", sql)
    ]
    assert sorted(there) == crops(tmp_path / "given-1")
    assert len(crops(tmp_path / "given-1")) == 8
    capsys.readouterr()
    assert run(tmp_path / "w", tmp_path / "given-1", annotator="Bob") == 0  # where its photos are
    home = told(capsys)
    assert (home["saved"], home["added"], home["matched"], home["repeats"]) == (0, 0, 8, 8)


def test_one_photo_in_two_classes_or_two_splits_is_listed(
    data_set: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (data_set / "val" / "smile" / "twice.jpg").write_bytes((data_set / "train" / "none" / "0.jpg").read_bytes())
    assert run(tmp_path / "w", data_set) == 1
    done = told(capsys)
    assert sorted(one["code"] for one in done["unmatched"]) == ["import_contradiction", "import_split_twice"]  # type: ignore[attr-defined]
    assert (done["saved"], done["placed"]) == (7, 7)


def test_a_picture_that_is_none_is_told_by_what_it_is(
    data_set: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'a' * 64}\nsize 12345\n"
    (data_set / "val" / "smile" / "lfs.jpg").write_text(pointer)
    (data_set / "val" / "smile" / "half.jpg").write_bytes((data_set / "train" / "none" / "0.jpg").read_bytes()[:900])
    assert run(tmp_path / "w", data_set) == 1
    done = told(capsys)
    assert (done["labels"], done["saved"], done["not_taken"]) == (10, 8, 2)
    told_of = {one["params"]["place"]: one["text"] for one in done["unmatched"]}  # type: ignore[attr-defined]
    assert "Git LFS" in told_of["val/smile/lfs.jpg"]
    assert "damaged" in told_of["val/smile/half.jpg"] or "cut off" in told_of["val/smile/half.jpg"]


def zip_of(path: Path, *members: tuple[str, bytes, int]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data, mode in members:
            info = zipfile.ZipInfo(name)
            info.external_attr, info.compress_type = mode << 16, zipfile.ZIP_DEFLATED
            archive.writestr(info, data)
    return path


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ((("../evil/smile/a.jpg", b"x", 0o100644),), "leads out"),
        ((("/etc/smile/a.jpg", b"x", 0o100644),), "leads out"),
        ((("C:\\smile\\a.jpg", b"x", 0o100644),), "leads out"),
        ((("smile/a.jpg", b"/etc/passwd", 0o120777),), "symlink"),
        ((("smile/a.jpg", b"x", 0o100644), ("smile//a.jpg", b"y", 0o100644)), "twice"),
        ((("smile", b"x", 0o100644), ("smile/a.jpg", b"y", 0o100644)), "twice"),
        ((("smile/a.jpg", b"x", 0o100644), ("smile", b"y", 0o100644)), "twice"),
        ((("smile/" + "a" * 300 + ".jpg", b"x", 0o100644),), "name too long"),
        ((("smile/a.jpg", bytes(200 << 20), 0o100644),), "unpack to more"),
    ],
)
def test_hostile_zips_are_refused_and_nothing_is_left(
    tmp_path: Path, members: tuple[tuple[str, bytes, int], ...], code: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = zip_of(tmp_path / "bad.zip", *members)
    assert run(tmp_path / "w", path) == 2
    assert code in capsys.readouterr().err
    assert not list((tmp_path / "w" / ".incoming").glob("*"))
    assert {p.name for p in tmp_path.iterdir()} == {"w", "bad.zip"}
    assert rows(tmp_path / "w", "SELECT count(*) FROM images") == [(0,)]


def test_a_zip_whose_header_lies_about_a_size_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = zip_of(tmp_path / "bad.zip", ("smile/a.jpg", bytes(200 << 20), 0o100644))
    data = bytearray(path.read_bytes())
    size = (200 << 20).to_bytes(4, "little")
    while (at := data.find(size)) >= 0:
        data[at : at + 4] = (1000).to_bytes(4, "little")
    path.write_bytes(data)
    assert run(tmp_path / "w", path) == 2
    assert not list((tmp_path / "w" / ".incoming").glob("*"))
    assert "bad.zip" in capsys.readouterr().err


def test_links_in_class_folders_are_not_followed_and_named(
    data_set: Path, tmp_path: Path, heads_of: Callable[[int], bytes], capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "a.jpg").write_bytes(heads_of(9))
    os.symlink(tmp_path / "secret" / "a.jpg", data_set / "train" / "smile" / "link.jpg")
    os.symlink(tmp_path / "nowhere.jpg", data_set / "train" / "smile" / "lost.jpg")
    os.symlink(tmp_path / "secret", data_set / "val" / "none" / "more")
    assert run(tmp_path / "w", data_set) == 1
    done = told(capsys)
    assert (done["labels"], done["saved"], done["added"], done["matched"], done["not_taken"]) == (11, 8, 8, 0, 3)
    assert [one["params"]["place"] for one in done["unmatched"]] == [  # type: ignore[attr-defined]
        "train/smile/link.jpg", "train/smile/lost.jpg", "val/none/more",
    ]  # fmt: skip


def test_a_zip_s_only_folder_may_be_a_split(data_set: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with zipfile.ZipFile(tmp_path / "given.zip", "w") as archive:
        for path in sorted((data_set / "train").rglob("*.jpg")):
            archive.write(path, path.relative_to(data_set).as_posix())
    assert run(tmp_path / "w", tmp_path / "given.zip") == 0
    done = told(capsys)
    assert (done["saved"], done["placed"]) == (4, 4)


@pytest.mark.parametrize("where", ["data.csv", "train/smile"])
def test_a_link_out_of_what_pages_may_read_is_refused(
    data_set: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], where: str
) -> None:
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "data.csv").write_text("secret,words\n")
    target = tmp_path / "secret" / "data.csv"
    if not (data_set / where).exists():
        (data_set / where).symlink_to(target)
    else:
        (data_set / where / "link.csv").symlink_to(target)
    words = ("--workspace", str(tmp_path / "w"), "--annotator", "Ann")
    assert main(["import", str(data_set), *words, "--within", str(data_set)]) == 2
    said = capsys.readouterr().err
    assert "leads out of the folders that pages may read" in said
    assert "secret" not in said
    assert main(["import", str(data_set), *words, "--within", str(tmp_path)]) in (0, 1, 2)
    assert "leads out" not in capsys.readouterr().err


@pytest.mark.parametrize("line", ["a/b", "..", "aux", "x" * 81])
def test_a_line_that_no_release_can_be_called_is_a_wrong_call(
    data_set: Path, tmp_path: Path, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """It ended with 1, as what was found in a data set does."""
    assert run(tmp_path / "w", data_set, "--line", line) == 2
    assert "the name must have 1 to 80 characters" in capsys.readouterr().err


@pytest.mark.parametrize("name", [f"{'long ' * 20}name", "-x", "FER: mouths", "aux"])
def test_a_folder_may_be_called_as_no_release_can_be(
    data_set: Path, tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody asked for that name: it was refused with `the name must have 1 to 80 characters`."""
    shutil.rmtree(data_set / "train")
    data_set.rename(tmp_path / name)
    assert run(tmp_path / "w", tmp_path / name) == 0
    done = told(capsys)
    assert (done["saved"], done["placed"]) == (4, 4)
