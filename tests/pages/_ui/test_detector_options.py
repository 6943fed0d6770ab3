"""The drawers: a detector's own options on Collect, processing again on Clean; and the commands they start."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from db.store.store import Store
from db.tables.jobs import finish, jobs_recent
from pages._server import identity, jobs, workspace
from pages._ui import black_bars
from pages._ui.job import restarts
from pipeline.cli.arguments import build_parser
from pipeline.faces.detect import DETECTORS
from pipeline.faces.landmarker import about

PAGES = Path(__file__).resolve().parents[3] / "pages"


@pytest.fixture
def store(full: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setattr(identity, "identify", lambda cookies, headers: "Ann")
    return workspace.get_store()


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The command lines that would have been started."""
    lines: list[list[str]] = []
    monkeypatch.setattr(jobs, "_spawn", lambda line, root, secrets, passed: lines.append(list(line)))
    return lines


def page(name: str, **query: str) -> AppTest:
    made = AppTest.from_file(str(PAGES / name), default_timeout=30)
    for key, value in query.items():
        made.query_params[key] = value
    return made.run()


@pytest.mark.usefixtures("store")
def test_a_detectors_options_reach_the_command(started: list[list[str]], tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "a.jpg").write_bytes(b"x")
    shown = page("collect.py")
    shown.text_input(key="path").set_value(str(tmp_path / "photos")).run()
    shown.selectbox(key="detector").set_value("hog").run()
    assert [n.label for n in shown.number_input] == ["Upsample (0 to 2)", "Threshold (-0.5 to 1.5)"]
    shown.number_input(key="detector-hog-upsample").set_value(1).run()
    shown.button(key="start-folder").click().run()
    (line,) = started
    args = build_parser().parse_args(line[line.index("ingest") :])
    assert (args.detector, args.options, args.faces) == ("hog", [("upsample", 1.0)], "all")
    assert args.paths == [tmp_path / "photos"]


@pytest.mark.usefixtures("store")
def test_every_detector_shows_its_licence_and_what_it_is_good_at() -> None:
    shown = page("collect.py")
    for name, info in DETECTORS.items():
        shown.selectbox(key="detector").set_value(name).run()
        captions = "\n".join(c.value for c in shown.caption)
        assert f"Good at {info.good_at}. Licence: {info.licence}." in captions
        assert len(shown.number_input) == len(info.options)


def test_processing_again_starts_with_what_was_chosen(store: Store, started: list[list[str]]) -> None:
    job_id = jobs.start_reprocess(store, "hog", (("upsample", 1.0),), "largest", 2.0, True, "reflect", annotator="Ada")
    (line,) = started
    args = build_parser().parse_args(line[line.index("reprocess") :])
    assert (args.detector, args.options, args.faces, args.margin, args.upright, args.border, args.job) == (
        "hog", [("upsample", 1.0)], "largest", 2.0, True, "reflect", job_id,
    )  # fmt: skip


def test_the_button_for_black_bars_leaves_other_borders_alone_also_when_it_is_started_once_more(
    store: Store, started: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(black_bars.permission, "require", lambda action: "Ada")
    monkeypatch.setattr(black_bars.st, "rerun", lambda: None)
    black_bars._start(store)
    job = store.read(lambda db: jobs_recent(db, 1))[0]
    store.write(lambda db: finish(db, job.id, "interrupted", None))
    restarts.RESTARTS["reprocess"](store, job, "Ada")
    for line in started:
        args = build_parser().parse_args(line[line.index("reprocess") :])
        assert (args.border, args.from_border, args.margin, args.detector) == ("push", "black", None, None)
    assert len(started) == 2


def test_what_crops_are_cut_like_reaches_every_command(store: Store, started: list[list[str]]) -> None:
    """Also where it is started once more from what its job keeps."""
    cut = {"margin": 2.0, "upright": True, "border": "reflect", "landmarks": "landmarker"}
    starts = {
        "ingest": lambda: jobs.start_ingest(store, ["/x"], annotator="Ada", **cut),  # type: ignore[arg-type]
        "crawl": lambda: jobs.start_crawl(store, {"keywords": [["cup", ""]], **cut}, "Ada"),
        "video": lambda: jobs.start_video(store, {"paths": ["/x.mp4"], **cut}, "Ada"),
        "reprocess": lambda: jobs.start_reprocess(
            store, None, (), None, 2.0, True, "reflect", annotator="Ada", landmarks="landmarker"
        ),
    }
    for command, start in starts.items():
        job_id = start()
        line = started[-1]
        args = build_parser().parse_args(line[line.index(command) :])
        assert (args.margin, args.upright, args.border) == (2.0, True, "reflect"), command
        assert args.landmarks == "landmarker", command
        store.write(lambda db, job_id=job_id: finish(db, job_id, "done", None))
    assert len(started) == len(starts)


def test_the_landmarker_is_offered_where_it_is_installed(
    store: Store, started: list[list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And nothing of it where it is not; the course's recipe has no choice."""
    (tmp_path / "a.jpg").write_bytes(b"x")
    for there in (False, True):
        monkeypatch.setattr(about, "is_installed", lambda there=there: there)
        monkeypatch.setattr(about, "locate", lambda weights: tmp_path)
        shown = page("collect.py")
        shown.text_input(key="path").set_value(str(tmp_path)).run()
        offered = [one.key for one in shown.segmented_control if one.key == "detector-landmarks"]
        assert offered == ["detector-landmarks"] * there
    shown.selectbox(key="detector").set_value("course").run()
    assert "detector-landmarks" not in [one.key for one in shown.segmented_control]
    shown.selectbox(key="detector").set_value("yunet").run()
    assert "not for commercial use" in "".join(one.value for one in shown.caption)
    shown.segmented_control(key="detector-landmarks").set_value("landmarker").run()
    assert "Landmarks by the Face Landmarker: Apache-2.0." in "".join(one.value for one in shown.caption)
    shown.button(key="start-folder").click().run()
    (line,) = started
    assert build_parser().parse_args(line[line.index("ingest") :]).landmarks == "landmarker"


@pytest.mark.usefixtures("store")
def test_cleans_outcome_stands_in_the_address() -> None:
    shown = page("clean.py", outcome="undecodable")
    assert not shown.exception
    assert shown.session_state["clean_outcome"] == "undecodable"
    assert page("clean.py", outcome="nonsense").session_state["clean_outcome"] == ""
