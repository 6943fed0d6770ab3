"""What is recorded in English, told in the reader's language."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.duplicates.grouping import Candidate, choose_keeper
from models.landmarker import LANDMARKER
from pages._words import as_sentence, dictionary, recorded
from pipeline.core.errors import DecodeError
from pipeline.core.messages import Message, message, verbatim
from pipeline.core.records import Settings
from pipeline.faces.detect import no_face_found
from pipeline.pixels.decode import load_upright

HAN = re.compile(r"[\u4e00-\u9fff]")
NUMBER = re.compile(r"\d+")


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        (message("file_empty"), "The file is empty."),
        (message("predictions_none", file="none/a.csv"), "none/a.csv has no rows."),
        (message("list_line_not_object", file="été.json", line=3), "été.json, line 3: not an object."),
        (verbatim("a reason of before"), "A reason of before."),
        (verbatim(""), ""),
        (None, ""),
    ],
)
def test_a_sentence_leaves_a_name_as_it_is(reason: Message | None, told: str) -> None:
    """`none/a.csv` is another file than `None/a.csv`, where capitals count."""
    assert recorded.sentence(reason, "en") == told


def test_a_message_that_stands_first_begins_with_a_capital_unless_a_name_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorded, "TEMPLATES", {**recorded.TEMPLATES, "planted": "{what}, twice"})
    assert recorded.sentence(Message("planted", {"what": message("file_empty")}), "en") == "The file is empty, twice."
    inner = message("predictions_none", file="b.csv")
    assert recorded.sentence(Message("planted", {"what": inner}), "en") == "b.csv has no rows, twice."
    several = (message("file_empty"), inner)
    told = "The file is empty; b.csv has no rows, twice."
    assert recorded.sentence(Message("planted", {"what": several}), "en") == told


def test_chinese_is_looked_at_where_it_puts_the_name() -> None:
    """In English a word stands first, in Chinese the name."""
    reason = message("file_unreadable", why="Permission denied")
    assert recorded.sentence(reason, "zh") == "无法读取文件：权限不足。"
    assert recorded.sentence(message("predictions_none", file="none.csv"), "zh").startswith("none.csv")


def test_no_page_makes_a_capital_of_what_is_told_otherwise() -> None:
    pages = Path(recorded.__file__).resolve().parents[1]
    planted = re.compile(r"as_sentence\(\s*recorded\.translate")
    assert [file.name for file in pages.rglob("*.py") if planted.search(file.read_text("utf-8"))] == []
    assert planted.search("as_sentence(recorded.translate(e.message))")


def test_english_is_told_as_it_stands() -> None:
    assert recorded.translate(message("file_empty"), "en") == "the file is empty"
    assert recorded.translate(verbatim("a reason that nobody knows"), "zh") == "a reason that nobody knows"


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        (message("no_face_found", detector="yunet"), "yunet 未检出人脸"),
        (message("file_unreadable", why="Permission denied"), "无法读取文件：权限不足"),
        (message("file_too_large", size=1234567, most=1000), "文件有 1,234,567 字节，超过上限 1,000"),
        # as an older Moue noted it
        (Message("file_too_large", {"size": "1,234", "most": "…"}), "文件有 1,234 字节，超过上限 …"),
        (message("header_damaged"), "图片已损坏：无法读取文件头"),
        (message("keeper_largest_mouth", n=100, other=81), "嘴部最大：100 px，其次 81 px"),
        (message("export_class_not_in_split", name="smile", split="val"),
         "类别“smile”在 val 中没有人脸：请接受更多照片，或换一个种子或比例"),
    ],
)  # fmt: skip
def test_what_is_put_in_stays(reason: Message, told: str) -> None:
    assert recorded.translate(reason, "zh") == told


def test_the_looks_in_vain_are_listed_as_the_language_lists() -> None:
    reason = no_face_found(Settings(), 4000, 4000)
    assert "640, 320 pixels" in recorded.translate(reason, "en")
    told = recorded.translate(reason, "zh")
    assert "640、320 像素" in told
    assert as_sentence(told) == f"{told}。"  # a detector's name keeps its small letter


def test_the_landmarker_s_licence_is_told_in_chinese() -> None:
    assert HAN.search(dictionary("zh")[LANDMARKER.licence])


def test_a_chinese_name_makes_no_english_sentence_chinese() -> None:
    reason = message("class_archived_since", name="张嘴")
    assert recorded.sentence(reason, "en") == "The class “张嘴” was archived meanwhile: bring it back first."
    assert recorded.sentence(reason, "zh").endswith("。")
    assert recorded.sentence(verbatim("设备正忙"), "en") == "设备正忙。"


def test_braces_in_a_file_s_own_words_are_no_holes() -> None:
    assert recorded.translate(message("image_damaged", why="{0} {name}"), "zh") == "图片已损坏：{0} {name}"


@pytest.mark.parametrize(("name", "data"), [("a.jpg", b""), ("b.jpg", b"\xff\xd8\xff\xe0 no"), ("c.txt", b"hello")])
def test_the_decoder_s_own_refusals_are_known(tmp_path: Path, name: str, data: bytes) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(DecodeError) as refused:
        load_upright(tmp_path / name, Settings())
    assert HAN.search(recorded.translate(refused.value.message, "zh"))


candidates = st.builds(
    Candidate,
    sha256=st.text("0123456789abcdef", min_size=8, max_size=8),
    import_order=st.integers(0, 100),
    width=st.integers(1, 9000),
    height=st.integers(1, 9000),
    side=st.none() | st.integers(1, 3000),
    sharpness=st.none() | st.floats(0, 5000),
    yaw=st.none() | st.floats(-90, 90),
    pitch=st.none() | st.floats(-60, 60),
)


@given(st.lists(candidates, min_size=2, max_size=5, unique_by=lambda one: one.sha256))
def test_every_keeper_s_reason_is_known(found: list[Candidate]) -> None:
    """Whatever decides: the sentence is Chinese, and its numbers are the same in the same order."""
    _, reason = choose_keeper(found)
    told = recorded.translate(reason, "zh")
    assert not re.search(r"[a-z]{3}", told)
    assert HAN.search(told)
    assert NUMBER.findall(told) == NUMBER.findall(reason.text)
