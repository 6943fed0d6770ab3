"""Progress by annotator and class, and whether people are shown by name; nobody is ranked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

import streamlit as st

from db.decisions.refused import by_person
from db.reads.decision_sums import DecisionSums
from db.store.store import Store
from db.team import pseudonyms
from db.team.agreement import GivenAnswers
from pages import _ui
from pages._progress.sections import groups_of
from pages._server import permission, workspace
from pages._ui import plots
from pages._words import t
from pipeline.core.errors import MoueError
from pipeline.core.records import ClassSpec

_SWITCH: Final = "progress-pseudonyms"


def unnamed(sums: DecisionSums, aliases: Mapping[str, str]) -> DecisionSums:
    """The sums as they may be shown."""
    return replace(sums, names=tuple(aliases.get(name, name) for name in sums.names)) if aliases else sums


def refused(store: Store, aliases: Mapping[str, str]) -> dict[str, int]:
    """Presses that were not kept, by the name that is shown."""
    return {aliases.get(name, name): number for name, number in store.read(by_person).items()}


def answers(found: Sequence[GivenAnswers], known: Sequence[ClassSpec], who: str, aliases: Mapping[str, str]) -> None:
    """A row for each person and answer, in alphabetical order; of `who` alone where they may not see others'."""
    if _ui.why_not("see_agreement"):
        found = [one for one in found if one.name == who]
    if not found:
        return
    st.subheader(t("Answers by annotator and class"))
    st.caption(t("Each person's newest answer on a face. Differed: another answer counted then, which the person had"
                 " not seen; it is kept like any other. Overruled: something else counts there now. Second opinions are"
                 " counted once all have answered."))  # fmt: skip
    labels = {int(group.key): group.label for group in groups_of((one.state for one in found), known)}
    rows = [
        {t("Annotator"): aliases.get(one.name, one.name), t("Answer"): labels.get(one.state, ""),
         t("Answers given"): one.answers, t("Differed"): one.crossed, t("Overruled"): one.overruled}
        for one in found
    ]  # fmt: skip
    rows.sort(key=lambda row: str(row[t("Annotator")]).casefold())
    plots.table(rows, "answers-by-person", t("Answers by annotator and class"))


def switch() -> None:
    """Letters or names, for everybody but the owner; who may not change it sees how it stands."""
    locked = _ui.why_not("settings")
    st.session_state[_SWITCH] = workspace.get_store().read(pseudonyms.are_on)
    st.toggle(
        t("Show letters instead of names to whoever does not own the workspace"), key=_SWITCH, on_change=_set,
        disabled=bool(locked),
        help=locked or t("A person keeps their letter, on every page, in tables and on the command line."),
    )  # fmt: skip


def _set() -> None:
    on = bool(st.session_state[_SWITCH])
    try:
        who = permission.require("settings")
        workspace.get_store().write(lambda db: pseudonyms.switch(db, on, by=who))
    except MoueError as e:
        _ui.report_error(e)
