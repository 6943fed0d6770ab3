"""Team, Agreement: how far people agree, in all and by class; who confuses what with what; and how it goes."""

from __future__ import annotations

from html import escape
from typing import Final, NamedTuple
from urllib.parse import urlencode

import streamlit as st

from db.projection import answer_pair
from db.projection.answer_pair import AnswerPair
from db.store.store import Db
from db.tables.annotators import annotator_codes
from db.tables.classes import list_classes
from db.team import agreement
from db.team.agreement import Agreement
from pages import _ui
from pages._server import pseudonyms, workspace
from pages._team import agreement_csv, figures, trend
from pages._team.figures import Label
from pages._words import count, in_quotes, labelled, mark, t
from pipeline.agreement.summary import FEWEST, pair_figure
from pipeline.core.records import ClassSpec

_KINDS: Final = {"all": mark("All answers"), "independent": mark("Given independently")}
_PARAMETER: Final = "answers"
_ABOUT: Final = {
    "all": mark("Each person's newest answer on a face, also where it was given with others' answers in view: people"
                " who see an answer tend to agree with it, so these figures flatter."),
    "independent": mark("Only what was answered before anything of others could be seen: by the first person on a face,"
                        " blind second opinions, and answers that crossed. These are the figures to trust."),
}  # fmt: skip


class _Person(NamedTuple):
    """code: in an address. shown: the name, or a letter for it."""

    code: str
    shown: str


def show(_who: str) -> None:
    """Draw the section."""
    kind = _choose_kind()
    st.caption(t(_ABOUT[kind]))
    store = workspace.get_store()
    found = agreement.agreement_of(store, independent=kind == "independent")
    known, people = store.read(_names)
    labels = figures.labels_of(found.states, known)
    whole = found.summary
    if whole.faces < FEWEST:
        st.info(t("Too few to say: {n} faces have answers of two people, {least} are needed. Second opinions on a share"
                  " of the faces give them.", n=whole.faces, least=FEWEST))  # fmt: skip
        _lead_on()
        return
    st.markdown(t("**{answers}** by {people} on **{faces}** with two answers or more. Reject and unsure count as"
                  " answers of their own; what rules decide, adjudications and open second opinions do not count.",
                  answers=count(whole.answers, "answer"), people=count(len(found.names), "person", "people"),
                  faces=count(whole.faces, "face")))  # fmt: skip
    st.html(_overall(found))
    st.html(_by_class(found, labels))
    _two_people(found, labels, people, kind)
    st.subheader(t("By week"))
    st.html(trend.trend(found.weeks))
    st.caption(t("Krippendorff's alpha of the faces whose newest answer was given in that week; a week with fewer than"
                 " {least} such faces has no point.", least=FEWEST))  # fmt: skip
    shown = {name: one.shown for name, one in people.items()}
    st.download_button(
        t("Download as CSV"), lambda: agreement_csv.text_of(found, labels, kind, shown), f"agreement-{kind}.csv",
        "text/csv", icon=":material/download:", on_click="ignore", key="agreement-csv",
    )  # fmt: skip


def _lead_on() -> None:
    """To what gives more answers: faces drawn for several people, by who may; else Review."""
    if _ui.why_not("second_opinions"):
        _ui.next_step(t("Review"), "review.py")
    else:
        _ui.next_step(t("Second opinions"), "team.py", section="opinions")


def _names(db: Db) -> tuple[list[ClassSpec], dict[str, _Person]]:
    aliases = pseudonyms.of_page(db)
    people = {name: _Person(str(code), aliases.get(name, name)) for code, name in annotator_codes(db).items()}
    return list_classes(db, archived=True), people


def _choose_kind() -> str:
    asked = st.query_params.get(_PARAMETER, "")
    kind = asked if asked in _KINDS else "all"
    st.session_state["agreement_kind"] = kind
    st.segmented_control(
        t("Which answers"), list(_KINDS), format_func=lambda one: t(_KINDS[one]), key="agreement_kind",
        on_change=_keep, args=(_PARAMETER, "agreement_kind"), required=True, label_visibility="collapsed",
    )  # fmt: skip
    return kind


def _keep(parameter: str, key: str) -> None:
    st.query_params[parameter] = str(st.session_state[key])


