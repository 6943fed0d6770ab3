"""The sections of the Progress page: time, annotators, balance; and the way from a bar to its faces."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final
from urllib.parse import urlencode

import streamlit as st

from db.projection import columns
from db.reads import progress
from db.reads.counts import Counts, workspace_counts
from db.reads.decision_sums import PAUSE_MS, DecisionSums
from db.reads.progress import Pace, Tally
from db.store.store import Db
from db.tables.classes import list_classes
from pages import _ui
from pages._review import filters, query
from pages._server import permission, workspace
from pages._ui import histogram_bins, plots
from pages._ui.plots import Bar, Group, Row
from pages._words import count, mark, t
from pipeline.core.errors import MoueError
from pipeline.core.metrics import BY_NAME
from pipeline.core.records import ClassSpec

MOST_ROWS: Final = 12
_BY: Final = {"class": mark("Class"), "annotator": mark("Annotator")}
_OTHERS: Final = "\n"  # no annotator's name holds a line break


@dataclass(frozen=True, slots=True)
class ProgressData:
    """What the page shows of one moment. known: the classes that are put away, too."""

    counts: Counts
    classes: list[ClassSpec]
    known: list[ClassSpec]
    targets: dict[int, int]


def load(db: Db) -> ProgressData:
    return ProgressData(workspace_counts(db), list_classes(db), list_classes(db, archived=True), progress.targets(db))


def badge(spec: ClassSpec) -> str:
    """Letter and name: the letter is the one on the cards of Review."""
    return lettered(spec.letter, spec.name)


def lettered(letter: str, name: str) -> str:
    """On one line: a letter alone at a line's end reads as a word of its own."""
    return f"{letter}\u00a0{name}"


def groups_of(states: Iterable[int], known: Sequence[ClassSpec]) -> list[Group]:
    """The classes that are among these states, in their order, then rejected and unsure."""
    met, quiet = set(states), plots.colour("quiet")
    every = [(columns.ACCEPTED + spec.id, badge(spec), spec.colour) for spec in known]
    every += [
        (columns.REJECTED, lettered("✕", t("rejected")), quiet),
        (columns.UNSURE, lettered("?", t("unsure")), quiet),
    ]
    return [Group(str(state), label, shown) for state, label, shown in every if state in met]


def over_time(sums: DecisionSums, known: Sequence[ClassSpec]) -> None:
    """How many decisions when: in all, and a row for each class or annotator."""
    st.subheader(t("Decided over time"))
    everything = progress.tallies(sums)
    with st.container(horizontal=True, vertical_alignment="center", key="time-choices"):
        by = st.segmented_control(
            t("A row for each"), list(_BY), default="class", required=True, key="time-rows", width="content",
            format_func=lambda one: t(_BY[one]), label_visibility="collapsed",
        )  # fmt: skip
        rules = any(progress.is_rule_annotator(one.annotator) for one in everything)
        with_rules = rules and st.toggle(t("Count what rules decided, too"), key="time-rules")
    found = [one for one in everything if with_rules or not progress.is_rule_annotator(one.annotator)]
    if not found:
        st.caption(t("No decision of a person stands."))
        return
    groups = _people(found) if by == "annotator" else groups_of((one.state for one in found), known)
    shown = {group.key for group in groups}

    def key_of(one: Tally) -> str:
        key = one.annotator if by == "annotator" else str(one.state)
        return key if key in shown else _OTHERS

    line = plots.timeline(found, query.zone(), key_of)
    decisions = count(sum(one.decisions for one in found), "decision")
    st.caption(t("{decisions}. What was taken back is not counted; a face that was decided again counts each time.",
                 decisions=decisions))  # fmt: skip
    st.html(plots.total_over_time(line))
    st.html(plots.rows_over_time(line, groups))
    plots.as_table(lambda: [
        {t("When"): line.describe(start), **{group.label: line.counts.get((start, group.key), 0) for group in groups}}
        for start in line.starts
    ], "time", t("Decisions over time"))  # fmt: skip


def _people(found: Sequence[Tally]) -> list[Group]:
    """In alphabetical order, rules behind people; of more than a dozen those who decided least share a row."""
    sums: Counter[str] = Counter()
    for one in found:
        sums[one.annotator] += one.decisions
    names = sorted(sums, key=lambda name: (progress.is_rule_annotator(name), -sums[name], name))
    kept = names if len(names) <= MOST_ROWS else names[: MOST_ROWS - 1]
    kept.sort(key=lambda name: (progress.is_rule_annotator(name), name.casefold()))
    groups = [
        Group(name, name, plots.colour("quiet" if progress.is_rule_annotator(name) else "accent")) for name in kept
    ]
    rest = len(names) - len(kept)
    return [*groups, Group(_OTHERS, t("{n} other annotators", n=rest), plots.colour("quiet"))] if rest else groups


