"""The contract of `ingest`, `status` and the rest of the command line, called as a script would."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import termios
import zipfile
from pathlib import Path

import pytest
from PIL import Image

from tests.pipeline.commands import (
    call,
    call_json,
    command,
    environment,
    ingest,
    inside,
    inside_json,
    nonzero,
    one_line,
    rows,
)
from tests.pipeline.conftest import Mixed
from tests.pipeline.photos import coffee, encoded, hopper, numbered_head
from tests.pipeline.sources.zipped import raw_named_zip

OUTCOMES = [
    *("added", "already_present", "no_face", "undecodable"),
    *("too_large", "unsupported", "unavailable", "quarantined", "passed_over"),
]


def test_every_regular_file_is_in_exactly_one_count(mixed: Mixed) -> None:
    assert set(mixed.figures["images"]) == set(OUTCOMES)
    assert all(type(n) is int for n in mixed.figures["images"].values())
    assert nonzero(mixed.figures) == {
        "added": 5, "no_face": 1, "already_present": 2, "undecodable": 2, "unsupported": 3}  # fmt: skip
    assert (
        sum(mixed.figures["images"].values()) == 11 + 2
    )  # files of the folder and behind its link, members of the zip
    assert mixed.figures["faces"] == 5
    assert isinstance(mixed.figures["seconds"], float)


def test_each_file_has_its_reason(mixed: Mixed) -> None:
    found = {
        Path(location.replace("!", "/")).name: (outcome, reason)
        for location, outcome, reason in rows(mixed.workspace, "SELECT location, outcome, reason FROM sightings")
    }
    assert all(reason for _, reason in found.values())
    assert found["half.jpg"][0] == found["empty.jpg"][0] == "undecodable"
    assert found["page.jpg"] == ("unsupported", "this is a web page, not a photo that Moue reads")
    assert "zip inside a folder" in found["inner.zip"][1]
    assert found["z copy.png"][0] == "already_present"
    assert (found["link.jpg"][0], found["b.jpg"][0]) == ("added", "already_present")  # in the order of their names


def test_folders_propose_and_never_decide(mixed: Mixed) -> None:
    sql = "SELECT location, c.name FROM sightings s LEFT JOIN classes c ON c.id = s.proposal"
    found = {Path(location).name: name for location, name in rows(mixed.workspace, sql)}
    assert (found["b.jpg"], found["c.jpg"], found["a.png"]) == ("smile", "smile", None)
    assert rows(mixed.workspace, "SELECT count(*) FROM decisions") == [(0,)]


def test_status_agrees_with_the_ingest(mixed: Mixed) -> None:
    status = call_json("status", "--workspace", mixed.workspace)
    assert (status["images"], status["faces"], status["decisions"]) == (6, 5, 0)
    assert status["outcomes"] == mixed.figures["images"]
    assert status["labels"] == {"none": 0, "pout": 0, "smile": 0, "openmouth": 0}
    assert inside("status", "--workspace", mixed.workspace).stdout.count("\n") > 5


def test_a_second_run_changes_nothing(mixed: Mixed, tmp_path: Path) -> None:
    workspace = tmp_path / "w"
    shutil.copytree(mixed.workspace, workspace)
    sql = "SELECT location, outcome, sha256, proposal FROM sightings ORDER BY id"
    before = rows(workspace, sql)
    again = ingest(workspace, mixed.source)
    assert nonzero(again) == {"already_present": 6, "undecodable": 2, "unsupported": 3}
    assert again["faces"] == 0
    assert rows(workspace, sql) == before


def test_originals_are_referenced_and_stay_as_they_are(mixed: Mixed) -> None:
    stored = dict(rows(mixed.workspace, "SELECT original, storage FROM images"))
    assert stored[str(mixed.source / "a.png")] == "referenced"
    kept = [name for name, storage in stored.items() if storage == "stored"]
    assert len(kept) == 2  # the zip's members
    assert all((mixed.workspace / name).is_file() and not os.path.isabs(name) for name in kept)
    assert (mixed.source / "smile" / "b.jpg").read_bytes() == hopper().read_bytes()
    assert not list((mixed.workspace / ".incoming").rglob("*.jpg"))
    crops = [p.name for p in (mixed.workspace / "crops").rglob("*") if p.is_file()]
    assert sorted(crops) == sorted(f"{face}.png" for (face,) in rows(mixed.workspace, "SELECT id FROM faces"))
    unified = {p.stem for p in (mixed.workspace / "images").rglob("*.jpg")}
    pngs = {sha for (sha,) in rows(mixed.workspace, "SELECT sha256 FROM images WHERE format = 'PNG'")}
    assert unified == pngs  # a sound upright JPEG is used as it is


def test_only_json_goes_to_stdout_and_words_without_it(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(numbered_head(1))
    words = ("ingest", tmp_path / "a.jpg", "--workspace", tmp_path / "w", "--executor", "processes:1")
    done = call(*words, "--json")
    assert json.loads(done.stdout)["images"]["added"] == 1
    assert done.stderr == ""
    assert "1 already_present" in call(*words).stdout


@pytest.mark.parametrize("given", ["missing", "x" * 300, "dangling", "a.jpg/below"])
def test_a_missing_path_ingests_nothing(tmp_path: Path, given: str) -> None:
    (tmp_path / "a.jpg").write_bytes(numbered_head(1))
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    run = call if given == "missing" else inside
    done = run("ingest", tmp_path / "a.jpg", tmp_path / given, "--workspace", tmp_path / "w", "--json")
    assert (done.returncode, done.stdout) == (2, "")
    assert one_line(done.stderr)
    assert given[:50] in done.stderr
    assert not (tmp_path / "w").exists()


def test_the_default_workspace_inside_the_photos_is_not_ingested(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(numbered_head(1))
    for expected in ("added", "already_present"):
        done = call("ingest", ".", "--executor", "serial", "--copy", "--json", cwd=tmp_path)
        assert nonzero(json.loads(done.stdout)) == {expected: 1}


def test_zip_members_with_chinese_names(tmp_path: Path) -> None:
    raw_named_zip(tmp_path / "gb.zip", ["说明/文字.txt".encode("gb18030"), "图.md".encode("gb18030")])
    with zipfile.ZipFile(tmp_path / "photos.zip", "w") as archive:
        archive.writestr("笑.jpg", numbered_head(1))
    figures = ingest(tmp_path / "w", tmp_path / "gb.zip", tmp_path / "photos.zip")
    assert nonzero(figures) == {"added": 1, "unsupported": 2}
    names = {location.partition("!")[2] for (location,) in rows(tmp_path / "w", "SELECT location FROM sightings")}
    assert names == {"说明/文字.txt", "图.md", "笑.jpg"}


def test_a_symlink_as_path_is_followed(tmp_path: Path) -> None:
    real = tmp_path / "real"
    real.mkdir()
    (real / "a.jpg").write_bytes(numbered_head(1))
    (real / "inside").symlink_to(tmp_path)
    (tmp_path / "link").symlink_to(real)
    assert nonzero(ingest(tmp_path / "w", tmp_path / "link")) == {"added": 1}
    assert nonzero(ingest(tmp_path / "w", real)) == {"already_present": 1}


def test_what_is_passed_over_is_told_and_counted_and_what_was_collected_before_stays(tmp_path: Path) -> None:
    """The sums are the files; `status` and the job say why; a photo of an older Moue's run keeps its decisions."""
    photos = tmp_path / "photos"
    for name in ("a.jpg", "album/.cache/b.jpg", "__MACOSX/._a.jpg", "c.jpg.part"):
        (photos / name).parent.mkdir(parents=True, exist_ok=True)
        (photos / name).write_bytes(numbered_head(1 + len(name)))
    before = ingest(tmp_path / "w", photos / "album" / ".cache")
    assert nonzero(before) == {"added": 1}
    for _ in range(2):
        figures = ingest(tmp_path / "w", photos)
        assert sum(figures["images"].values()) == 4
        assert figures["images"]["passed_over"] == 3
    found = rows(tmp_path / "w", "SELECT location, outcome, reason_code FROM sightings ORDER BY location")
    assert [(Path(location).name, outcome, code) for location, outcome, code in found] == [
        ("._a.jpg", "passed_over", "companion_file"),
        ("a.jpg", "added", "face_found"),
        ("b.jpg", "added", "face_found"),  # of the run that was given its folder
        ("b.jpg", "passed_over", "in_hidden_folder"),
        ("c.jpg.part", "passed_over", "half_download"),
    ]
    assert inside_json("status", "--workspace", tmp_path / "w")["outcomes"]["passed_over"] == 3


