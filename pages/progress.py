"""Progress: how does the work go, and what is it made of?"""

from __future__ import annotations

from typing import Final

import streamlit as st

from db.projection import histogram
from db.projection.filters import ReviewFilter
from db.reads import decision_sums
from db.reads.counts import Counts
from db.team import agreement
from pages import _ui
from pages._progress import funnel, people, sections
from pages._server import pseudonyms, workspace
from pages._ui import consensus, histogram_bins, plots
from pages._words import count, mark, metric_ranges, sentences, t
from pipeline.core.metrics import BY_NAME, METRICS

STATES: Final = {
    "all": mark("All"), "undecided": mark("Undecided"), "accepted": mark("Accepted"), "rejected": mark("Rejected")
}  # fmt: skip
_FIRST: Final = "sharpness"


@st.fragment
def _quality() -> None:
    st.subheader(t("Quality"))
    name = st.pills(
        t("Measure"), [m.name for m in METRICS], default=_FIRST, required=True, key="progress-measure",
        format_func=lambda one: t(BY_NAME[one].label), label_visibility="collapsed",
    )  # fmt: skip
    state = st.segmented_control(
        t("Faces"), list(STATES), default="all", required=True, key="progress-state",
        format_func=lambda one: t(STATES[one]), label_visibility="collapsed",
    )  # fmt: skip
    metric, chosen = BY_NAME[name or _FIRST], ReviewFilter(state=state or "all")
    bins = histogram_bins.bins(metric)
    found = workspace.get_store().read(lambda db: histogram.histogram(db, metric.name, bins, chosen))
    if not sum(found.counts):
        st.caption(t("None of these faces has this figure. Choose others above."))
        return
    missing = count(found.missing, "face")
    more = t("Not measured: {faces}.", faces=missing) if found.missing else ""
    st.caption(sentences(t("{what}. Click a bar to see its faces in Review.", what=t(metric.help)), more))
    words = [histogram_bins.bar_words(metric, index) for index in range(bins)]
    title = t(metric.label) + (f" ({metric.unit})" if metric.unit else "")
    ends = [metric_ranges.format_end(edge) for edge in found.edges]
    links = [sections.address(metric.name, index, chosen.state) for index in range(bins)]
    st.html(plots.histogram(found.counts, title, words, ends, links))
    filled = [index for index, number in enumerate(found.counts) if number]
    plots.as_table(
        lambda: [{t(metric.label): words[one], t("Faces"): found.counts[one]} for one in filled],
        "quality", t("Quality"),
    )  # fmt: skip


@st.fragment
def _work() -> None:
    """Redrawn alone where its rows are chosen; the sums are kept."""
    store = workspace.get_store()
    aliases = store.read(pseudonyms.of_page)
    sums = people.unnamed(decision_sums.sums_of(store), aliases)
    known = store.read(sections.load).known
    sections.over_time(sums, known)
    sections.annotators(sums, known, people.refused(store, aliases))
    answers = agreement.agreement_of(store, independent=False).given
    people.answers(answers, known, _ui.require_annotator(), aliases)
    people.switch()


def _next(counts: Counts) -> None:
    if not _ui.to_review():
        why = consensus.all_answered(counts)
        _ui.next_step(t("Export"), "export.py", why)


def main() -> None:
    _ui.require_annotator()
    found = workspace.get_store().read(sections.load)
    counts = found.counts
    decided = counts.decided
    _ui.page_title(t("Progress"), t("{n} of {all} decided", n=f"{decided:,}", all=f"{counts.faces:,}"))
    _ui.page_head("progress")
    if not counts.faces:
        st.info(t("There are no faces yet. Point Moue at a folder of photos, or load the sample photos."))
        _ui.next_step(t("Collect photos"), "collect.py")
        return
    if counts.decisions:
        _work()
    else:
        st.info(t("Nobody has decided yet: the first decision in Review begins the plots over time."))
    consensus.line(counts)
    sections.balance(found)
    _quality()
    funnel.sources()
    _next(counts)


main()
