"""A stranger's text is read as what it is, or refused by what it is: never taken for other characters."""

from __future__ import annotations

import contextlib
import io
import json
import re
import zipfile
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.core.errors import UsageError
from pipeline.files.text_encoding import decode_text, encoding_of, utf8_or_chinese

READ = ("utf-8", "utf-8-sig", "utf-16", "utf-32", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be", "gb18030", "gbk")
COMMON = "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工"
ROWS = st.lists(st.text(f"{COMMON}abc,;/", min_size=1, max_size=12), min_size=1, max_size=8)


def is_utf_8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


@given(ROWS, st.sampled_from(READ), st.sampled_from(["\n", "\r\n", "\r"]))
@example(["一"], "gb18030", "\n")
@example(["为要"], "gbk", "\n")
def test_a_text_with_lines_is_the_same_in_each_encoding(rows: list[str], encoding: str, end: str) -> None:
    """But for what is sound in two of them: one or two characters of GBK that are letters of UTF-8 as well."""
    text = "url,class" + end + "".join(f"{row}{end}" for row in rows)
    data = text.encode(encoding)
    either = {text, data.decode()} if encoding.startswith("gb") and is_utf_8(data) else {text}
    assert decode_text(data, "a.csv") in either


@pytest.mark.parametrize(
    "text", ["gähnen\n", "Größe;é;ß\n", "smile,déjà vu\n", "naïve café\n", "\x84Mund\x93\n", "señor\n"]
)
@pytest.mark.parametrize("encoding", ["latin-1"])
def test_latin_1_is_not_taken_for_chinese(text: str, encoding: str) -> None:
    with pytest.raises(UsageError, match=r"a\.csv is neither UTF-8 nor Chinese.*save it as UTF-8"):
        decode_text(text.encode(encoding), "a.csv")


@pytest.mark.parametrize("text", ["café\n", "déjà vu, naïve\n", "улыбка\n", "χαμόγελο\n", "½ cup, 5 µm\n", "Åé²\n"])
def test_short_words_in_utf_8_are_not_taken_for_chinese(text: str) -> None:
    assert decode_text(text.encode(), "a.csv") == text


@pytest.mark.parametrize("text", ["微笑\n", "label\n微笑\n", "笑,微笑,x\n"])
def test_chinese_that_happens_to_be_sound_utf_8_is_chinese(text: str) -> None:
    assert decode_text(text.encode("gbk"), "a.csv") == text


@pytest.mark.parametrize(
    ("text", "encoding"), [("微笑,嘴唇\n", "big5"), ("えがお,くち\n", "shift-jis"), ("えがお\n", "euc-jp")]
)
def test_other_encodings_of_asia_are_not_taken_for_gb18030(text: str, encoding: str) -> None:
    with pytest.raises(UsageError, match="save it as UTF-8"):
        decode_text(text.encode(encoding), "a.csv")


OTHERS = [
    ("미소\n웃는 얼굴\n", "euc-kr", "EUC-KR"), ("웃음\n", "euc-kr", "EUC-KR"), ("smile,웃음\n", "cp949", "EUC-KR"),
    ("улыбка\nоткрытый рот\n", "koi8-r", "KOI8-R"), ("smile улыбка", "koi8-r", "KOI8-R"), ("рот", "koi8-r", "KOI8-R"),
    ("открытый рот\n", "cp1251", "Windows-1251"), ("笑顔\n口を開ける\n", "euc-jp", "EUC-JP"),
    ("笑顔\n", "euc-jp", "EUC-JP"),
    ("えがお\n", "shift-jis", "Shift-JIS"), ("微笑\n嘟嘴\n", "hz", "HZ"), ("微笑", "utf-7", "UTF-7"),
    ("smile;ยิ้ม\n", "utf-7", "UTF-7"), ("улыбка\n", "utf-7", "UTF-7"),
    ("sourire à pleines dents\n", "utf-7", "UTF-7"),
    ("笑顔\n", "iso2022_jp", "ISO-2022"), ("미소\n", "iso2022_kr", "ISO-2022"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "encoding", "called"), OTHERS)
def test_what_would_be_other_characters_is_refused_by_its_name(text: str, encoding: str, called: str) -> None:
    with pytest.raises(UsageError, match=f"a.txt seems to be in {called}, which is not read: save it as UTF-8"):
        decode_text(text.encode(encoding), "a.txt")


@pytest.mark.parametrize(
    "text", ["smile +1\n", "A+B-C\n", "c++\n", "https://a.example/x+y+abcd.jpg?q=a+b\n", "~{x}~\n"]
)
def test_plus_signs_and_tildes_are_no_encoding(text: str) -> None:
    assert decode_text(text.encode(), "a.txt") == text


WORDS = [
    "嘟嘴",
    "大笑",
    "张开嘴",
    "开口",
    "王丽娟",
    "微笑 特写",
    "咧嘴笑",
    "抿嘴",
    "不高兴",
    "闭嘴表情,none",
    "噘嘴自拍\n",
    "李伟",
]


@pytest.mark.parametrize("text", WORDS)
def test_short_chinese_is_not_taken_for_korean_or_russian(text: str) -> None:
    assert decode_text(text.encode("gbk"), "a.txt") == text


@pytest.mark.parametrize("text", ["рот\n", "улыбка\nоткрытый рот\n", "ابتسامة\n", "미소\n웃음\n", "笑顔\n", "ยิ้ม\n"])
@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_words_alone_in_wide_characters_without_a_mark(text: str, encoding: str) -> None:
    assert decode_text(text.encode(encoding), "a.txt") == text


@pytest.mark.parametrize("text", ["рот", "ยิ้ม", "微笑", "ابتسامة", "笑"])
@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_a_word_without_a_line_is_never_other_characters(text: str, encoding: str) -> None:
    with contextlib.suppress(UsageError):
        assert decode_text(text.encode(encoding), "a.txt") == text


@pytest.mark.parametrize("data", [b"url\nhttp://a.example/\x001.jpg\n", b"\0" * 64, b"ab\0\0cd\n", bytes(range(256))])
def test_bytes_that_no_text_has_are_refused(data: bytes) -> None:
    with pytest.raises(UsageError, match=r"a\.csv is no text"):
        decode_text(data, "a.csv")


def test_a_workbook_is_named() -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as book:
        book.writestr("xl/workbook.xml", "<workbook/>")
    for data in (made.getvalue(), bytes.fromhex("d0cf11e0a1b11ae1") + bytes(512)):
        with pytest.raises(UsageError, match=r"spreadsheet.*CSV"):
            decode_text(data, "a.xlsx")


def test_a_character_may_lie_across_two_pieces(tmp_path: Path) -> None:
    """A long file is read a piece at a time; what stands at its end counts too."""
    file = tmp_path / "long.csv"
    for first in range(4):
        file.write_bytes(("x" * first + "微笑," * 40_000).encode("gb18030"))
        assert encoding_of(file) == "gb18030"
    file.write_bytes(b"x" * 200_000 + b"g\xe4hnen")
    with pytest.raises(UsageError, match="save it as UTF-8"):
        encoding_of(file)


def test_a_mark_that_the_rest_does_not_keep_is_refused() -> None:
    for data in (b"\xff\xfea", b"\xef\xbb\xbf\xff", b"\xff\xfe\0\0abc"):
        with pytest.raises(UsageError):
            decode_text(data, "a.csv")


@pytest.mark.parametrize("text", ["label\n大笑\n", "label\n微笑\n"])
def test_the_mark_of_utf_8_before_chinese_in_gbk_is_told(text: str) -> None:
    """The second is sound UTF-8 by chance, of letters that no word has side by side."""
    with pytest.raises(UsageError, match="mark of UTF-8"):
        decode_text(b"\xef\xbb\xbf" + text.encode("gbk"), "a.csv")


@pytest.mark.parametrize(
    "word",
    ["下载", "令牌", "删除", "压缩", "备份", "密码", "示例", "仍在", "准确率", "偏航角", "创建令牌", "检测器找到的"],
)
def test_words_of_characters_that_are_no_everyday_ones_are_chinese(word: str) -> None:
    """Each was refused while the list of frequent characters was written from memory."""
    assert decode_text(f"label\n{word}\n".encode("gbk"), "a.csv") == f"label\n{word}\n"


def test_nearly_every_chinese_word_alone_is_told() -> None:
    """On Moue's own Chinese, for which no list was counted: 3 % are refused or taken for the same bytes in UTF-8."""
    folder = Path(__file__).parents[3] / "pages" / "_words" / "zh"
    texts = [text for file in sorted(folder.rglob("*.json")) for text in json.loads(file.read_text("utf-8")).values()]
    words = sorted({run for text in texts for run in re.findall("[\u4e00-\u9fff]{2,6}", str(text))})[::8]
    assert len(words) > 300
    told = sum(utf8_or_chinese(f"label\n{word}\n".encode("gbk")) == "gb18030" for word in words)
    assert told > 0.96 * len(words)
