"""In which code page names in Latin letters are, and what cannot be known."""

from __future__ import annotations

import pytest

from pipeline.files.charset.latin import page_of_names

WORDS = {
    "lächeln gähnen öffnen Mund Ärger böse fröhlich Größe": "cp437 cp850 cp852 cp1252 cp1250",
    "sourire bouche fermée colère dégoût étonné tête élève garçon": "cp437 cp850 cp1252",
    "sonreír boca señor enojo corazón pucherón": "cp437 cp850 cp1252",
    "sorriso bocejo não irmão feição expressão língua": "cp850 cp1252",
    "gäspa öppen förvånad blåsa": "cp437 cp850 cp1252",
    "åben læber sød kysse gøre vrede børn": "cp850 cp1252",
    "uśmiech usta zamknięte złość język zęby radość": "cp852 cp1250 iso8859-2",
    "úsměv smích ústa otevřená křik překvapení žádný": "cp852 cp1250 iso8859-2",
    "mosoly száj düh ásítás öröm szomorú meglepődött nő": "cp852 cp1250",
    "osmijeh iznenađen plač zijevanje žena čovjek": "cp852 cp1250",
    "gülümseme ağız açık şaşkın öfke dişler": "cp857 cp1254",
    "šypsena liūdnas išsižiojęs žiovulys": "cp775 cp1257",
}


@pytest.mark.parametrize(("words", "page"), [(words, page) for words in WORDS for page in WORDS[words].split()])
def test_words_of_one_language(words: str, page: str) -> None:
    data = "\n".join(f"{word}/1.jpg" for word in words.split()).encode(page)
    assert data.decode(page_of_names(data)).replace("/1.jpg", "").split() == words.split()


def test_words_of_many_languages_are_in_the_page_of_the_format() -> None:
    data = "gähnen/1.jpg\nété/élève.jpg\nsonreír/ñandú.jpg".encode("cp437")
    assert page_of_names(data) == "cp437"


@pytest.mark.parametrize("word", ["böse", "fröhlich", "colère", "élève"])
def test_a_letter_and_the_one_behind_it_are_no_japanese(word: str) -> None:
    """ö and s are one character of Shift-JIS: it was `b敗e`."""
    assert word.encode("cp437").decode(page_of_names(word.encode("cp437"))) == word


@pytest.mark.parametrize("name", ["写真a.jpg", "b表情/1.jpg", "a口/b笑.jpg"])
def test_japanese_beside_a_letter_is_japanese(name: str) -> None:
    data = f"{name}\n笑顔/本当.jpg".encode("cp932")
    assert data.decode(page_of_names(data)).startswith(name)


def test_one_word_that_is_a_word_in_two_pages_is_had_back_from_its_bytes() -> None:
    """ł of cp852 is ê in cp437: nothing tells zły from zêy."""
    data = "zły".encode("cp852")
    page = page_of_names(data)
    assert data.decode(page).encode(page) == data


@pytest.mark.parametrize("data", [b"\xb0\xb1\xdb.jpg", b"\xf0", b"plain", b""])
def test_no_word_of_any(data: bytes) -> None:
    assert page_of_names(data) == ""
