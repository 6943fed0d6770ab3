"""Names of before are normalised, and what becomes equal by it stays apart."""

from __future__ import annotations

import json
import sqlite3
import unicodedata
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from db.decisions.rules import list_rules
from db.decisions.verify import verify
from db.schema.migrations.m0001_0015 import m0010_names
from db.store.store import Store
from db.tables.classes import list_classes
from db.tables.saved_views import list_views
from tests.db.schema.test_released import opened

JOINED, APART = "caf\u00e9", "cafe\u0301"


def test_names_of_an_old_workspace(tmp_path: Path) -> None:
    file = opened("0006_parts", tmp_path)
    with sqlite3.connect(file) as conn:
        conn.execute("DELETE FROM rules")
        conn.execute("DELETE FROM views")
        for name in (APART, "tea \u0301", JOINED):
            conn.execute("INSERT INTO rules VALUES (?, '{\"side\": [9, null]}', 'blurred', 0, NULL, 'Ann', '')", [name])
        for name in ("nai\u0308ve", "NA\u00cfVE", APART):
            conn.execute("INSERT INTO views VALUES (?, '{}', (SELECT min(name) FROM annotators), '')", [name])
        conn.execute("UPDATE classes SET name = ? WHERE id = 1", [APART])
        conn.execute("UPDATE classes SET name = ? WHERE id = 4", [JOINED])
    conn.close()
    with Store.open(tmp_path) as store:
        assert {rule.name for rule in store.read(list_rules)} == {f"{JOINED} (2)", JOINED, "tea \u0301"}
        assert {view.name for view in store.read(list_views)} == {"na\u00efve (2)", "NA\u00cfVE", JOINED}
        found = {spec.id: spec.name for spec in store.read(lambda db: list_classes(db, archived=True))}
        assert (found[1], found[4]) == (f"{JOINED} (2)", JOINED)
        assert store.read(verify) == []


@given(st.lists(st.text("e\u0301\u00e9E ", min_size=1, max_size=3), unique=True, max_size=8))
def test_no_two_names_become_one(names: list[str]) -> None:
    new = dict(m0010_names._renamed(json.loads(json.dumps(names))))
    assert list(new) == names
    assert len(set(new.values())) == len(names)
    assert all(unicodedata.is_normalized("NFC", name) and name.strip() == name != "" for name in new.values())
    for name in names:
        if unicodedata.is_normalized("NFC", name) and name.split(" ") == name.split():
            assert new[name] == name
