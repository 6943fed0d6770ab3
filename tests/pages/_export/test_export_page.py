"""The Export page: two releases compared with the pictures of both, and how what was written is loaded."""

from __future__ import annotations

import base64
import json
import re
import shutil
from pathlib import Path
from random import Random

import cv2
import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from db.decisions.log import apply_ops
from db.decisions.ops import DecideOp
from db.duplicates import near_pairs
from db.reads.details import face_info
from db.store.store import Db
from pages._server import identity, workspace
from pages._server.folders.roots import OPTION
from pipeline.actions.release.accepted import read_accepted, read_placements
from pipeline.actions.releases import write_folder, write_zip
from pipeline.core.records import Verdict, crop_version
from pipeline.export.export import plan
from pipeline.pixels.encode import encode_png
from tests.db import make

PAGE = str(Path(__file__).resolve().parents[3] / "pages" / "export.py")
NONE, POUT, SMILE, OPEN = 1, 2, 3, 4


@pytest.fixture
def faces(empty: Path) -> list[str]:
    """24 faces of as many photos, each with a crop of one grey, 10 for the first, 19 for the second …; 20 accepted."""
    store, names = workspace.get_store(), [f"p{n}" for n in range(24)]
    found = make.add_images(store, names)
    hashes = [(make.sha_of(name), Random(name).randbytes(192)) for name in names]
    store.write(lambda db: near_pairs.put_hashes(db, hashes))
    for number, face in enumerate(found):
        png = encode_png(np.full((24, 24, 3), grey(number), np.uint8))
        workspace.blobs().put("crops", face, "png", png)
        of = (crop_version(png), face)
        store.write(lambda db, of=of: db.execute("UPDATE faces SET crop_version = ? WHERE id = ?", of))
    decide(found[:20], lambda number: 1 + number % 4)
    return found


def grey(number: int) -> int:
    return 10 + 9 * number


def decide(faces: list[str], class_of: object, verdict: Verdict = Verdict.ACCEPT) -> None:
    def work(db: Db) -> None:
        for number, face in enumerate(faces):
            info, key = face_info(db, face), make.new_uuid()
            assert info is not None
            label = class_of(number) if callable(class_of) else None
            op = DecideOp(key, key, face, info.face.image_sha256, verdict, label, None, 0)
            assert [one.status for one in apply_ops(db, "Ada", [op])] == ["saved"]

    workspace.get_store().write(work)


def release(*, as_zip: bool = False, seed: int = 0) -> Path:
    store, name = workspace.get_store(), "data"
    accepted = read_accepted(store)
    placed = read_placements(store, name)
    chosen = plan(accepted.items, accepted.class_names, agreed=accepted.agreed, placements=placed)
    if as_zip:
        return write_zip(store, chosen, name, "Ada").path
    return write_folder(store, chosen, workspace.root() / f"release {seed}", name, "Ada", overwrite=False).path


