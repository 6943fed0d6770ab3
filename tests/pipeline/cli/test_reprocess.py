"""`reprocess`: another detector, margin or turn; identities and decisions stay."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from db.images.faces import remove_face
from db.store.store import Store
from pipeline.core.records import Settings
from pipeline.faces.crop import mouth_crop
from tests.pipeline.commands import ingest, inside, one_line, rows
from tests.pipeline.photos import astronaut, coffee, hopper, numbered_head, rgb_of


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four photos, three of them with one face, all referenced."""
    root = tmp_path_factory.mktemp("again")
    source = root / "photos"
    source.mkdir()
    shutil.copyfile(astronaut(), source / "a.png")
    shutil.copyfile(hopper(), source / "b.jpg")
    shutil.copyfile(coffee(), source / "c.png")
    (source / "d.jpg").write_bytes(numbered_head(4))
    ingest(root / "w", source)
    return root


@pytest.fixture
def workspace(made: Path, tmp_path: Path) -> Path:
    shutil.copytree(made / "w", tmp_path / "w")
    return tmp_path / "w"


def again(workspace: Path, *words: object) -> dict[str, Any]:
    done = inside("reprocess", "--workspace", workspace, "--executor", "serial", "--json", *words)
    assert done.returncode == 0, done.stderr
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures


def faces(workspace: Path) -> list[tuple[Any, ...]]:
    return rows(
        workspace, "SELECT id, crop_x, crop_y, crop_width, crop_angle FROM faces WHERE removed_at IS NULL ORDER BY id"
    )


def decide_all(workspace: Path, label: str = "smile") -> None:
    file = workspace.parent / "d.csv"
    lines = [f",{face},accept,{label},\n" for (face,) in rows(workspace, "SELECT id FROM faces")]
    file.write_text("sha256,face_id,verdict,label,reason\n" + "".join(lines))
    assert inside("decide", file, "--annotator", "Ann", "--workspace", workspace).returncode == 0


def verified(workspace: Path) -> None:
    done = inside("verify", "--workspace", workspace, "--json")
    assert (done.returncode, json.loads(done.stdout)["findings"]) == (0, [])


def test_nothing_asked_nothing_done(workspace: Path) -> None:
    before = faces(workspace)
    figures = again(workspace)
    assert sum(figures["images"].values()) == 0
    assert faces(workspace) == before


@pytest.mark.parametrize("words", [(), ("--upright",), ("--margin", "3.5")])
def test_each_border_is_taken_and_noted_and_changes_no_identity(workspace: Path, words: tuple[str, ...]) -> None:
    """Back at the first border the crops are what they were, to the byte."""
    again(workspace, *words)
    decide_all(workspace)
    first = rows(workspace, "SELECT id, crop_x, crop_y, crop_angle, crop_version FROM faces ORDER BY id")
    for border in ("reflect", "black", "push"):
        figures = again(workspace, "--border", border)
        assert (sum(figures["images"].values()), figures["faces"]) == (4, 0)
        notes = {text for (text,) in rows(workspace, "SELECT processing FROM images")}
        assert {Settings.of_processing(text).border for text in notes} == {border}
        assert sum(again(workspace, "--border", border)["images"].values()) == 0
    assert rows(workspace, "SELECT id, crop_x, crop_y, crop_angle, crop_version FROM faces ORDER BY id") == first
    assert rows(workspace, "SELECT count(*) FROM face_state WHERE verdict = 'accept'") == [(3,)]
    verified(workspace)


