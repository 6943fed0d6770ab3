"""The ways into Collect that begin on the web or with a film: what is asked for, and what a job is started with."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from db.store.store import Store
from pages._server import identity, jobs, uploads
from pipeline.cli.arguments import build_parser
from pipeline.cli.crawl import PARAMS
from pipeline.cli.intake import DETECTION

KEPT = {*DETECTION, *PARAMS} - {"keywords"}
PAGE = str(Path(__file__).resolve().parents[3] / "pages" / "collect.py")


@pytest.fixture
def started(empty: Path, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The command lines that pages start; nothing runs."""
    lines: list[list[str]] = []

    def spawn(command: list[str], root: Path, secrets: Mapping[str, str], passed: object) -> Any:
        for name, value in secrets.items():  # as the process would have them
            monkeypatch.setenv(name, value)
        lines.append(command)
        return type("Child", (), {"poll": lambda self: None, "returncode": None})()

    monkeypatch.setattr(jobs, "_spawn", spawn)
    return lines


def opened(way: str, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setattr(identity, "identify", lambda *_: "Ann")
    page = AppTest.from_file(PAGE, default_timeout=60)
    page.session_state["way"] = way
    return page.run()


def arguments(line: list[str]) -> Any:
    """As the command line itself reads them."""
    return build_parser().parse_args(line[line.index("pipeline") + 1 :])


def test_a_search_is_started_with_what_was_chosen(started: list[list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    page = opened("search", monkeypatch)
    page.text_area(key="search-keywords").set_value("pout, duck face\n-x y").run()
    page.number_input(key="search-total").set_value(30)
    page.selectbox(key="search-class").set_value("pout")
    page.selectbox(key="search-licence").set_value("cc")
    page.text_input(key="web-proxy").set_value(" http://127.0.0.1:9 ")
    page.button(key="start-search").click().run()
    (line,) = started
    args = arguments(line)
    assert args.command == "crawl"
    assert args.keywords == ["pout\tpout", "duck face\tpout", "-x y\tpout"]
    assert (args.engines, args.total, args.each, args.licence) == (["bing", "duckduckgo"], 30, None, "cc")
    assert (args.safe, args.proxy, args.timeout, args.face_only) == ("moderate", "http://127.0.0.1:9", 30.0, False)


def test_without_a_keyword_nothing_starts(started: list[list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    page = opened("search", monkeypatch)
    page.button(key="start-search").click().run()
    assert [error.value for error in page.error] == ["Type a keyword, or give a file with some."]
    page.text_area(key="search-keywords").set_value("duck face\tgrin").run()
    assert [error.value for error in page.error] == ["There is no class called “grin”. Make it on Classes first."]
    assert started == []


def test_a_filter_that_an_engine_lacks_is_told(started: list[list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    page = opened("search", monkeypatch)
    page.checkbox(key="search-face").set_value(True).run()
    told = [one.value for one in page.caption]
    assert "DuckDuckGo has no filter for faces only." in told
    assert not any(one.startswith("Bing has no filter") for one in told)


def test_a_pasted_list_is_kept_and_fetched(
    started: list[list[str]], empty: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = opened("list", monkeypatch)
    page.button(key="start-list").click().run()
    assert [error.value for error in page.error] == [r"addresses\.txt holds no address\."]
    page.text_area(key="list-text").set_value("https://img.example/1.jpg\n\nhttps://img.example/2.jpg").run()
    page.button(key="start-list").click().run()
    args = arguments(started[0])
    assert [place.read_text().split() for place in args.lists] == [
        ["https://img.example/1.jpg", "https://img.example/2.jpg"]
    ]
    assert args.lists[0].parent == empty / "lists"
    assert (args.keywords, args.total) == ([], None)


def test_frames_of_a_video(started: list[list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "-talk.mp4").write_bytes(b"x")
    page = opened("video", monkeypatch)
    page.text_input(key="video-path").set_value(str(tmp_path / "none.mp4")).run()
    page.button(key="start-video").click().run()
    assert [one.value.startswith("There is nothing at") for one in page.error] == [True]
    assert started == []
    page.text_input(key="video-path").set_value(str(tmp_path / "-talk.mp4"))  # and Start is pressed at once
    page.number_input(key="video-every").set_value(2.5)
    page.button(key="start-video").click().run()
    args = arguments(started[0])
    assert (args.command, args.every, args.scenes, args.paths) == ("video", 2.5, None, [tmp_path / "-talk.mp4"])


def test_a_cancelled_search_goes_on_with_the_same_words(started: list[list[str]], empty: Path) -> None:
    """What a job keeps starts it again: its parameters are those of the command line."""
    args = build_parser().parse_args(["crawl", "smile, pout", "--engine", "baidu", "--total", "9", "--face-only"])
    params = {name: value for name, value in vars(args).items() if name in KEPT}
    with Store.open(empty) as store:
        jobs.start_crawl(store, {**params, "keywords": [["smile", None], ["pout", "pout"]]}, "Ada")
    again = arguments(started[0])
    assert again.keywords == ["smile\t", "pout\tpout"]
    assert {name: getattr(again, name) for name in params} == params


def put(folder: Path, name: str, data: bytes) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(data)
    return folder


def test_frames_of_uploaded_videos(started: list[list[str]], empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folders = [put(empty / ".incoming/videos" / (31 * "0" + n), f"talk{n}.mp4", b"x") for n in "12"]
    page = opened("folder", monkeypatch)
    page.button(key=f"go-on-{folders[0].name}").click().run()  # whatever the page showed
    page.button(key="start-video").click().run()
    args = arguments(started[0])
    assert (args.command, sorted(args.paths)) == ("video", folders)
    assert (args.source_name.startswith("talk"), args.source_name.endswith(", Ann")) == (True, True)


def test_an_upload_that_is_not_wanted_is_removed(
    started: list[list[str]], empty: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = put(empty / ".incoming/videos" / (31 * "0" + "1"), "talk.mp4", b"x")
    page = opened("video", monkeypatch)
    page.button(key=f"go-on-{folder.name}").click().run()
    page.button(key=f"remove-{folder.name}").click().run()
    page.button(key="start-video").click().run()
    assert [one.value for one in page.error] == ["Upload a video first."]
    assert (folder.exists(), started) == (False, [])


def test_uploaded_lists_are_checked_all_before_one_is_taken(
    started: list[list[str]], empty: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = put(empty / ".incoming/lists" / (31 * "0" + "1"), "a.txt", b"https://img.example/1.jpg\n")
    bad = put(empty / ".incoming/lists" / (31 * "0" + "2"), "b.csv", b"page\nhttps://img.example/\n")
    page = opened("list", monkeypatch)
    page.button(key="start-list").click().run()
    assert [error.value for error in page.error] == [r"b\.csv has no column called url in its first line\."]
    assert (started, (good / "a.txt").exists()) == ([], True)
    put(bad, "b.csv", b"url\nhttps://img.example/2.jpg\n")
    put(empty / "lists", "a.txt", b"https://other.example/\n")  # of another time: it stays what it is
    page.button(key="start-list").click().run()
    args = arguments(started[0])
    assert sorted((place.name, place.read_text().split()[-1]) for place in args.lists) == [
        ("a (2).txt", "https://img.example/1.jpg"), ("b.csv", "https://img.example/2.jpg"),
    ]  # fmt: skip
    assert not good.exists()
    assert not bad.exists()


def test_an_upload_that_stopped_is_told_and_leads_to_its_box(empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = opened("folder", monkeypatch)  # makes the workspace
    part = uploads.partial_uploads() / f"part-{32 * '0'}"
    with uploads.receiving(part, "Ann", "my *talk*.mp4", "video", 2_000_000):
        part.write_bytes(bytes(500_000))
    page.run()
    (told,) = [one.value for one in page.markdown if "pause_circle" in one.value]
    told = told.replace("\\", "")
    assert "The upload of my *talk*.mp4 stopped: 500 kB of 2.0 MB are here. Choose the same file to go on." in told
    page.button(key=f"choose-{part.name}").click().run()
    assert (page.session_state["way"], page.session_state["video-where"]) == ("video", "upload")
    page.button(key=f"forget-{part.name}").click().run()
    assert not [one for one in page.markdown if "pause_circle" in one.value]
    assert not part.exists()
    assert not page.exception


def test_an_upload_that_goes_on_elsewhere_is_not_told_as_stopped(empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = opened("folder", monkeypatch)
    part = uploads.partial_uploads() / f"part-{32 * '0'}"

    def told_with(size: int) -> list[str]:
        with uploads.receiving(part, "Ann", "talk.mp4", "video", 2_000_000):
            part.write_bytes(bytes(size))
        return [one.value for one in page.run().markdown if "pause_circle" in one.value]

    assert [len(told_with(size)) for size in (500_000, 500_000, 600_000, 700_000, 700_000)] == [1, 1, 0, 0, 1]