def compared(monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setattr(identity, "identify", lambda cookies, headers: "Ada")
    shown = AppTest.from_file(PAGE, default_timeout=30)
    shown.query_params["section"] = "compare"
    shown.run()
    assert not shown.exception
    return shown


def greys(shown: AppTest) -> list[int]:
    """Of the pictures of the table, in its order."""
    html = "".join(one.proto.body for one in shown.get("html"))
    found = []
    for data in re.findall(r"data:image/jpeg;base64,([A-Za-z0-9+/=]+)", html):
        image = cv2.imdecode(np.frombuffer(base64.b64decode(data), np.uint8), cv2.IMREAD_COLOR)
        found.append(round(float(image.mean())))
    return found


@pytest.mark.parametrize("as_zip", [False, True])
def test_what_differs_is_shown_with_the_pictures_of_both(
    faces: list[str], monkeypatch: pytest.MonkeyPatch, as_zip: bool
) -> None:
    release(as_zip=as_zip)
    decide([faces[0]], lambda _: SMILE)  # it was none
    decide([faces[20]], lambda _: POUT)  # new
    decide([faces[1]], None, Verdict.REJECT)
    release(as_zip=as_zip, seed=1)
    shown = compared(monkeypatch)
    assert [one.value for one in shown.selectbox] == ["data #1", "data #2"]
    kinds = shown.segmented_control(key="compare_kind")
    offered = dict(zip(["added", "removed", "relabelled"], kinds.options, strict=False))
    assert [one.rpartition(" ")[2] for one in offered.values()] == ["1", "1", "1"]
    assert greys(shown) == [pytest.approx(grey(20), abs=2)]
    assert greys(kinds.set_value("removed").run()) == [pytest.approx(grey(1), abs=2)]
    relabelled = shown.segmented_control(key="compare_kind").set_value("relabelled").run()
    assert greys(relabelled) == [pytest.approx(grey(0), abs=2)] * 2
    html = "".join(one.proto.body for one in relabelled.get("html"))
    assert html.index("· none") < html.index("· smile")


def test_a_picture_that_is_gone_or_changed_is_told_and_not_shown(
    faces: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = release()
    decide([faces[0]], lambda _: SMILE)
    second = release(seed=1)
    shutil.rmtree(first)
    (changed,) = second.rglob(f"*_{faces[0][:8]}.png")
    changed.write_bytes(encode_png(np.zeros((24, 24, 3), np.uint8)))
    shown = compared(monkeypatch)
    assert greys(shown) == []
    assert "".join(one.proto.body for one in shown.get("html")).count("its picture is gone") == 2


def test_two_writings_of_one_release_are_one(faces: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    release()
    decide([faces[0]], lambda _: SMILE)
    release(seed=1)
    release(as_zip=True)
    shown = compared(monkeypatch)
    assert list(shown.selectbox(key="compare_after").options) == ["data #2", "data #1"]


def test_what_was_written_tells_where_it_is_and_how_it_is_loaded(
    faces: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert len(faces) == 24
    monkeypatch.setattr(identity, "identify", lambda cookies, headers: "Ada")
    shown = AppTest.from_file(PAGE, default_timeout=30).run()
    shown.button(key="export").click().run()
    assert not shown.exception
    root = str(workspace.root() / "releases" / "train_val_data")
    path, code = shown.code
    assert path.value == root
    assert f"ImageFolder('{root}/train')" in code.value
    shown.segmented_control(key="loader").set_value("Hugging Face").run()
    assert f"data_dir='{root}/train'" in shown.code[1].value


def test_the_same_decisions_once_more_are_the_same_release_byte_for_byte(faces: list[str]) -> None:
    assert len(faces) == 24
    first, second = release(), release(seed=1)  # what was moved for its share the first time is placed the second
    assert tree(first) == tree(second)
    decide(faces[:20], lambda number: 1 + number // 5)
    third = release(seed=2)
    assert json.loads((third / "release.json").read_text())["moved"] != []
    assert tree(third) == tree(release(seed=3))


def tree(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_a_class_that_stops_the_export_leads_to_its_faces(faces: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    decide(faces[2::4], None, Verdict.REJECT)  # all smiles
    decide(faces[7::4], None, Verdict.REJECT)  # all open mouths but one
    monkeypatch.setattr(identity, "identify", lambda cookies, headers: "Ada")
    shown = AppTest.from_file(PAGE, default_timeout=30).run()
    assert not shown.exception
    assert len(shown.error) == 2
    links = [one.url for one in shown.get("link_button")]
    assert links == [
        f"/review?state=undecided&suggested={SMILE}", "/classes", f"/review?state=class%3A{OPEN}", "/classes"
    ]  # fmt: skip


def test_each_field_is_what_the_release_is_made_by(faces: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """One face was decided on while it was not on the screen, one is confirmed by page."""
    assert len(faces) == 24

    def mark(db: Db) -> None:
        db.execute("DROP TRIGGER IF EXISTS decisions_no_update")
        said = {"suggester": "moue", "version": 1, "probability": 0.97}
        first = "(SELECT uuid FROM decisions ORDER BY seq LIMIT 1 OFFSET ?)"
        for number, context in enumerate(({"off_screen": True}, {"confirmed": said})):
            db.execute(f"UPDATE decisions SET context = ? WHERE uuid = {first}", [json.dumps(context), number])

    workspace.get_store().write(mark)
    monkeypatch.setattr(identity, "identify", lambda cookies, headers: "Ada")
    shown = AppTest.from_file(PAGE, default_timeout=30).run()
    shown.checkbox(key="grey").check()
    shown.segmented_control(key="encoding").set_value("jpeg").run()
    shown.number_input(key="jpeg_quality").set_value(80)
    shown.selectbox(key="size").set_value(64)
    shown.number_input(key="min_side").set_value(2)
    shown.number_input(key="at_most").set_value(4).run()
    shown.checkbox(key="balance").check()
    shown.selectbox(key="choose").set_value("sharpness")
    shown.checkbox(key="without_confirmed").check()
    shown.checkbox(key="only_seen").check()
    shown.number_input(key="seed").set_value(5).run()
    assert "not seen on the screen" in " ".join(one.value for one in shown.caption)
    shown.button(key="export").click().run()
    assert not shown.exception
    said = json.loads((workspace.root() / "releases" / "train_val_data" / "release.json").read_text())
    assert said["options"] == {
        "size": 64, "min_side": 2, "licences": [], "grey": True, "encoding": "jpeg", "jpeg_quality": 80,
        "selection": {"at_most": 4, "balance": True, "by": "sharpness", "only_seen": True}, "without_confirmed": True,
    }  # fmt: skip
    assert said["split"] == {"val": 0.2, "seed": 5}
    shown.checkbox(key="people_only").check().run()
    assert "by rules" not in " ".join(one.value for one in shown.caption)
    shown.button(key="export").click().run()
    assert "tick the box above to replace it" in shown.error[0].value


def test_where_an_option_is_refused_the_page_stays_and_says_why_beside_it(
    faces: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """All that was below the options went away, with the table above them: the field moved under the hand."""
    assert len(faces) == 24
    monkeypatch.setattr(identity, "identify", lambda cookies, headers: "Ada")
    shown = AppTest.from_file(PAGE, default_timeout=30).run()
    fields, tables = [one.key for one in shown.text_input], len(shown.get("html"))
    shown.text_input(key="rejects_as").set_value("smile").run()
    (why,) = shown.error
    assert why.value.replace("\\", "") == "“smile” is a class already: give rejected faces another name."
    assert [one.key for one in shown.text_input] == fields
    assert len(shown.get("html")) == tables
    assert shown.button(key="export").disabled
    shown.text_input(key="rejects_as").set_value("bad").run()
    (why,) = shown.error
    assert why.value.startswith("“bad” would have rejected faces of 0 photos, it takes 2 at least")


def test_a_relative_folder_is_told_in_full(faces: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv(OPTION, "/")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(identity, "identify", lambda cookies, headers: "Ada")
    shown = AppTest.from_file(PAGE, default_timeout=30).run()
    for typed, told in (("sets/one", True), ("/sets/one", False), ("~/one", True)):
        shown.text_input(key="out").set_value(typed).run()
        goes_to = [caption.value.replace("\\", "") for caption in shown.caption if "It goes to" in caption.value]
        assert goes_to == ([f"It goes to {tmp_path / typed.removeprefix('~/')}"] if told else [])


def test_a_folder_with_other_files_is_refused_as_it_is_typed(
    faces: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert len(faces) == 24
    monkeypatch.setenv(OPTION, str(tmp_path))
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "mine.txt").write_text("mine")
    monkeypatch.setattr(identity, "identify", lambda cookies, headers: "Ada")
    shown = AppTest.from_file(PAGE, default_timeout=30).run()
    for typed, why in (("letters", "holds other files"), ("letters/mine.txt", "is not a folder"), ("new", "")):
        shown.text_input(key="out").set_value(str(tmp_path / typed)).run()
        assert not shown.exception
        assert [why in one.value for one in shown.error] == [True] * bool(why)
        assert shown.button(key="export").disabled == bool(why)
