"""The figures of a report as HTML tables and plots: no widget, so nothing moves once it is there."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Final
from urllib.parse import urlencode

import streamlit as st

from pages import _ui
from pages._suggest import score_plots
from pages._ui import html_table
from pages._words import count, per_cent, sentences, t
from pipeline.core.records import ClassSpec
from pipeline.suggest.report import ClassScore, Report

_FEW: Final = 50
_FEW_OF_A_CLASS: Final = 10


def tell(report: Report, classes: Sequence[ClassSpec]) -> None:
    """Draw all figures; where there are too few labels, how many are missing."""
    by_id = {one.id: one for one in classes}
    if report.few:
        st.info(t("Too few to say: {n} faces are labelled, {least} are needed.", n=report.n, least=_FEW))
        st.html(_by_class(report, by_id))
        return
    st.html(_overall(report))
    st.html(f'<div class="moue-plots">{_reliability(report)}{_curve(report)}</div>')
    st.html(_by_class(report, by_id))
    st.caption(t("Precision: of the faces that are suggested as the class, how many are. Recall: of the faces that "
                 "are, how many are suggested so."))  # fmt: skip
    st.html(_confusion(report, by_id))
    st.caption(t("Counted by versions that did not see the face. Behind a number are the faces that this version, "
                 "which learned from them, suggests so: it may be a few less."))  # fmt: skip


def _overall(report: Report) -> str:
    span = t("({low} to {high})", low=f"{100 * report.low:.0f}", high=f"{100 * report.high:.0f}")
    accuracy = sentences(_share(report.accuracy), _quiet(span))
    rows = [
        [escape(t("Accuracy")), accuracy, escape(t("of {n} labelled faces; 95 % interval", n=f"{report.n:,}"))],
        [escape(t("Balanced accuracy")), _balanced(report),
         escape(t("the mean of the classes' recall: a rare class counts as much as a frequent one"))],
        [escape(t("Zero-label rule")), _share(report.rule), escape(t("accuracy on the same faces, without learning"))],
        [escape(t("Calibration error")), f"{report.ece:.3f}",
         escape(t("ECE: how far probabilities and what is right lie apart; up to 0.05 they can be believed"))],
    ]  # fmt: skip
    return table(t("All classes"), [t("Measure"), t("Value"), t("What it says")], rows)


def _balanced(report: Report) -> str:
    """Not where a single face would move it by several points."""
    scarce = [one for one in report.classes if 0 < one.labelled < _FEW_OF_A_CLASS]
    return _quiet(t("too few to say of a class")) if scarce else _share(report.balanced)


def _by_class(report: Report, by_id: dict[int, ClassSpec]) -> str:
    heads = [t("Class"), t("Labelled"), t("Precision"), t("Recall")]
    rows = [
        [swatch(by_id, one.class_id), f"{one.labelled:,}", _or_few(one.precision, one), _or_few(one.recall, one)]
        for one in report.classes
    ]
    return table(t("By class"), heads, rows)


def _confusion(report: Report, by_id: dict[int, ClassSpec]) -> str:
    rows = []
    for row, one in enumerate(report.classes):
        cells = []
        for column, other in enumerate(report.classes):
            number = report.confusion[row][column]
            cells.append(_cell(number, one.class_id, other.class_id, by_id))
        rows.append([swatch(by_id, one.class_id), *cells])
    heads = [t("label ↓  suggested →"), *(_name(by_id, one.class_id) for one in report.classes)]
    return table(t("Faces; click a number to see them"), heads, rows, kind="moue-matrix")


def _cell(number: int, label: int, suggested: int, by_id: dict[int, ClassSpec]) -> str:
    if not number:
        return "<span>0</span>"
    where = urlencode({"state": f"class:{label}", "suggested": suggested})
    told = t("label “{label}”, suggested “{suggested}”: {faces}", label=_name(by_id, label),
             suggested=_name(by_id, suggested), faces=count(number, "face"))  # fmt: skip
    return (
        f'<a href="{escape(_ui.base_path())}review?{escape(where)}" target="_self" aria-label="{escape(told)}">'
        f"{number:,}</a>"
    )


def _reliability(report: Report) -> str:
    said = t("A dot for each tenth of probability, the larger the more faces. On the dashed line what is told is what "
             "is right; below it suggestions are too sure of themselves.")  # fmt: skip
    return _figure(t("Reliability"), score_plots.reliability(report.bins), said)


def _curve(report: Report) -> str:
    if len(report.curve) < 2:
        return ""
    if report.more is None:
        said = t("More labels of the same kind would hardly pay: the curve is flat.")
    else:
        said = t("Some {n} labels more would bring one point of a hundred, if it goes on so.", n=f"{report.more:,}")
    drawn = score_plots.curve(report.curve, report.rule)
    return _figure(t("Learning curve"), drawn, sentences(said, t("Dashed: the zero-label rule.")))


def _figure(name: str, image: str, said: str) -> str:
    return f"<figure><figcaption>{escape(name)}</figcaption>{image}<p>{escape(said)}</p></figure>"


def _or_few(value: float | None, one: ClassScore) -> str:
    if value is not None:
        return _share(value)
    if one.labelled < _FEW_OF_A_CLASS:
        return _quiet(t("too few to say: {n} of {least}", n=one.labelled, least=_FEW_OF_A_CLASS))
    return _quiet(t("never suggested"))


def _share(value: float) -> str:
    return per_cent(f"{100 * value:.1f}")


def _quiet(text: str) -> str:
    return f'<span class="quiet">{escape(text)}</span>'


def _name(by_id: dict[int, ClassSpec], class_id: int) -> str:
    return by_id[class_id].name if class_id in by_id else str(class_id)


def swatch(by_id: dict[int, ClassSpec], class_id: int) -> str:
    """Colour and name of a class."""
    colour = by_id[class_id].colour if class_id in by_id else "#808080"
    return html_table.swatch(colour, _name(by_id, class_id))


def table(caption: str, heads: Sequence[str], rows: Sequence[Sequence[str]], *, kind: str = "") -> str:
    """As `html_table`, in this page's style; kind: one class more."""
    return html_table.html_table(caption, heads, rows, kinds=f"moue-scores {kind}")
