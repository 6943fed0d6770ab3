"""The small tables of Overview, Collect and Export."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import streamlit as st

from db.reads.counts import Counts
from db.reads.files import first_reasons
from db.reads.sources import SourceRow, list_sources
from db.store.store import Store
from db.tables.audit import COMMAND_LINE
from db.tables.jobs import Job
from db.tables.releases import list_releases
from pages import _ui
from pages._server import pseudonyms
from pages._ui import job_view
from pages._ui.html_table import Link, figures_table
from pages._ui.job import speed
from pages._words import audit, language, listed, per_cent, recorded, t, vocabulary
from pipeline.core.records import ClassSpec


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
    _table(t("What became of the photos"), rows, (t("Outcome"), t("Files"), t("Share"), t("Why")))


def _table(name: str, rows: Sequence[tuple[object, ...]], heads: Sequence[str]) -> None:
    st.html(figures_table([dict(zip(heads, row, strict=True)) for row in rows], name=name))


def _reasons(store: Store, outcome: str) -> str:
    counted: Counter[str] = Counter()
    locale = language()  # asked once: two hundred reasons may all differ
    for reason, number in store.read(lambda db: first_reasons(db, outcome)):
        counted[recorded.translate(reason, locale)] += number
    return t("; ").join(
        reason if number == 1 else t("{name} ({n})", name=reason, n=f"{number:,}")
        for reason, number in counted.most_common(3)
    )


def sources(store: Store) -> None:
    """Where everything came from."""
    found = store.read(list_sources)
    if not found:
        return
    st.subheader(t("Sources"))
    rows = [(_kind(s.kind), _place(s), s.files, s.images, _ui.format_time(s.created_at)) for s in reversed(found)]
    _table(t("Sources"), rows, (t("Kind"), t("Place"), t("Files"), t("Photos"), t("First seen")))


def source_name(row: SourceRow) -> str:
    """`Folder: /home/ada/photos`."""
    return vocabulary.source_words(row.kind, row.location, language())


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
         _ui.format_duration(speed.seconds_of(j)), _what(j),
         (j.state != "cancelled" and recorded.translate(j.error)) or job_view.describe_counts(j.counts))
        for j in found
    ]  # fmt: skip
    _table(t("Last jobs"), rows, (t("Started"), t("Who"), t("State"), t("Took"), t("What"), t("Result")))


def _what(job: Job) -> str:
    kind = str(job.params.get("source_kind") or "")
    paths = [str(path) for path in job.params.get("paths") or ()]
    if kind:
        return t(vocabulary.SOURCE_KIND_WORDS.get(kind, ""))
    return listed(paths) or t(vocabulary.JOB_KIND_WORDS.get(job.kind, job.kind))


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
        (r.name, _ui.format_time(r.created_at), audit.who(called(r.annotator or COMMAND_LINE), language()),
         sum(sum(by_class.values()) for by_class in r.counts.values()),
         _splits(r.params), r.params.get("seed"), r.path,
         t("yes") if os.path.exists(r.path) else t("gone"),
         Link(t("Download"), f"{_ui.base_path()}api/release/{r.id}")
         if fetch and r.path.endswith(".zip") and os.path.exists(r.path) else "")
        for r in found
    ]  # fmt: skip
    heads = (
        t("Name"), t("When"), t("By"), t("Crops"), t("Splits"), t("Seed"), t("Where"), t("Still there"), t("Zip"),
    )  # fmt: skip
    _table(t("Earlier exports"), rows, heads)


def _splits(params: Mapping[str, Any]) -> str:
    """`val 20 %, test 10 %`, or `5 folds`."""
    if folds := params.get("folds"):
        return t("{n} folds", n=folds)
    shares = [(split, params[split]) for split in ("val", "test") if split in params]
    return listed(f"{split} {per_cent(f'{100 * float(share):.0f}')}" for split, share in shares)
