"""The shell and the pages Overview, Collect and Export, run as scripts."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
from streamlit.testing.v1 import AppTest

from db.decisions.log import apply_ops
from db.decisions.ops import DecideOp
from db.duplicates import near_pairs
from db.reads.details import face_info, image_info
from pages._server import identity, jobs, workspace
from pipeline.core.records import Verdict, crop_version
from tests.db import make
from tests.pages._ui import drawn
from tests.pipeline.made import sha_of

PAGES = Path(__file__).resolve().parents[2] / "pages"


@pytest.fixture
def ada(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identity, "identify", lambda cookies, headers: "Ada")


def page(name: str) -> AppTest:
    return AppTest.from_file(str(PAGES / name), default_timeout=30)


def texts(shown: AppTest) -> str:
    kinds = (shown.markdown, shown.caption, shown.info, shown.error, shown.warning)
    return "\n".join(one.value for kind in kinds for one in kind)


def add_distinct(number: int) -> list[str]:
    """So many photos of one face each, none the copy of another: they can be compared, as an export wants it."""
    names = [f"p{n}" for n in range(number)]
    faces = make.add_images(workspace.get_store(), names)
    hashes = [(make.sha_of(name), Random(name).randbytes(192)) for name in names]
    workspace.get_store().write(lambda db: near_pairs.put_hashes(db, hashes))
    return faces


def crops_of(faces: list[str]) -> None:
    """A file for each face's crop, and its version beside the row."""
    for face in faces:
        png = b"png of " + face.encode()
        workspace.blobs().put("crops", face, "png", png)
        version = [crop_version(png), face]
        sql = "UPDATE faces SET crop_version = ? WHERE id = ?"
        workspace.get_store().write(lambda db, of=version, sql=sql: db.execute(sql, of))


def decide_all(faces: list[str], class_of: Callable[[int], int]) -> None:
    def work(db: make.Db) -> None:
        ops = []
        for number, face in enumerate(faces):
            info = face_info(db, face)
            assert info is not None
            key = make.new_uuid()
            ops.append(DecideOp(key, key, face, info.face.image_sha256, Verdict.ACCEPT, class_of(number), None, 0))
        assert {r.status for r in apply_ops(db, "Ada", ops)} == {"saved"}

    workspace.get_store().write(work)


@pytest.mark.parametrize("name", ["_shell.py", "overview.py", "collect.py", "export.py", "clean.py", "review.py"])
def test_no_page_shows_anything_to_somebody_unknown(full: Path, name: str) -> None:
    shown = page(name).run()
    assert not shown.exception
    assert (len(shown.header), len(shown.button), len(shown.dataframe)) == (0, 0, 0)


@pytest.mark.usefixtures("empty", "ada")
def test_an_empty_workspace_shows_three_choices() -> None:
    shown = page("_shell.py").run()
    assert not shown.exception
    assert [b.label for b in shown.button] == ["Point at a folder", "Upload", "Load sample photos"]


@pytest.mark.usefixtures("full", "ada")
def test_overview_counts_and_says_what_is_next() -> None:
    shown = page("_shell.py").run()
    assert not shown.exception
    assert drawn.figures(shown) == [("Photos", "3"), ("Faces", "1"), ("Decided", "0"), ("Accepted", "0")]
    assert [b.label for b in shown.button] == ["Over time, by annotator, against targets", "Check everything", "Review"]
    assert "1 face to decide on" in texts(shown)


@pytest.mark.usefixtures("full", "ada")
@pytest.mark.parametrize(("asked", "title"), [("classes", "Classes"), ("", "Overview"), ("no-such-page", "Overview")])
def test_the_page_that_the_header_asks_for_is_shown_once(asked: str, title: str) -> None:
    shown = page("_shell.py")
    shown.session_state["page_asked"] = asked
    shown.run()
    assert not shown.exception
    assert shown.header[0].value == title
    assert "page_asked" not in shown.session_state


