"""The rule by which counts come about, in few words, and what waits for it: on every page that counts."""

from __future__ import annotations

from typing import Final

import streamlit as st

from db.reads.counts import Counts
from db.tables.consensus_rules import ADJUDICATED, LATEST, MAJORITY, ConsensusRule
from pages import _ui
from pages._words import count, mark, recorded, t

WAITING: Final = {
    "opinion": mark("{faces} for a second opinion"),
    "quorum": mark("{faces} for more answers"),
    "tie": mark("{faces} for the end of a tie"),
    "dispute": mark("{faces} for an adjudication"),
}


def short_name(rule: ConsensusRule) -> str:
    """In two or three words."""
    if rule.name == LATEST:
        return t("latest answer")
    if rule.name == MAJORITY:
        return t("majority of {n} or more", n=rule.quorum) if rule.quorum > 1 else t("majority")
    return t("adjudicated") if rule.name == ADJUDICATED else "Dawid–Skene"


def in_short(counts: Counts) -> str:
    """The rule that holds, and whether faces still count under the one before."""
    name = short_name(counts.consensus)
    return name if counts.recounting is None else t("{rule}, being counted anew", rule=name)


def waiting(counts: Counts) -> list[str]:
    """Why how many faces wait."""
    found = {why: n for why, n in counts.by_waiting.items() if n}
    return [t(WAITING[why], faces=count(n, "face")) for why, n in found.items()]


def all_answered(counts: Counts) -> str:
    """Why nothing is left to decide on."""
    if counts.waiting:
        return t("every face is answered, {n} accepted; {m} wait", n=f"{counts.accepted:,}", m=f"{counts.waiting:,}")
    return t("every face is decided, {n} accepted", n=f"{counts.accepted:,}")


def recounting(left: int) -> str:
    """What holds while faces are counted anew."""
    return t("The rule was changed: faces are being counted anew, {n} are left. Until then some count as before, and "
             "nothing is exported.", n=f"{left:,}")  # fmt: skip


def line(counts: Counts) -> None:
    """Which answer counts, and how many faces wait for what."""
    said = [recorded.sentence(counts.consensus.describe())]
    if counts.recounting is not None:
        st.info(_ui.escaped(recounting(counts.recounting)), icon=":material/hourglass_top:")
    elif parts := waiting(counts):
        said.append(t("Waiting: {reasons}.", reasons=_ui.join_words(parts)))
    st.caption(f":material/how_to_vote: {_ui.escaped(' '.join(said))}")