def test_another_margin_cuts_every_crop_about_its_middle(workspace: Path) -> None:
    decide_all(workspace)
    before = faces(workspace)
    figures = again(workspace, "--margin", "3")
    assert (figures["images"]["added"], figures["images"]["no_face"], figures["faces"]) == (3, 1, 0)
    after = faces(workspace)
    assert [row[0] for row in after] == [row[0] for row in before]
    for (_, x, y, side, _), (_, new_x, new_y, new_side, _) in zip(before, after, strict=True):
        assert new_side == pytest.approx(2 * side, abs=1)
        assert (new_x + new_side / 2, new_y + new_side / 2) == pytest.approx((x + side / 2, y + side / 2), abs=1)
    assert rows(workspace, "SELECT count(*) FROM face_state WHERE verdict = 'accept'") == [(3,)]
    assert {json.loads(text)["margin"] for (text,) in rows(workspace, "SELECT processing FROM images")} == {3.0}
    verified(workspace)
    assert sum(again(workspace, "--margin", "3")["images"].values()) == 0


def test_the_new_crop_holds_the_originals_own_pixels(workspace: Path) -> None:
    again(workspace, "--margin", "1.2")
    (face, x, y, side) = rows(
        workspace,
        "SELECT f.id, crop_x, crop_y, crop_width FROM faces f JOIN images i USING (sha256)"
        " WHERE i.original LIKE '%a.png'",
    )[0]
    crop = np.asarray(Image.open(workspace / "crops" / face[:2] / f"{face}.png"))
    assert np.array_equal(crop, rgb_of(astronaut())[y : y + side, x : x + side])


def test_upright_crops_are_turned_and_back(workspace: Path) -> None:
    before = faces(workspace)
    again(workspace, "--upright")
    turned = faces(workspace)
    assert any(row[4] != 0 for row in turned)
    verified(workspace)
    again(workspace, "--no-upright")
    assert faces(workspace) == before
    verified(workspace)


def test_another_detector_keeps_the_same_faces(workspace: Path) -> None:
    decide_all(workspace)
    before = {row[0] for row in faces(workspace)}
    again(workspace, "--detector", "hog")
    assert {row[0] for row in faces(workspace)} == before
    assert rows(workspace, "SELECT DISTINCT detector FROM faces WHERE removed_at IS NULL") == [("hog",)]
    assert rows(workspace, "SELECT count(*) FROM decisions") == [(3,)]
    verified(workspace)


def test_a_face_that_nobody_decided_on_goes_and_comes_back(workspace: Path) -> None:
    """A strict detector misses it; the usual one finds it again, under its old id."""
    before = {row[0] for row in faces(workspace)}
    again(workspace, "--detector", "yunet", "--set", "score=0.94")
    fewer = {row[0] for row in faces(workspace)}
    assert fewer < before
    verified(workspace)
    assert rows(workspace, "SELECT count(*) FROM face_state") == [(len(fewer),)]
    again(workspace, "--detector", "yunet", "--set", "score=0.7")
    assert {row[0] for row in faces(workspace)} == before
    verified(workspace)


def test_a_decided_face_stays_though_a_detector_misses_it(workspace: Path) -> None:
    decide_all(workspace)
    again(workspace, "--set", "score=0.95")
    assert len(faces(workspace)) == 3
    assert rows(workspace, "SELECT count(*) FROM face_state WHERE verdict = 'accept'") == [(3,)]
    verified(workspace)


def test_a_placed_crop_keeps_its_middle(workspace: Path) -> None:
    from db.images import faces as db_faces
    from db.store.store import Store
    from pipeline.core.geometry import CropBox

    face = faces(workspace)[0][0]
    with Store.open(workspace) as store:
        store.write(lambda db: db_faces.replace_crop(db, face, CropBox(50, 60, 40, 40), None, "0" * 16))
    again(workspace, "--margin", "3")
    assert next(row for row in faces(workspace) if row[0] == face)[1:4] == (30, 40, 80)


def test_a_missing_original_is_told_and_nothing_is_lost(workspace: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "x.jpg").write_bytes(numbered_head(9))
    ingest(workspace, mine)
    (mine / "x.jpg").unlink()
    figures = again(workspace, "--margin", "2")
    assert (figures["images"]["unavailable"], figures["images"]["added"]) == (1, 3)
    assert len(faces(workspace)) == 4
    verified_findings = inside("verify", "--workspace", workspace, "--json")
    assert "crop" not in verified_findings.stdout