def test_a_class_for_all(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(numbered_head(1))
    ingest(tmp_path / "w", tmp_path / "a.jpg", "--class", "pout")
    assert rows(tmp_path / "w", "SELECT c.name FROM images i JOIN classes c ON c.id = i.proposal") == [("pout",)]
    assert inside_json("status", "--workspace", tmp_path / "w")["labels"]["pout"] == 0


def test_another_detector_leaves_known_images_alone(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(numbered_head(1))
    ingest(tmp_path / "w", tmp_path / "a.jpg")
    figures = ingest(tmp_path / "w", tmp_path / "a.jpg", "--detector", "hog")
    assert (nonzero(figures), figures["faces"]) == ({"already_present": 1}, 0)
    assert rows(tmp_path / "w", "SELECT detector FROM faces") == [("yunet",)]


def test_ids_are_the_same_in_every_workspace(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(numbered_head(1))
    for name in ("one", "other"):
        ingest(tmp_path / name, tmp_path / "a.jpg", *(["--copy"] if name == "other" else []))
    sql = "SELECT id, sha256, crop_version FROM faces"
    assert rows(tmp_path / "one", sql) == rows(tmp_path / "other", sql)


def test_a_file_that_changed_is_looked_at_again(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(numbered_head(1)[:400])
    assert nonzero(ingest(tmp_path / "w", path)) == {"undecodable": 1}
    path.write_bytes(numbered_head(1))
    assert nonzero(ingest(tmp_path / "w", path)) == {"added": 1}
    os.utime(path, ns=(1, 1))  # touched: read again, the same
    assert nonzero(ingest(tmp_path / "w", path)) == {"already_present": 1}
    assert rows(tmp_path / "w", "SELECT outcome FROM sightings") == [("added",)]


def test_hostile_files_do_not_stop_the_others(tmp_path: Path) -> None:
    source = tmp_path / "in"
    source.mkdir()
    (source / "strip.png").write_bytes(encoded(Image.new("L", (70_000, 2)), "PNG"))
    (source / "dot.png").write_bytes(encoded(Image.new("L", (1, 1)), "PNG"))
    (source / "thin.png").write_bytes(encoded(Image.new("L", (1, 9000)), "PNG"))
    (source / "new\nline \x1b[31m.jpg").write_bytes(numbered_head(1))
    with open(os.fsencode(source) + b"/caf\xe9.jpg", "wb") as stream:
        stream.write(numbered_head(2))
    (source / "z.jpg").write_bytes(numbered_head(3))
    figures = call_json("ingest", source, "--workspace", tmp_path / "w", "--executor", "processes:2")
    assert nonzero(figures) == {"added": 3, "no_face": 2, "too_large": 1}


def test_an_unwritable_workspace_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    done = inside("ingest", coffee(), "--workspace", tmp_path / "file" / "w")
    assert done.returncode == 1
    assert one_line(done.stderr)
    assert str(tmp_path / "file" / "w") in done.stderr


def test_an_upload_is_moved_into_the_workspace(tmp_path: Path) -> None:
    batch = tmp_path / "w" / ".incoming" / "uploads" / "batch"
    batch.mkdir(parents=True)
    (batch / "a.jpg").write_bytes(numbered_head(1))
    (batch / "bad.jpg").write_bytes(b"junk")
    with zipfile.ZipFile(batch / "b.zip", "w") as archive:
        archive.writestr("c.jpg", numbered_head(2))
    figures = ingest(tmp_path / "w", batch, "--source-kind", "upload", "--source-name", "monday")
    assert nonzero(figures) == {"added": 2, "unsupported": 1}
    assert not batch.exists()
    assert rows(tmp_path / "w", "SELECT DISTINCT storage FROM images") == [("stored",)]
    assert rows(tmp_path / "w", "SELECT kind, location FROM sources") == [("upload", "monday")]
    assert inside("verify", "--workspace", tmp_path / "w").returncode == 0


def test_a_persons_own_folder_is_never_taken_for_an_upload(tmp_path: Path) -> None:
    """What an upload leaves behind is removed; a folder outside the workspace must not be."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "a.jpg").write_bytes(numbered_head(1))
    done = inside("ingest", tmp_path / "mine", "--workspace", tmp_path / "w", "--source-kind", "upload")
    assert done.returncode == 2
    assert (tmp_path / "mine" / "a.jpg").is_file()


def test_a_bar_is_drawn_on_a_terminal_alone(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(numbered_head(1))
    ours, theirs = os.openpty()
    termios.tcsetwinsize(theirs, (24, 100))
    words = command("ingest", tmp_path / "a.jpg", "--workspace", tmp_path / "w", "--executor", "serial", "--json")
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=theirs, env=environment(), timeout=120, check=True)
    os.close(theirs)
    drawn = b""
    try:
        while chunk := os.read(ours, 10_000):
            drawn += chunk
    except OSError:  # Linux says the other end is closed
        pass
    os.close(ours)
    assert b"1/1" in drawn
    assert json.loads(done.stdout)["images"]["added"] == 1


def test_single_files_of_one_folder_are_one_source(tmp_path: Path) -> None:
    photos = [tmp_path / name for name in ("a.png", "b.png", "c.png")]
    for side, photo in enumerate(photos, 40):
        Image.new("RGB", (40, side), "grey").save(photo)
    assert nonzero(ingest(tmp_path / "w", *photos)) == {"no_face": 3}
    assert rows(tmp_path / "w", "SELECT kind, location FROM sources") == [("file", str(tmp_path))]