def annotators(sums: DecisionSums, known: Sequence[ClassSpec], refused: Mapping[str, int]) -> None:
    """Who decided what, and how fast while at work; rules last. refused: presses that were not kept, by person."""
    st.subheader(t("Annotators"))
    found = progress.paces(sums)
    timed = [one for one in found if one.per_minute and not one.rule]
    if timed:
        st.caption(t("Decisions a minute while at work: a look of more than {n} s was a pause and is left out.",
                     n=PAUSE_MS // 1000))  # fmt: skip
        bars = [Bar(one.annotator, one.per_minute or 0, _describe_pace(one), plots.colour("accent")) for one in timed]
        st.html(plots.bars(bars[:MOST_ROWS], t("Decisions a minute")))
    groups = groups_of((state for one in found for state in one.states), known)
    rows = [_pace_row(one, groups, refused) for one in found]
    plots.table(rows, "annotators", t("Annotators"), shares=[group.label for group in groups])


def _describe_pace(one: Pace) -> str:
    return t("{n} a minute", n=f"{one.per_minute or 0:,.0f}")


def _pace_row(one: Pace, groups: Sequence[Group], refused: Mapping[str, int]) -> Row:
    return {
        t("Annotator"): one.annotator, t("Decisions"): one.decisions, t("Taken back"): one.undone,
        t("Refused"): refused.get(one.annotator, 0),
        t("A minute"): None if one.per_minute is None else round(one.per_minute, 1),
        t("Median seconds"): None if one.median_ms is None else round(one.median_ms / 1000, 2),
        t("At work"): _ui.format_duration(one.work_ms / 1000),
        **{group.label: round(one.states.get(int(group.key), 0) / (one.decisions or 1), 2) for group in groups},
    }  # fmt: skip


def balance(found: ProgressData) -> None:
    """Accepted faces by class, and what is missing where there is a target."""
    st.subheader(t("Class balance"))
    carried = [one for one in found.known if one.name in found.counts.by_class]  # archived ones that faces carry, too
    rows = [(one, found.counts.by_class.get(one.name, 0), found.targets.get(one.id, 0)) for one in carried]
    missing = sum(max(0, target - number) for _, number, target in rows)
    if not any(target for _, _, target in rows):
        st.caption(t("Set a target for each class, and the bars show what is missing."))
    else:
        faces = count(missing, "face")
        st.caption(t("{faces} missing", faces=faces) if missing else t("Every target is reached."))
    bars = [
        Bar(badge(one), number, _describe_balance(number, target), one.colour, target) for one, number, target in rows
    ]
    st.html(plots.bars(bars, t("Accepted faces by class")))
    plots.as_table(lambda: [
        {t("Class"): badge(one), t("Accepted"): number, t("Target"): target or None,
         t("Missing"): max(0, target - number) if target else None}
        for one, number, target in rows
    ], "balance-table", t("Class balance"))  # fmt: skip
    _targets(rows)


def _targets(rows: Sequence[tuple[ClassSpec, int, int]]) -> None:
    """The form, once it is opened."""
    with st.expander(t("Targets"), icon=":material/flag:", key="targets-open", on_change="rerun") as opened:
        if opened.open:
            _targets_form(rows)


def _targets_form(rows: Sequence[tuple[ClassSpec, int, int]]) -> None:
    with st.form("targets", border=False):
        with st.container(horizontal=True, vertical_alignment="bottom", key="targets-each"):
            for spec, _, target in rows:
                st.number_input(badge(spec), 0, progress.MOST, target, key=_target_key(spec.id, target), width=200)
        st.caption(t("How many accepted faces each class shall have, for everybody; 0 is no target."))
        shown = {spec.id: target for spec, _, target in rows}
        locked = _ui.why_not("settings")
        st.form_submit_button(
            t("Save targets"), on_click=partial(_save, shown), disabled=bool(locked), help=locked or None
        )


def _target_key(class_id: int, target: int) -> str:
    """Another one for another target: what somebody else set meanwhile is shown, and not written over."""
    return f"target-{class_id}-{target}"


def _describe_balance(number: int, target: int) -> str:
    if not target:
        return f"{number:,}"
    message = t("{n} of {all}", n=f"{number:,}", all=f"{target:,}")
    return f"{message} · {t('{n} missing', n=f'{target - number:,}')}" if number < target else message


def _save(shown: Mapping[int, int]) -> None:
    wanted = {one: int(st.session_state[_target_key(one, target)]) for one, target in shown.items()}
    changed = {one: target for one, target in wanted.items() if target != shown[one]}
    try:
        who = permission.require("settings")
        workspace.get_store().write(lambda db: progress.set_targets(db, changed, by=who))
    except MoueError as e:
        _ui.report_error(e)


def query_params(name: str, index: int, state: str) -> dict[str, str]:
    """The query parameters that open Review with the faces of one bar, the lowest first."""
    ends = progress.bar_ends(name, histogram_bins.bins(BY_NAME[name]), index)
    return filters.address_of(name, ((name, *ends),), state)


def address(name: str, index: int, state: str) -> str:
    """Where the bar leads."""
    return f"{_ui.base_path()}review?{urlencode(query_params(name, index, state))}"
