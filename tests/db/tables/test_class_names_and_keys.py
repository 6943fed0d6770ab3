"""Which names and keys a class may have: what every system can hold, and every keyboard give."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from db.store.store import Store
from db.tables import classes
from pipeline.core.errors import UsageError

KEYS_SCRIPT = Path(__file__).parents[3] / "pages/_components/review_grid/review_keys.js"
DEVICES = (
    "CON",
    "con",
    "Aux",
    "nul",
    "PRN",
    "com1",
    "LPT9",
    "LPT\u00b9",
    "COM\u00b3",
    "CONIN$",
    "aux.txt",
    "nul .x",
    "\uff23\uff2f\uff2e",
    "COM\uff11",
    "\uff41ux.tar.gz",
)  # the last ones full-width
SEEN = (
    "\u0130steksiz",  # a capital whose small form is two characters
    "\u0628\u06cc\u200c\u062e\u0646\u062f\u0647",  # Persian, with a zero-width non-joiner
    "\U0001f468\u200d\U0001f469\u200d\U0001f467",  # a family: three persons and two joiners
    "\u2764\ufe0f\u200d\U0001f525",  # a heart on fire
    "\u0915\u094d\u200d\u0937",  # Devanagari, a joiner after a virama
    "contour", "auxiliary", "nullify", "com", "lpt10", "d\u00e9j\u00e0 vu",
)  # fmt: skip
UNSEEN = {
    "smi\u200dle": "U+200D", "smile\u200c": "U+200C", "\u200csmile": "U+200C", "a\u202eb": "U+202E",
    "a\u2066b": "U+2066",
    "a\u00adb": "U+00AD", "a\ufeffb": "U+FEFF", "a\u3164b": "U+3164", "a\u200bb": "U+200B", "a\x07b": "U+0007",
    "\u0628\u06cc\u200c": "U+200C",
}  # fmt: skip


@pytest.mark.parametrize("name", SEEN)
def test_a_name_of_any_script_is_taken_as_it_is(store: Store, name: str) -> None:
    made = store.write(lambda db: classes.add_class(db, name))
    assert made.name == name
    assert len(made.letter) == 1


@pytest.mark.parametrize("name", UNSEEN)
def test_what_cannot_be_seen_is_refused_and_named(store: Store, name: str) -> None:
    with pytest.raises(UsageError, match=re.escape(UNSEEN[name])):
        store.write(lambda db: classes.add_class(db, name))


@pytest.mark.parametrize("name", DEVICES)
def test_a_device_of_windows_is_no_class_on_any_system(store: Store, name: str) -> None:
    with pytest.raises(UsageError, match="device"):
        store.write(lambda db: classes.add_class(db, name))
    with pytest.raises(UsageError, match="device"):
        store.write(lambda db: classes.rename_class(db, 3, name))


@pytest.mark.parametrize("key", [*"\u00e9Q\u0436^\u0130 \u0663\u2028", "55", *classes.RESERVED_KEYS])
def test_a_key_that_cannot_be_pressed_is_refused_with_all_that_are_taken(store: Store, key: str) -> None:
    with pytest.raises(UsageError) as refused:
        store.write(lambda db: classes.set_class(db, 3, key=key))
    listed = str(refused.value).rpartition("not one of")[2].split()
    assert set(listed) == {*"xuzylfanpqtsige?+-=0[]{}", *"mbsordckh", *"124"}  # Review's, reasons', other classes'
    assert len(listed) == len(set(listed))


@pytest.mark.parametrize("key", [*"jvw56789", ",", "/", "#"])
def test_other_keys_are_taken(store: Store, key: str) -> None:
    assert store.write(lambda db: classes.set_class(db, 3, key=key)).key == key


def test_the_keys_of_review_are_the_reserved_ones() -> None:
    """What the script binds, read from it: a new key there must become one that no class can take."""
    script = KEYS_SCRIPT.read_text(encoding="utf-8")
    bound = set(re.findall(r"""(?:[{,]|^)\s*"?([^\s"])"?: \(\) =>""", script, re.MULTILINE))
    reasons = set(re.findall(r'\["(.)", "\w+"\]', script))
    assert len(bound) > 15
    assert len(reasons) == 9
    assert bound - {"Z", "S"} | reasons == set(classes.RESERVED_KEYS)  # these: z and s with Shift


def test_an_older_workspace_keeps_what_could_not_be_chosen_today(store: Store) -> None:
    store.write(lambda db: db.execute("UPDATE classes SET name = 'aux', key = 'Q' WHERE id = 3"))
    assert store.write(lambda db: classes.set_class(db, 3, colour="#123456", key="Q")).key == "Q"
    old = store.read(classes.list_classes)[2]
    store.write(lambda db: classes.archive_class(db, 3))
    back = store.write(lambda db: classes.bring_back(db, old))
    assert (back.id, back.name, back.key) == (3, "aux", "3")  # the first digit that is free; Q is none of any board
