"""The sections of the Team page, in their order; each is shown to those whose role may do its action."""

from __future__ import annotations

from typing import Final

from pages._team import (
    agreement,
    audit,
    consensus,
    disagreements,
    gold,
    handouts,
    handover,
    opinions,
    people,
    persons,
)
from pages._team.access import tokens
from pages._team.steps import history
from pages._team.upkeep import backups
from pages._ui.sections import Section
from pages._words import mark

SECTIONS: Final = (
    Section("agreement", mark("Agreement"), agreement.show, "see_agreement"),
    Section("disagreements", mark("Disagreements"), disagreements.show, "adjudicate"),
    Section("history", mark("History"), history.show, "label"),
    Section("handouts", mark("Hand-outs"), handouts.show, "hand_out"),
    Section("opinions", mark("Second opinions"), opinions.show, "second_opinions"),
    Section("gold", mark("Gold"), gold.show, "claim"),
    Section("people", mark("People"), people.show, "see"),
    Section("persons", mark("Persons"), persons.show, "settings"),
    Section("tokens", mark("Tokens"), tokens.show, "tokens"),
    Section("consensus", mark("Consensus"), consensus.show, "see_agreement"),
    Section("audit", mark("Audit"), audit.show, "see_audit"),
    Section("backups", mark("Backups"), backups.show, "restore"),
    Section("handover", mark("Hand-over"), handover.show, "see"),
)
