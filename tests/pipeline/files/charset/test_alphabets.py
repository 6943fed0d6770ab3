"""Names of zip members in letters beyond Latin, without the mark that says UTF-8: which code page they are in."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence

import pytest

from pipeline.core.errors import UsageError
from pipeline.files.archives.member_names import member_name, names_encoding
from pipeline.files.text_encoding import decode_text

GREEK = ["χαμόγελο/φωτογραφία1.jpg", "λύπη/εικόνα.jpg", "Θυμός/Νίκος Παπαδόπουλος.jpg"]
HEBREW = ["חיוך/תמונה1.jpg", "עצבות/דוד כהן.jpg", "כועסים/צילומים מהבית.jpg"]
ARABIC = ["ابتسامة/صورة1.jpg", "حزن/محمد.jpg"]
PERSIAN = ["لبخند/عکس.jpg", "غمگين/چهره.jpg", "تصويرهاي من.jpg"]
THAI = ["ยิ้ม/รูปภาพ1.jpg", "เศร้า/ใบหน้า.jpg"]
RUSSIAN = ["улыбка/фото1.jpg", "Грусть/Иван Петров.jpg"]
SHOUTED = ["УЛЫБКА/1.jpg", "ГРУСТЬ/ФОТО ЛИЦА.jpg"]
UKRAINIAN = ["усмішка/фото.jpg", "смуток/її обличчя.jpg"]
BULGARIAN = ["усмивка/снимка.jpg", "тъга/лице.jpg"]
SERBIAN = ["осмех/слика.jpg", "туга/љубав.jpg"]
HONG_KONG = ["微笑/嘅相片.jpg", "唔開心/佢哋.jpg", "嗰個/喺度.jpg"]
JOHAB = ["미소/사진1.jpg", "슬픔/김민수.jpg"]


def read(raw: Sequence[bytes]) -> list[str]:
    """What becomes of the names, as zipfile hands them on: every byte a character of cp437."""
    infos = [zipfile.ZipInfo("x") for _ in raw]
    for info, one in zip(infos, raw, strict=True):
        info.filename, info.flag_bits = one.decode("cp437"), 0
    encoding = names_encoding(infos)
    return [member_name(info, encoding) for info in infos]


@pytest.mark.parametrize(("names", "page"), [
    (GREEK, "cp1253"), (GREEK, "cp737"), (GREEK, "cp869"),
    (HEBREW, "cp1255"), (HEBREW, "cp862"),
    (ARABIC, "cp1256"), (ARABIC, "cp720"), (PERSIAN, "cp1256"),
    (THAI, "cp874"),
    (RUSSIAN, "cp866"), (RUSSIAN, "cp1251"), (RUSSIAN, "koi8-r"), (RUSSIAN, "cp855"), (RUSSIAN, "mac-cyrillic"),
    (SHOUTED, "cp866"), (SHOUTED, "cp1251"),
    (UKRAINIAN, "cp1251"), (UKRAINIAN, "cp1125"), (UKRAINIAN, "koi8-u"),
    (BULGARIAN, "cp866"), (BULGARIAN, "cp1251"), (SERBIAN, "cp1251"), (SERBIAN, "cp855"),
    (HONG_KONG, "big5hkscs"), (JOHAB, "johab"),
])  # fmt: skip
def test_names_in_an_alphabet_of_their_own(names: list[str], page: str) -> None:
    """Greek, Hebrew, Arabic and Thai were read as if they were Russian: names that nobody had written."""
    assert read([name.encode(page) for name in names]) == names


@pytest.mark.parametrize(("name", "page"), [("улыбка", "cp866"), ("улыбка", "cp1251"), ("χαμόγελο", "cp737")])
def test_one_word_that_is_clear(name: str, page: str) -> None:
    assert read([f"{name}/1.jpg".encode(page)]) == [f"{name}/1.jpg"]


@pytest.mark.parametrize(("name", "page"), [("חיוך", "cp1255"), ("χαρ", "cp1253"), ("░▓█", "cp437")])
def test_one_word_that_two_pages_have_keeps_its_bytes(name: str, page: str) -> None:
    """It may be Hebrew or Russian: then each byte is a character, and the name can be had back."""
    raw = f"{name}/1.jpg".encode(page)
    assert read([raw]) == [raw.decode("cp437")]
    assert read([raw])[0].encode("cp437") == raw


@pytest.mark.parametrize("page", ["cp437", "cp1252", "cp1253", "cp1255", "cp1256", "cp874", "cp866", "koi8-r"])
def test_different_bytes_are_different_names(page: str) -> None:
    """Whatever is made of them, no two members fall on one name."""
    firsts, seconds = range(0x80, 0x100, 5), range(0xC0, 0x100, 3)
    raw = [bytes((first, second, third)) + b".jpg" for first in firsts for second in seconds for third in (0xE1, 0xF7)]
    raw = [one for one in raw if is_in(one, page)]
    assert len(set(read(raw))) == len(raw) > 500


def is_in(raw: bytes, page: str) -> bool:
    try:
        raw.decode(page)
    except UnicodeDecodeError:
        return False
    return True


@pytest.mark.parametrize(("words", "page", "called"), [
    ("φωτογραφία", "cp1253", "Windows-1253"), ("φωτογραφία", "cp737", "IBM737"),
    ("צילומים מהבית", "cp1255", "Windows-1255"), ("ابتسامة عريضة", "cp1256", "Windows-1256"),
    ("ใบหน้าที่มีรอยยิ้ม", "cp874", "Windows-874"),
    ("улыбка", "cp866", "IBM866"), ("улыбка", "cp1251", "Windows-1251"), ("улыбка", "koi8-r", "KOI8-R"),
])  # fmt: skip
def test_a_table_is_refused_by_the_name_of_its_page(words: str, page: str, called: str) -> None:
    """Greek and Hebrew were said to be in Windows' Cyrillic."""
    with pytest.raises(UsageError) as refused:
        decode_text(f"face_id,label\n1,{words}\n".encode(page), "a.csv")
    assert refused.value.message.params.get("encoding") == called
