"""Figures of agreement as text and as HTML tables: no widget, so nothing moves once it is there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

from db.projection import columns
from pages._ui import html_table, plots
from pages._words import in_brackets, mark, per_cent, sentences, t
from pipeline.agreement.summary import FEWEST, Figure, Missing
from pipeline.core.records import ClassSpec

_MISSING: Final[dict[Missing, str]] = {
    "too_few": mark("too few to say: {n} faces with two answers, {least} are needed"),
    "one_value": mark("nothing to say: only one answer was ever given"),
    "all_agree": mark("all agree"),
}
_RELIABLE: Final = 0.8
_TENTATIVE: Final = 0.667
"""Krippendorff, Content Analysis (2004), section 11.4: conclusions from α ≥ .8; tentative ones from .667."""


@dataclass(frozen=True, slots=True)
class Label:
    """An answer as it is shown: its name and colour ("" for none), and how an address says it."""

    name: str
    colour: str
    sign: str


def labels_of(states: Sequence[int], known: Sequence[ClassSpec]) -> list[Label]:
    """The labels of these states, in their order."""
    named = {columns.ACCEPTED + one.id: Label(one.name, one.colour, f"c{one.id}") for one in known}
    named |= {columns.REJECTED: Label(t("rejected"), "", "x"), columns.UNSURE: Label(t("unsure"), "", "u")}
    return [named[state] for state in states]


def swatch(label: Label) -> str:
    """Colour and name; what is no class has the grey that it has in plots."""
    return html_table.swatch(label.colour or plots.colour("quiet"), label.name)


def percent(figure: Figure) -> str:
    return _cell(figure, lambda one: per_cent(f"{100 * one:.0f}"), lambda one: f"{100 * one:.0f}")


def coefficient(figure: Figure) -> str:
    return _cell(figure, _two_places, _two_places)


def _two_places(value: float) -> str:
    return f"{value:.2f}".replace("-0.00", "0.00").replace("-", "−")


def _cell(figure: Figure, value: Callable[[float], str], end: Callable[[float], str]) -> str:
    """`78 % (75 to 81)`, or why there is none."""
    if figure.value is None:
        return f'<span class="quiet">{escape(missing(figure))}</span>'
    if figure.low is None or figure.high is None:
        told = in_brackets(missing(figure))
        return sentences(value(figure.value), f'<span class="quiet">{escape(told)}</span>')
    span = t("({low} to {high})", low=end(figure.low), high=end(figure.high))
    return sentences(value(figure.value), f'<span class="quiet interval">{escape(span)}</span>')


def missing(figure: Figure) -> str:
    return t(_MISSING[figure.missing], n=f"{figure.faces:,}", least=FEWEST) if figure.missing else ""


def meaning(figure: Figure) -> str:
    """What a value of α or κ is good for, by the lower end of its interval; "" where there is no value."""
    least = figure.value if figure.low is None else figure.low
    if least is None:
        return ""
    if least >= _RELIABLE:
        return t("can be relied on")
    return t("good for tentative conclusions") if least >= _TENTATIVE else t("not to be relied on")


def table(caption: str, heads: Sequence[str], rows: Sequence[Sequence[str]], *, kind: str = "") -> str:
    """As `html_table`, in this page's style; kind: one class more."""
    return html_table.html_table(caption, heads, rows, kinds=f"moue-figures {kind}")
