"""The small tables of Overview, Collect and Export."""

from __future__ import annotations

from collections import Counter
from html import escape
from pathlib import Path
from typing import Final

import pandas as pd
import streamlit as st

from db import queries
from db.connect import Store
from db.jobs import Job
from db.releases import list_releases
from pages import _progress, _ui
from pipeline.records import ClassSpec

KIND_WORDS: Final = {"folder": "Folder", "file": "Photo", "zip": "Zip", "upload": "Upload", "sample": "Samples"}
_REASONS_READ: Final = 200


def outcomes(store: Store, counts: queries.Counts) -> None:
    """What became of every file: its outcome, how many, and the commonest reasons."""
    total = sum(counts.by_outcome.values())
    if not total:
        return
    st.subheader("What became of the photos")
    rows = [
        {"Outcome": word, "Files": counts.by_outcome[key], "Share": _ui.share(counts.by_outcome[key], total),
         "Why": "" if key in ("added", "already_present") else _reasons(store, key)}
        for key, word in _ui.OUTCOME_WORDS.items() if counts.by_outcome.get(key)
    ]  # fmt: skip
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        key="outcomes",
        column_config={
            "Outcome": st.column_config.TextColumn(width=150),
            "Files": st.column_config.NumberColumn(format="localized", width=90),
            "Share": st.column_config.TextColumn(width=80, alignment="right"),
            "Why": st.column_config.TextColumn(width="large"),
        },
    )


def _reasons(store: Store, outcome: str) -> str:
    page = store.read(lambda db: queries.clean_page(db, outcome, None, _REASONS_READ))
    common = Counter(item.reason for item in page.items).most_common(3)
    return "; ".join(reason if number == 1 else f"{reason} ({number:,})" for reason, number in common)


def sources(store: Store) -> None:
    """Where everything came from."""
    found = store.read(queries.sources)
    if not found:
        return
    st.subheader("Sources")
    rows = [
        {"Kind": KIND_WORDS.get(s.kind, s.kind), "Place": s.location, "Files": s.files, "Photos": s.images,
         "First seen": _ui.when(s.created_at)} for s in reversed(found)
    ]  # fmt: skip
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        key="sources",
        column_config={
            "Kind": st.column_config.TextColumn(width=90),
            "Place": st.column_config.TextColumn(width="large"),
            "Files": st.column_config.NumberColumn(format="localized", width=90),
            "Photos": st.column_config.NumberColumn(format="localized", width=90),
            "First seen": st.column_config.TextColumn(width=140),
        },
    )


def jobs(found: list[Job]) -> None:
    """The last jobs."""
    rows = [
        {"Started": _ui.when(j.started_at), "State": _progress.STATE_WORDS.get(j.state, j.state),
         "Took": _ui.span(_progress.seconds_of(j)),
         "What": _what(j),
         "Result": (j.state != "cancelled" and j.error) or _progress.tell_counts(j.counts)} for j in found
    ]  # fmt: skip
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        key="jobs",
        column_config={
            "Started": st.column_config.TextColumn(width=140),
            "State": st.column_config.TextColumn(width=100),
            "Took": st.column_config.TextColumn(width=80),
            "What": st.column_config.TextColumn(width="medium"),
            "Result": st.column_config.TextColumn(width="large"),
        },
    )


def _what(job: Job) -> str:
    kind = str(job.params.get("source_kind") or "")
    paths = [str(path) for path in job.params.get("paths") or ()]
    return KIND_WORDS.get(kind, "") if kind else ", ".join(paths) or _progress.KIND_WORDS.get(job.kind, job.kind)


def balance(counts: queries.Counts, known: list[ClassSpec]) -> None:
    """Accepted faces by class: a bar, the number and the name, so that colour never stands alone."""
    most = max(counts.by_class.values(), default=0) or 1
    bars = "".join(
        f'<tr><th scope="row">{escape(c.name)}</th><td class="bar"><span style="width:'
        f'{100 * counts.by_class.get(c.name, 0) / most:.1f}%;background:{escape(c.colour)}"></span></td>'
        f'<td class="n">{counts.by_class.get(c.name, 0):,}</td></tr>'
        for c in known
    )
    st.html(f'<table class="moue-balance" aria-label="Accepted faces by class">{bars}</table>')


def releases(store: Store) -> None:
    """Earlier exports; those made as a zip can be fetched again."""
    found = store.read(list_releases)
    if not found:
        return
    st.subheader("Earlier exports")
    rows = [
        {"Name": r.name, "When": _ui.when(r.created_at), "By": r.annotator or "",
         "Crops": sum(sum(by_class.values()) for by_class in r.counts.values()),
         "Val": f"{100 * float(r.params.get('val', 0)):.0f} %", "Seed": r.params.get("seed"), "Where": r.path,
         "There": "yes" if Path(r.path).exists() else "gone",
         "Zip": f"{_ui.base()}api/release/{r.id}" if r.path.endswith(".zip") and Path(r.path).exists() else ""}
        for r in found
    ]  # fmt: skip
    config = {
        "Crops": st.column_config.NumberColumn(format="localized"),
        "Where": st.column_config.TextColumn(width="large"),
        "Zip": st.column_config.LinkColumn(display_text="Download"),
    }
    st.dataframe(pd.DataFrame(rows), hide_index=True, column_config=config, key="earlier")
