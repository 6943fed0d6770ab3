"""The consensus rule: which one holds, what another would change, changing it and taking a change back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import streamlit as st

from db.decisions.consensus import NOTHING_COUNTS, Preview
from db.reads.counts import workspace_counts
from db.tables import classes
from db.tables.consensus_rules import DAWID_SKENE, LATEST, RULES, ConsensusRule, RuleChange, list_changes
from pages import _ui
from pages._server import permission, pseudonyms, workspace
from pages._ui import consensus as rule_words
from pages._ui.html_table import figures_table
from pages._words import count, mark, recorded, t
from pipeline.actions.team import consensus
from pipeline.core.errors import MoueError
from pipeline.core.ranges import LEAST_CHANCE, QUORUM

NAMES: Final = {
    "latest": mark("The latest answer"),
    "majority": mark("The majority"),
    "adjudicated": mark("All agree, or an adjudication"),
    "dawid-skene": mark("The likeliest answer (Dawid–Skene)"),
}
_PREVIEW: Final = "consensus_preview"
_ERROR: Final = "consensus_error"
_SHOWN: Final = 20
_LOOK_S: Final = 2.0


def show(_who: str) -> None:
    """The rule that holds, the choice of another with its preview, and what was changed before."""
    store = workspace.get_store()
    counts, changes = store.read(lambda db: (workspace_counts(db), list_changes(db)))
    if counts.recounting is None:
        rule_words.line(counts)
    else:
        _recounting()
    st.caption(t("An adjudication goes before the rule, and people's answers before what quality rules reject. Another "
                 "rule loses no answer: it only says otherwise which one counts."))  # fmt: skip
    chosen = _choice(counts.consensus)
    if st.button(t("What would it change?"), key="consensus-preview", disabled=counts.recounting is not None):
        _try(lambda: st.session_state.__setitem__(_PREVIEW, consensus.preview_rule(store, chosen)))
    told: Preview | None = st.session_state.get(_PREVIEW)
    if told is not None and _same(told.rule, chosen):
        _told(told)
        holds = _same(told.rule, counts.consensus)
        if _ui.button(t("Let this rule hold"), "consensus_rule", key="consensus-set", disabled=holds):
            _try(lambda: _change(told))
    if error := st.session_state.pop(_ERROR, ""):
        st.error(_ui.escaped(error), icon=":material/error:")
    _changes(changes)


@st.fragment(run_every=_LOOK_S)
def _recounting() -> None:
    """How far it is, until every face is counted; then the page is drawn again."""
    counts = workspace.get_store().read(workspace_counts)
    if counts.recounting is None:
        st.rerun()
    rule_words.line(counts)


def _choice(now: ConsensusRule) -> ConsensusRule:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.selectbox(
            t("Rule"),
            RULES,
            RULES.index(now.name),
            format_func=lambda one: t(NAMES[one]),
            key="consensus-name",
            width=320,
        )
        quorum, least = 1, 0.0
        if name != LATEST:
            help_ = t("Before that many people have answered, nothing counts on a face.")
            quorum = int(st.number_input(t("People who must answer"), *QUORUM.ends, now.quorum, help=help_,
                                         key="consensus-quorum", width=200))  # fmt: skip
        if name == DAWID_SKENE:
            ends = LEAST_CHANCE.least, LEAST_CHANCE.most
            usual = now.least if now.name == DAWID_SKENE else 0.8
            least = float(st.number_input(t("Least probability"), *ends, usual, 0.05, key="consensus-least", width=160))
    return ConsensusRule(name, quorum, least)


def _same(told: ConsensusRule, chosen: ConsensusRule) -> bool:
    return (told.name, told.quorum, told.least) == (chosen.name, chosen.quorum, chosen.least)


def _told(told: Preview) -> None:
    """Before it is made: how many faces gain, lose and change what counts, and each move by class."""
    numbers = {"gain": count(told.gain, "face"), "lose": count(told.lose, "face"), "change": count(told.change, "face")}
    st.markdown(t("{gain} would gain a consensus, {lose} would lose it, {change} would change the answer.", **numbers))
    if told.moves:
        names = _names()
        rows = [
            {t("Counts now"): names.get(a, a), t("Would count"): names.get(b, b), t("Faces"): n}
            for (a, b), n in told.moves.items()
        ]
        st.html(figures_table(rows, name=t("What would count otherwise")))


def _names() -> Mapping[str, str]:
    known = workspace.get_store().read(lambda db: [*classes.list_classes(db), *classes.list_classes(db, archived=True)])
    words = {"reject": t("rejected"), "unsure": t("unsure"), NOTHING_COUNTS: t("nothing yet")}
    return {f"accept:{one.id}": one.name for one in known} | words


def _change(told: Preview) -> None:
    """What was told is what is done: the very rule, with the fit that was previewed."""
    consensus.begin_rule(workspace.get_store(), told.rule, permission.require("consensus_rule"))
    del st.session_state[_PREVIEW]
    st.rerun()


def _undo() -> None:
    st.session_state.pop(_PREVIEW, None)
    _try(lambda: consensus.begin_undo(workspace.get_store(), permission.require("consensus_rule")))


def _refit() -> None:
    store = workspace.get_store()
    _try(lambda: consensus.begin_rule(store, consensus.unfitted(store), permission.require("consensus_rule")))


def _try(act: Callable[[], object]) -> None:
    try:
        act()
    except MoueError as e:
        st.session_state[_ERROR] = recorded.sentence(e.message)


def _changes(changes: list[RuleChange]) -> None:
    standing = [one for one in changes if one.undone_at is None]
    if not changes:
        return
    with st.container(horizontal=True):
        _ui.button(t("Take the newest change back"), "consensus_rule", key="consensus-undo", disabled=not standing,
                   on_click=_undo)  # fmt: skip
        if standing and standing[0].rule.name == DAWID_SKENE:
            _ui.button(t("Fit to the answers of today"), "consensus_rule", key="consensus-refit", on_click=_refit)
    called = pseudonyms.shown()
    rows = [
        {
            t("Rule"): rule_words.short_name(one.rule), t("Changed by"): called(one.annotator),
            t("When"): _ui.format_time(one.at),
            t("Taken back by"): t("{name}, {at}", name=called(one.undone_by or ""), at=_ui.format_time(one.undone_at))
            if one.undone_at
            else "",
        }
        for one in changes[:_SHOWN]
    ]  # fmt: skip
    st.html(figures_table(rows, name=t("Changes of the rule")))