def test_an_older_workspace_gets_its_figures(workspace: Path) -> None:
    with Store.open(workspace) as store:
        store.write(lambda db: db.execute("UPDATE images SET processing = ''"))
        store.write(lambda db: db.execute("DELETE FROM face_quality"))
    before = faces(workspace)
    again(workspace)
    assert faces(workspace) == before
    assert rows(workspace, "SELECT count(*) FROM face_quality") == [(3,)]


@pytest.mark.parametrize(
    "words",
    [("--margin", "0.2"), ("--set", "score=7"), ("--set", "nonsense=1"), ("--set", "x"), ("--detector", "none")],
)
def test_a_bad_setting_is_one_clear_line(workspace: Path, words: tuple[str, ...]) -> None:
    done = inside("reprocess", "--workspace", workspace, *words)
    assert done.returncode == 2
    assert one_line(done.stderr)


def test_the_settings_are_what_the_crop_says(workspace: Path) -> None:
    """The stored crop is what `mouth_crop` gives for the stored landmarks."""
    again(workspace, "--margin", "2.5")
    for landmarks, *crop in rows(workspace, "SELECT landmarks, crop_x, crop_y, crop_width FROM faces"):
        expected = mouth_crop(np.frombuffer(landmarks, "<f4").reshape(68, 2), Settings(margin=2.5).margin)
        assert crop == [expected.x, expected.y, expected.width]


def test_a_face_that_fills_its_photo_is_found_in_a_workspace_of_before(tmp_path: Path) -> None:
    """And one that hangs upside down: each says which look found it, and decisions and identities of others stay."""
    photos, workspace = tmp_path / "photos", tmp_path / "w"
    photos.mkdir()
    Image.fromarray(rgb_of(hopper())[129:324, 185:338]).resize((700, 900)).save(photos / "tight.png")
    Image.fromarray(rgb_of(astronaut())[::-1, ::-1]).save(photos / "down.png")
    shutil.copyfile(astronaut(), photos / "upright.png")
    ingest(workspace, photos)
    wanted = {"tight.png": "320", "down.png": "320 turned 180", "upright.png": "512"}
    query = """SELECT s.location, f.look, f.crop_angle FROM faces f JOIN sightings s ON s.sha256 = f.sha256
               WHERE f.removed_at IS NULL"""
    found = {Path(location).name: (look, angle) for location, look, angle in rows(workspace, query)}
    assert {name: look for name, (look, _) in found.items()} == wanted
    assert {name: abs(angle) for name, (_, angle) in found.items()} == {
        "tight.png": 0, "down.png": 180, "upright.png": 0}  # fmt: skip

    # As an older Moue left it: one look, no face in the tight one.
    with Store.open(workspace) as store:
        store.write(lambda db: db.execute("UPDATE images SET processing = json_remove(processing, '$.looks')"))
        tight = "(SELECT sha256 FROM sightings WHERE location LIKE '%tight.png')"
        store.write(lambda db: db.execute(f"UPDATE images SET outcome = 'no_face' WHERE sha256 = {tight}"))
        gone = f"SELECT id FROM faces WHERE sha256 = {tight}"
        store.write(lambda db: [remove_face(db, face) for (face,) in db.execute(gone).fetchall()])
    before = faces(workspace)
    assert len(before) == 2
    again(workspace)
    assert set(before) < set(faces(workspace))
    assert len(faces(workspace)) == 3
    again(workspace, "--margin", "2")  # the turned crop grows where it is, and stays turned
    angles = {Path(location).name: abs(angle) for location, _, angle in rows(workspace, query)}
    assert angles == {"tight.png": 0, "down.png": 180, "upright.png": 0}
    verified(workspace)