def _overall(found: Agreement) -> str:
    whole, overall = found.summary, found.summary.overall
    pairs = count(whole.pairs, "pair")
    rows = [
        [escape(t("Percent agreement")), figures.percent(overall.percent),
         escape(t("of pairs of answers on a face, how many are the same"))],
        [escape(t("Cohen's kappa")), figures.coefficient(whole.cohen),
         escape(t("the mean over {pairs} of people; 1: always the same, 0: as by chance", pairs=pairs))],
        [escape(t("Fleiss' kappa")), figures.coefficient(overall.fleiss),
         escape(t("for any number of people; beyond what chance would do"))],
        [escape(t("Krippendorff's alpha")), figures.coefficient(overall.krippendorff),
         escape(t("each answer counts once: {meaning}", meaning=figures.meaning(overall.krippendorff)))],
    ]  # fmt: skip
    return figures.table(t("All classes"), [t("Measure"), t("Value (95 %)"), t("What it says")], rows)


def _by_class(found: Agreement, labels: list[Label]) -> str:
    heads = [t("Answer"), t("Given"), t("Another says it, too"), t("Fleiss' kappa"), t("Krippendorff's alpha")]
    rows = [
        [figures.swatch(label), f"{one.given:,}", figures.percent(one.percent), figures.coefficient(one.fleiss),
         figures.coefficient(one.krippendorff)]
        for label, one in zip(labels, found.summary.by_value, strict=True) if one.given
    ]  # fmt: skip
    return figures.table(t("Each class against the rest"), heads, rows)


def _two_people(found: Agreement, labels: list[Label], people: dict[str, _Person], kind: str) -> None:
    """The confusion matrix of two people, or of one and what counts; each cell leads to its faces."""
    st.subheader(t("Who against whom"))
    there = sorted((people[name] for name in found.names), key=lambda one: one.shown)
    by_code = {one.code: one.shown for one in there}
    named = {people[name].code: name for name in found.names}
    with st.container(horizontal=True, key="agreement-two"):
        one = _choose_person("one", t("Rows"), by_code, 0)
        against = {**{code: name for code, name in by_code.items() if code != one}, "0": t("what counts")}
        other = _choose_person("other", t("Columns"), against, 0)
    table = agreement.confusion(found, named[one], named.get(other))
    percent, kappa = pair_figure(table)
    st.html(f"<p>{_line(percent.faces, figures.percent(percent), figures.coefficient(kappa))}</p>")
    rows = []
    for row, label in enumerate(labels):
        cells = []
        for column, across in enumerate(labels):
            pair = AnswerPair(int(one), found.states[row], int(other), found.states[column], kind == "independent")
            said = t("{one}: {this}; {other}: {that}", one=by_code[one], this=_said(label), other=against[other],
                     that=_said(across))  # fmt: skip
            cells.append(_link(round(table[row, column]), pair, said))
        rows.append([figures.swatch(label), *cells])
    heads = [f"{by_code[one]} ↓  {against[other]} →", *(label.name for label in labels)]
    st.html(figures.table(t("Faces; click a number to see them"), heads, rows, kind="moue-matrix"))


def _line(faces: int, percent: str, kappa: str) -> str:
    together, cohen = escape(count(faces, "face")), escape(t("Cohen's kappa"))
    return f"{together} · {escape(t('Percent agreement'))} {percent} · {cohen} {kappa}"


def _choose_person(parameter: str, label: str, people: dict[str, str], first: int) -> str:
    key = f"agreement_{parameter}"
    asked = st.query_params.get(parameter, "")
    chosen = asked if asked in people else list(people)[first]
    st.session_state[key] = chosen
    st.selectbox(
        label, list(people), format_func=lambda one: people.get(one, one), key=key, on_change=_keep,
        args=(parameter, key), width=240,
    )  # fmt: skip
    return chosen


def _said(label: figures.Label) -> str:
    return in_quotes(label.name) if label.colour else label.name  # only classes have one


def _link(number: int, pair: AnswerPair, said: str) -> str:
    if not number:
        return "<span>0</span>"
    where = urlencode({"state": "all", "pair": answer_pair.text_of(pair)})
    told = escape(labelled(said, count(number, "face")))
    return (
        f'<a href="{escape(_ui.base_path())}review?{escape(where)}" target="_self" aria-label="{told}">{number:,}</a>'
    )
