"""Names: macOS writes letters and accents apart; to a person, and to Moue, both are one name."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.names import clean_name, find_name, invisible_in, look_of, name_key

JOINED, APART = "caf\u00e9", "cafe\u0301"


def test_what_is_kept() -> None:
    assert clean_name(f"  {APART} \t\n noir\u3000 ") == f"{JOINED} noir"
    assert clean_name(" \u00a0 ") == ""


@pytest.mark.parametrize(
    ("one", "other"), [(APART, JOINED), ("CAFE\u0301", JOINED), ("Stra\u00dfe", "STRASSE"), ("  Smile", "smile ")]
)
def test_what_is_one_name(one: str, other: str) -> None:
    assert name_key(one) == name_key(other)


@pytest.mark.parametrize("other", ["ｓｍｉｌｅ", "Ｓmile", "ѕmile", "smіlе", "ＳМILE", "𝐬𝐦𝐢𝐥𝐞", "smιle"])
def test_letters_that_only_look_different_or_latin_are_the_same(other: str) -> None:
    """Full-width ones of an input method; Cyrillic ѕ, і, е, М; bold ones; Greek ι."""
    assert name_key("smile") == name_key(other)
    assert find_name(other, ["pout", "smile"]) == "smile"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("non-smile", "non\u2013smile"), ("non-smile", "non\u2011smile"), ("l'air", "l\u2019air"),
        ("l'air", "l\u00b4air"),
        ('"oh"', "\u201coh\u201d"), ("\uff5e", "\u301c"), ("l\u00b7l", "l\u30fbl"),
        ("\u06a9\u0648\u0686\u06a9", "\u0643\u0648\u0686\u0643"), ("\u0646\u06cc\u0645", "\u0646\u064a\u0645"),
        ("\u0633\u0644\u0627\u0645", "\u0633\u0640\u0640\u0644\u0627\u0645"), ("\u0645 3", "\u0645 \u0663"),
    ],
)  # fmt: skip
def test_what_a_program_or_another_keyboard_writes_instead(one: str, other: str) -> None:
    """Dashes and quotes as Word puts them, Japanese Windows and macOS, Arabic keyboards for Persian words."""
    assert name_key(one) == name_key(other)
    assert name_key(one) == name_key(name_key(one))
    assert find_name(other, ["pout", one]) == one


@pytest.mark.parametrize(("one", "other"), [("рот", "pot"), ("сор", "cop"), ("µm", "um"), ("χ²-Test", "x3-test")])
def test_a_word_of_another_alphabet_is_its_own(one: str, other: str) -> None:
    assert name_key(one) != name_key(other)


@pytest.mark.parametrize(
    "other", ["isirik", "ISIRIK", "\u0131s\u0131r\u0131k", "\u0130S\u0130R\u0130K", "I\u0307s\u0131rik"]
)
def test_turkish_has_two_letters_i_and_both_are_one(other: str) -> None:
    assert find_name(other, ["smile", "Is\u0131r\u0131k"]) == "Is\u0131r\u0131k"


@pytest.mark.parametrize(
    "other", ["\u202asmile\u202c", "\u200esmile", "smile\ufe0f", "smi\u00adle", "\ufeffsmile", "smile\u200b \u200b"]
)
def test_what_cannot_be_seen_parts_no_names(other: str) -> None:
    """Direction marks of Windows' dialogs, a selector, a soft hyphen, a byte order mark, zero width spaces."""
    assert find_name(other, ["pout", "smile"]) == "smile"
    assert invisible_in(other), "it is found, but no new name may hold it"


def test_a_selector_or_a_joiner_that_one_keyboard_writes() -> None:
    assert find_name("\u263a", ["\u263a\ufe0f"]) == "\u263a\ufe0f"
    assert find_name("\u0628\u06cc\u062e\u0646\u062f\u0647", ["\u0628\u06cc\u200c\u062e\u0646\u062f\u0647"]) is not None


@pytest.mark.parametrize("name", ["\u0301", "\u0301a", "\u20e3"])
def test_an_accent_needs_a_letter_to_stand_on(name: str) -> None:
    assert invisible_in(name)


def test_how_a_name_looks() -> None:
    assert look_of("сор") == look_of("cop")
    assert look_of("улыбка") != look_of("smile")


@pytest.mark.parametrize(("one", "other"), [("cafe", JOINED), ("a b", "ab"), ("smile", "smiles")])
def test_what_is_not(one: str, other: str) -> None:
    assert name_key(one) != name_key(other)


def test_the_same_spelling_is_preferred() -> None:
    assert find_name(APART, ["CAF\u00c9", JOINED]) == JOINED
    assert find_name("Caf\u00e9", ["CAF\u00c9", JOINED]) == "CAF\u00c9"
    assert find_name("tea", [JOINED]) is None


@given(st.text())
def test_cleaning_twice_changes_nothing_and_keys_do_not_depend_on_the_form(text: str) -> None:
    kept = clean_name(text)
    assert clean_name(kept) == kept
    assert name_key(kept) == name_key(text) == name_key(unicodedata.normalize("NFD", text))


@pytest.mark.parametrize("name", ["smile\ufe0f", "\ufe0fsmile", "嘴\U000e0100"])
def test_a_variation_selector_that_selects_nothing_cannot_be_seen(name: str) -> None:
    assert "VARIATION SELECTOR" in invisible_in(name)


@pytest.mark.parametrize("name", ["❤\ufe0f", "1\ufe0f\u20e3", "🏳\ufe0f\u200d🌈", "‼\ufe0f"])
def test_a_variation_selector_makes_an_emoji(name: str) -> None:
    assert invisible_in(name) == ""
