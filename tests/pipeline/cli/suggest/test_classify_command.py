"""`classify` and `classifier`: photos of all kinds to classes in JSON; nothing needed but a photo, nothing replaced."""

from __future__ import annotations

import hashlib
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image
from skimage import data

from pipeline.actions.suggest import webcam
from pipeline.core.geometry import Bgr
from tests.pipeline import commands as cli
from tests.pipeline.clips import write_clip

CLASSES = {"none", "pout", "smile", "openmouth"}


@pytest.fixture
def astronaut() -> Bgr:
    return np.ascontiguousarray(data.astronaut()[:, :, ::-1])


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder without a workspace."""
    monkeypatch.delenv("MOUE_WORKSPACE", raising=False)
    monkeypatch.chdir(tmp_path)


def write(path: Path, bgr: Bgr) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), bgr)
    return path


def classified(*words: object) -> dict[str, Any]:
    return cli.inside_json("classify", *words)


def hashes(folder: Path) -> dict[str, str]:
    return {str(p): hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_a_photo_without_any_workspace(tmp_path: Path, astronaut: Bgr) -> None:
    told = classified(write(tmp_path / "a" / "嘴.png", astronaut))
    assert told["classifier"]["kind"] == "zero_label"
    (photo,) = told["photos"]
    assert (photo["outcome"], photo["width"], photo["height"], photo["drawn"]) == ("classified", 512, 512, None)
    (face,) = photo["faces"]
    assert set(face["probabilities"]) == CLASSES
    assert abs(sum(face["probabilities"].values()) - 1) < 1e-3
    assert face["probability"] == max(face["probabilities"].values()) == face["probabilities"][face["class"]]
    x1, y1, x2, y2 = face["box"]
    assert x1 < 225 < x2  # her nose
    assert y1 < 115 < y2
    assert not (tmp_path / "workspace").exists()


def test_each_file_has_an_outcome_in_words(tmp_path: Path, astronaut: Bgr) -> None:
    """A folder with a face, three faces, none, garbage, an empty file, half a photo and a text."""
    folder = tmp_path / "photos"
    write(folder / "one.png", astronaut)
    head = astronaut[0:260, 90:350]
    write(folder / "three" / "in a row.png", np.hstack([head, head, head]))
    write(folder / "grey.png", np.full((300, 300, 3), 127, np.uint8))
    (folder / "garbage.jpg").write_bytes(b"\xff\xd8" + bytes(range(256)) * 20)
    (folder / "empty.jpg").write_bytes(b"")
    (folder / "notes.txt").write_text("not a photo")
    before = hashes(folder)
    told = classified(folder)
    by_name = {Path(one["path"]).name: one for one in told["photos"]}
    assert {name: (one["outcome"], len(one["faces"])) for name, one in by_name.items()} == {
        "one.png": ("classified", 1), "in a row.png": ("classified", 3), "grey.png": ("no_face", 0),
        "garbage.jpg": ("undecodable", 0), "empty.jpg": ("undecodable", 0), "notes.txt": ("unsupported", 0),
    }  # fmt: skip
    assert all(one["reason"] for one in told["photos"])
    assert told["counts"] == {"classified": 2, "no_face": 1, "undecodable": 2, "unsupported": 1}
    assert hashes(folder) == before
    lines = cli.inside("classify", folder).stdout.splitlines()
    assert len(lines) == 7
    assert any(line.startswith(f"{folder / 'garbage.jpg'}: undecodable: ") for line in lines)


@pytest.mark.parametrize("turn", ["exif", "pixels"])
def test_a_turned_photo_says_the_same(turn: str, tmp_path: Path, astronaut: Bgr) -> None:
    upright = classified(write(tmp_path / "upright.png", astronaut))["photos"][0]
    turned = Image.fromarray(np.ascontiguousarray(np.rot90(astronaut[:, :, ::-1])))
    exif = Image.Exif()
    if turn == "exif":
        exif[0x0112] = 6  # to be shown turned by a quarter, clockwise
    turned.save(tmp_path / "turned.png", exif=exif)
    found = classified(tmp_path / "turned.png")["photos"][0]
    (one,), (other,) = upright["faces"], found["faces"]
    assert one["class"] == other["class"]
    if turn == "exif":
        assert one["box"] == other["box"]
        assert one["probabilities"] == other["probabilities"]


def test_drawn_copies_replace_nothing(tmp_path: Path, astronaut: Bgr) -> None:
    """Two photos of one name, drawn twice, into the folder of one of them: four new files, the originals as before."""
    here = write(tmp_path / "a" / "face.jpg", astronaut).parent
    there = write(tmp_path / "b" / "face.png", astronaut)
    grey = write(tmp_path / "grey.png", np.full((300, 300, 3), 127, np.uint8))
    before = hashes(tmp_path)
    drawn = [
        one["drawn"]
        for _ in range(2)
        for one in classified(here / "face.jpg", there, grey, "--draw", here)["photos"]
    ]  # fmt: skip
    assert drawn == [str(here / f"face-{n}.jpg") if n else None for n in (2, 3, 0, 4, 5, 0)]
    after = hashes(tmp_path)
    assert {path: after[path] for path in before} == before
    assert set(after) - set(before) == {str(here / f"face-{n}.jpg") for n in (2, 3, 4, 5)}
    picture = cv2.imread(str(here / "face-3.jpg"))
    assert picture is not None
    assert picture.shape == astronaut.shape
    box = classified(there)["photos"][0]["faces"][0]["box"]
    changed = np.abs(picture.astype(int) - astronaut).max(axis=2) > 60
    left, top, right, bottom = (round(v) for v in box)
    assert changed[top : bottom + 1, left - 3 : left + 3].any(axis=1).mean() > 0.9
    assert not changed[top + 20 : bottom - 20, left + 20 : right - 20].any()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("nothere.jpg",), "nothere.jpg does not exist: nothing was classified"),
        ((), "give a photo"),
        (("--video", "gone.mp4"), "gone.mp4 does not exist"),
        (("x.png", "--model", "gone.json"), "gone.json cannot be read"),
        (("x.png", "--model", "x.png"), "x.png is no classifier of Moue"),
        (("x.png", "--workspace", "gone"), "gone is not a workspace"),
        (("x.png", "--model", "a", "--workspace", "b"), "either --model or --workspace"),
        (("--webcam", "-1"), "--webcam"),
        (("x.png", "--every", "0"), "--every"),
    ],
)
def test_a_wrong_call_says_what_is_wrong_on_one_line(
    words: tuple[str, ...], said: str, tmp_path: Path, astronaut: Bgr
) -> None:
    write(tmp_path / "x.png", astronaut)
    done = cli.inside("classify", *words, "--draw", "drawn")
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert cli.one_line(done.stderr)
    assert not (tmp_path / "drawn").exists()


def test_a_folder_to_draw_into_that_is_none_is_told(tmp_path: Path, astronaut: Bgr) -> None:
    photo = write(tmp_path / "x.png", astronaut)
    done = cli.inside("classify", photo, "--draw", photo)
    assert done.returncode == 1
    assert "x.png cannot be written" in done.stderr


def test_frames_of_a_video_have_times(tmp_path: Path, astronaut: Bgr) -> None:
    grey = np.full((256, 256, 3), 127, np.uint8)
    head = cv2.resize(np.ascontiguousarray(astronaut[0:260, 90:350, ::-1]), (256, 256))
    clip = tmp_path / "clip.mp4"
    write_clip(clip, [head] * 10 + [grey] * 10 + [head] * 10, [100 * n for n in range(30)])
    told = classified("--video", clip, "--every", "1", "--draw", tmp_path / "drawn")
    assert [(one["path"], one["seconds"], one["outcome"]) for one in told["photos"]] == [
        (str(clip), 0.0, "classified"), (str(clip), 1.0, "no_face"), (str(clip), 2.0, "classified"),
    ]  # fmt: skip
    assert sorted(p.name for p in (tmp_path / "drawn").iterdir()) == ["clip.mp4@0.000s.jpg", "clip.mp4@2.000s.jpg"]
    (tmp_path / "cut.mp4").write_bytes(clip.read_bytes()[:600])
    (bad,) = classified("--video", tmp_path / "cut.mp4")["photos"]
    assert bad["outcome"] == "undecodable"


class Camera:
    """What OpenCV gives of a webcam: a grey picture that says nothing, then the astronaut."""

    pictures: tuple[Bgr, ...] = ()
    released = 0

    def __init__(self, number: int) -> None:
        self.left = list(self.pictures) if number == 0 else []

    def isOpened(self) -> bool:  # noqa: N802 - OpenCV's name
        return bool(self.left)

    def grab(self) -> bool:
        return True

    def read(self) -> tuple[bool, Bgr | None]:
        return (True, self.left.pop(0)) if self.left else (False, None)

    def release(self) -> None:
        type(self).released += 1


def test_pictures_of_a_webcam(monkeypatch: pytest.MonkeyPatch, astronaut: Bgr) -> None:
    monkeypatch.setattr(Camera, "pictures", (np.full((256, 256, 3), 127, np.uint8), astronaut))
    monkeypatch.setattr(webcam.cv2, "VideoCapture", Camera)
    told = classified("--webcam", "0", "--every", "0.01", "--frames", "2")
    assert [(one["path"], one["outcome"]) for one in told["photos"]] == [
        ("webcam0", "no_face"), ("webcam0", "classified"),
    ]  # fmt: skip
    assert told["photos"][0]["seconds"] < told["photos"][1]["seconds"]
    done = cli.inside("classify", "--webcam", "3", "--json")
    assert (done.returncode, done.stdout) == (1, "")
    assert "webcam 3 gives no picture" in done.stderr
    assert Camera.released == 2


def labelled(tmp_path: Path, astronaut: Bgr) -> Path:
    """A workspace of twelve faces, wide and narrow ones, half smile and half none; and what was learned from them."""
    folder, workspace = tmp_path / "photos", tmp_path / "w"
    rows = ["sha256,verdict,label"]
    for n in range(12):
        wide = n % 2
        head = cv2.resize(astronaut[0:260, 90:350], (380 if wide else 300, 400 + n))
        file = write(folder / f"{n}.png", head)
        rows.append(f"{hashlib.sha256(file.read_bytes()).hexdigest()},accept,{'smile' if wide else 'none'}")
    cli.ingest(workspace, folder)
    (tmp_path / "d.csv").write_text("\n".join(rows))
    assert cli.inside("decide", tmp_path / "d.csv", "--annotator", "Ann", "--workspace", workspace).returncode == 0
    return workspace


def test_the_workspace_and_its_file_say_the_same(tmp_path: Path, astronaut: Bgr) -> None:
    workspace, file = labelled(tmp_path, astronaut), tmp_path / "c.json"
    told = cli.inside_json("suggest", "--workspace", workspace)
    assert told["kind"] == "learned"
    made = cli.inside_json("classifier", file, "--workspace", workspace)
    assert (made["kind"], made["labels"], made["version"]) == ("learned", 12, 1)
    photos = sorted((tmp_path / "photos").iterdir())
    by_file = classified(*photos, "--model", file)
    by_workspace = classified(*photos, "--workspace", workspace)
    rule = classified(*photos)
    assert by_file["photos"] == by_workspace["photos"]
    assert by_file["photos"] != rule["photos"]
    sql = "SELECT data, (SELECT classes FROM suggestion_models) FROM suggestion_blocks"
    ((data_, classes),) = cli.rows(workspace, sql)
    stored = np.frombuffer(data_, "<u2").reshape(2048, len(json.loads(classes))) / 65535
    shown = np.array([list(one["faces"][0]["probabilities"].values()) for one in by_file["photos"]])
    kept = stored[stored.any(axis=1)]
    assert np.abs(np.sort(kept, axis=0) - np.sort(shown, axis=0)).max() < 1e-3
    report = json.loads(file.read_text("utf-8"))["report"]
    assert {one["class"] for one in report["classes"]} == CLASSES


def test_a_classifier_of_a_workspace_without_labels_is_the_rule(tmp_path: Path, astronaut: Bgr) -> None:
    write(tmp_path / "photos" / "a.png", astronaut)
    cli.ingest(tmp_path / "w", tmp_path / "photos")
    run: Callable[..., subprocess.CompletedProcess[str]] = cli.inside
    words = ("classifier", tmp_path / "c.json", "--workspace", tmp_path / "w")
    assert run(*words).returncode == 0
    before = (tmp_path / "c.json").read_text("utf-8")
    assert json.loads(before)["kind"] == "zero_label"
    refused = run(*words)
    assert refused.returncode == 2
    assert "c.json is there already" in refused.stderr
    assert run(*words, "--overwrite").returncode == 0
    assert (tmp_path / "c.json").read_text("utf-8") == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["c.json", "photos", "w"]
    assert run("classifier", tmp_path / "no" / "c.json", "--workspace", tmp_path / "w").returncode == 1
