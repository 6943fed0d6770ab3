"""The baseline: the same crops and the same decisions as plain Streamlit, a picture and four buttons a card.

Each click is kept in SQLite before the page is drawn again. `?empty=1` is a page with one line of text.
"""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import streamlit as st

LABELS = ("none", "pout", "smile", "openmouth")
WIDE = 8


def keep(face: str, label: str) -> None:
    with _open() as db:
        db.execute("INSERT INTO clicks (face, label) VALUES (?, ?)", [face, label])
    db.close()


def _open() -> sqlite3.Connection:
    db = sqlite3.connect(workspace / "buttons.db", timeout=30)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    db.execute("CREATE TABLE IF NOT EXISTS clicks (n INTEGER PRIMARY KEY, face TEXT, label TEXT)")
    return db


def turn() -> None:
    st.session_state["page"] = st.session_state.get("page", 0) + 1


def card(face: str, label: str) -> None:
    with st.container(key=f"card-{face}"):
        st.image(str(workspace / "crops" / face[:2] / f"{face}.png"))
        st.caption(f"label: {label}")
        for name in LABELS:
            st.button(name, key=f"{name}-{face}", on_click=keep, args=(face, name))


def cards(size: int) -> None:
    st.button("next page", on_click=turn)
    with sqlite3.connect(workspace / "moue.db") as db:
        skip = st.session_state.get("page", 0) * size
        faces = [row[0] for row in db.execute("SELECT id FROM faces ORDER BY seq LIMIT ? OFFSET ?", [size, skip])]
    db.close()
    with _open() as kept:
        labels = dict(kept.execute("SELECT face, label FROM clicks ORDER BY n").fetchall())
    kept.close()
    columns = st.columns(WIDE)
    for place, face in enumerate(faces):
        with columns[place % WIDE]:
            card(face, labels.get(face, ""))


workspace = Path(os.environ["MOUE_WORKSPACE"])
st.set_page_config(layout="wide")
if st.query_params.get("empty"):
    st.write("empty")
else:
    cards(int(st.query_params.get("size", "200")))