@pytest.mark.usefixtures("empty", "ada")
def test_collect_checks_a_path_before_it_starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[tuple[list[Path], str | None]] = []
    monkeypatch.setattr(jobs, "start_ingest", lambda store, paths, kind, **_: started.append((paths, kind)))
    shown = page("collect.py").run()
    assert not shown.exception
    assert "not for commercial use" in texts(shown)
    shown.text_input(key="path").set_value(str(tmp_path / "nothing")).run()
    assert "There is nothing at" in shown.error[0].value
    shown.button(key="start-folder").click().run()  # never disabled: a path may still be being typed
    assert "There is nothing at" in shown.error[0].value
    assert started == []
    (tmp_path / "photos" / "smile").mkdir(parents=True)
    (tmp_path / "photos" / "smile" / "a.jpg").write_bytes(b"x")
    shown.text_input(key="path").set_value(str(tmp_path / "photos")).run()
    assert "Folder with 1 file, in folders named smile" in texts(shown)
    shown.button(key="start-folder").click().run()
    assert started == [([tmp_path / "photos"], None)]


@pytest.mark.usefixtures("full", "ada")
def test_collect_tells_outcomes_with_reasons_and_sources(ingested: Path) -> None:
    shown = page("collect.py").run()
    assert not shown.exception
    outcomes = drawn.table(shown, "Outcome")
    assert {row["Outcome"]: row["Files"] for row in outcomes} == {
        "Added": "1", "No face found": "2", "Damaged": "1", "Not a photo": "1",
    }  # fmt: skip
    why = {row["Outcome"]: row["Why"] for row in outcomes}
    assert why["No face found"] == (
        "yunet found no face at 640, 320 pixels, upright or turned, nor at 1/2.5 of its size; "
        "yunet found no face at 640, 320 pixels, upright or turned"
    )
    assert [row["Place"] for row in drawn.table(shown, "Place")] == [str(ingested / "photos")]


@pytest.mark.usefixtures("full", "ada")
def test_export_without_an_accepted_face_points_to_review() -> None:
    shown = page("export.py").run()
    assert not shown.exception
    assert "nothing to export" in shown.info[0].value
    assert [b.label for b in shown.button] == ["Review"]


@pytest.mark.usefixtures("full", "ada")
def test_export_says_which_class_is_short(ingested: Path) -> None:
    info = workspace.get_store().read(lambda db: image_info(db, sha_of(ingested / "photos" / "astronaut.png")))
    assert info is not None
    decide_all([info.faces[0].face_id], lambda _: 3)
    shown = page("export.py").run()
    assert not shown.exception
    assert shown.button(key="export").disabled
    problems = "\n".join(e.value for e in shown.error)
    assert all(f"Class “{name}” has" in problems for name in ("none", "pout", "smile", "openmouth"))


@pytest.mark.usefixtures("empty", "ada", "exports_at_once")
def test_export_writes_what_the_preview_counted(empty: Path) -> None:
    faces = add_distinct(40)
    crops_of(faces)
    decide_all(faces, lambda n: 1 + n % 4)
    shown = page("export.py").run()
    until = time.monotonic() + 60
    while "…" in str(drawn.table(shown, "Both")) and time.monotonic() < until:  # photos are compared first, beside it
        time.sleep(0.05)
        shown.run()
    assert not shown.exception
    preview = {row["Class"]: row for row in drawn.table(shown, "Both")}
    assert {name: row["Both"] for name, row in preview.items()} == {
        "none": "10", "pout": "10", "smile": "10", "openmouth": "10", "All": "40",
    }  # fmt: skip
    shown.button(key="export").click().run()
    assert not shown.exception
    assert "40 crops in" in shown.success[0].value
    root = empty / "releases" / "train_val_data"
    for split in ("train", "val"):
        for name in ("none", "pout", "smile", "openmouth"):
            assert len(list((root / split / name).iterdir())) == int(preview[name][split])
    shown.button(key="export").click().run()
    assert "tick the box" in shown.error[0].value
    shown.checkbox(key="overwrite").check().run()
    shown.button(key="export").click().run()
    assert not shown.error
    assert [row["By"] for row in drawn.table(shown, "By")] == ["Ada", "Ada"]
