"""The small tables of Overview, Collect and Export."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any, Final

import pandas as pd
import streamlit as st

from db.reads.counts import Counts
from db.reads.files import clean_page
from db.reads.sources import SourceRow, list_sources
from db.store.store import Store
from db.tables.jobs import Job
from db.tables.releases import list_releases
from pages import _ui
from pages._server import pseudonyms
from pages._ui import job_view
from pages._words import recorded, t, vocabulary
from pipeline.core.records import ClassSpec

_REASONS_READ: Final = 200


def outcomes(store: Store, counts: Counts) -> None:
    """What became of every file: its outcome, how many, and the commonest reasons."""
    total = sum(counts.by_outcome.values())
    if not total:
        return
    st.subheader(t("What became of the photos"))
    rows = [
        (t(word), counts.by_outcome[key], _ui.percentage(counts.by_outcome[key], total),
         "" if key in ("added", "already_present") else _reasons(store, key))
        for key, word in vocabulary.OUTCOME_WORDS.items() if counts.by_outcome.get(key)
    ]  # fmt: skip
    columns = {
        t("Outcome"): st.column_config.TextColumn(width=150),
        t("Files"): st.column_config.NumberColumn(format="localized", width=90),
        t("Share"): st.column_config.TextColumn(width=80, alignment="right"),
        t("Why"): st.column_config.TextColumn(width="large"),
    }
    _table(rows, columns, "outcomes")


def _table(rows: Sequence[tuple[object, ...]], columns: Mapping[str, Any], key: str) -> None:
    """columns: their heads and how they are shown, in the order of a row's values."""
    table = pd.DataFrame(rows, columns=list(columns))
    st.dataframe(table, hide_index=True, key=key, column_config=dict(columns))


def _reasons(store: Store, outcome: str) -> str:
    page = store.read(lambda db: clean_page(db, outcome, None, _REASONS_READ))
    common = Counter(recorded.translate(item.reason) for item in page.items).most_common(3)
    return t("; ").join(reason if number == 1 else f"{reason} ({number:,})" for reason, number in common)


def sources(store: Store) -> None:
    """Where everything came from."""
    found = store.read(list_sources)
    if not found:
        return
    st.subheader(t("Sources"))
    rows = [(_kind(s.kind), _place(s), s.files, s.images, _ui.format_time(s.created_at)) for s in reversed(found)]
    columns = {
        t("Kind"): st.column_config.TextColumn(width=90),
        t("Place"): st.column_config.TextColumn(width="large"),
        t("Files"): st.column_config.NumberColumn(format="localized", width=90),
        t("Photos"): st.column_config.NumberColumn(format="localized", width=90),
        t("First seen"): st.column_config.TextColumn(width=140),
    }
    _table(rows, columns, "sources")


def source_name(row: SourceRow) -> str:
    """`Folder: /home/ada/photos`."""
    return f"{_kind(row.kind)}: {_place(row)}"


def _kind(kind: str) -> str:
    return t(vocabulary.SOURCE_KIND_WORDS.get(kind, kind))


def _place(row: SourceRow) -> str:
    """Where it lies; the sample photos have a name of ours."""
    return t(row.location) if row.kind == "sample" else row.location


def jobs(found: list[Job]) -> None:
    """The last jobs, and who started each."""
    called = pseudonyms.shown()
    rows = [
        (_ui.format_time(j.started_at), called(j.annotator), t(vocabulary.JOB_STATE_WORDS.get(j.state, j.state)),
         _ui.format_duration(job_view.seconds_of(j)), _what(j),
         (j.state != "cancelled" and recorded.translate(j.error)) or job_view.describe_counts(j.counts))
        for j in found
    ]  # fmt: skip
    columns = {
        t("Started"): st.column_config.TextColumn(width=140),
        t("Who"): st.column_config.TextColumn(width=120),
        t("State"): st.column_config.TextColumn(width=100),
        t("Took"): st.column_config.TextColumn(width=80),
        t("What"): st.column_config.TextColumn(width="medium"),
        t("Result"): st.column_config.TextColumn(width="large"),
    }
    _table(rows, columns, "jobs")


def _what(job: Job) -> str:
    kind = str(job.params.get("source_kind") or "")
    paths = [str(path) for path in job.params.get("paths") or ()]
    if kind:
        return t(vocabulary.SOURCE_KIND_WORDS.get(kind, ""))
    return ", ".join(paths) or t(vocabulary.JOB_KIND_WORDS.get(job.kind, job.kind))


def balance(counts: Counts, known: list[ClassSpec]) -> None:
    """Accepted faces by class: a bar, the number and the name, so that colour never stands alone.

    known: archived classes, too: one that faces still carry is shown, so that the bars add up to what is accepted.
    """
    most = max(counts.by_class.values(), default=0) or 1
    bars = "".join(
        f'<tr><th scope="row">{escape(c.name)}</th><td class="bar"><span style="width:'
        f'{100 * counts.by_class.get(c.name, 0) / most:.1f}%;background:{escape(c.colour)}"></span></td>'
        f'<td class="n">{counts.by_class.get(c.name, 0):,}</td></tr>'
        for c in known
        if c.name in counts.by_class
    )
    st.html(f'<table class="moue-balance" aria-label="{escape(t("Accepted faces by class"))}">{bars}</table>')


def releases(store: Store) -> None:
    """Earlier exports; those made as a zip can be fetched again."""
    found = store.read(list_releases)
    if not found:
        return
    fetch, called = not _ui.why_not("export"), pseudonyms.shown()
    st.subheader(t("Earlier exports"))
    rows = [
        (r.name, _ui.format_time(r.created_at), called(r.annotator or ""),
         sum(sum(by_class.values()) for by_class in r.counts.values()),
         _splits(r.params), r.params.get("seed"), r.path,
         t("yes") if Path(r.path).exists() else t("gone"),
         f"{_ui.base_path()}api/release/{r.id}" if fetch and r.path.endswith(".zip") and Path(r.path).exists() else "")
        for r in found
    ]  # fmt: skip
    as_is = st.column_config.Column()
    columns = {
        t("Name"): as_is, t("When"): as_is, t("By"): as_is,
        t("Crops"): st.column_config.NumberColumn(format="localized"),
        t("Splits"): as_is, t("Seed"): as_is,
        t("Where"): st.column_config.TextColumn(width="large"),
        t("There"): as_is,
        t("Zip"): st.column_config.LinkColumn(display_text=t("Download")),
    }  # fmt: skip
    _table(rows, columns, "earlier")


def _splits(params: Mapping[str, Any]) -> str:
    """`val 20 %, test 10 %`, or `5 folds`."""
    if folds := params.get("folds"):
        return t("{n} folds", n=folds)
    shares = [(split, params[split]) for split in ("val", "test") if split in params]
    return ", ".join(f"{split} {100 * float(share):.0f} %" for split, share in shares)
