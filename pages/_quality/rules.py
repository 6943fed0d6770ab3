"""Rules: what falls out of a set of ranges is rejected, by a name, once somebody switched that on."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from db.decisions import rules
from db.decisions.rules import Rule
from db.projection import range_text
from db.projection.range_text import Ranges
from db.store.store import Db, Store
from pages import _ui
from pages._server import permission, pseudonyms, workspace
from pages._words import count, metric_ranges, recorded, t, vocabulary
from pipeline.actions.rules import apply_rules
from pipeline.core.errors import MoueError
from pipeline.core.geometry import DLIB
from pipeline.core.records import REJECT_REASONS


def make(store: Store, ranges: Ranges, who: str, model: str) -> None:
    """Name the ranges that are set now and switch them on as a rule; in advance it says what that does. model: of the
    landmarks that they are set for."""
    st.subheader(t("Reject what falls out, by a rule"))
    if not ranges:
        st.caption(t("Set a range above. Until a rule is switched on here, nothing is rejected."))
        return
    words = _ui.join_words(metric_ranges.describe(one) for one in ranges)
    guess = vocabulary.REASON_OF_METRIC.get(ranges[0][0], "other")
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        label, usual = t("Name of the rule"), _name(ranges)
        named = st.text_input(label, key="rule-name", placeholder=usual, max_chars=80, width=360)
        reason = st.selectbox(
            t("Reason"),
            REJECT_REASONS,
            index=REJECT_REASONS.index(guess),
            format_func=_reason,
            key=f"rule-reason-{guess}",
            width=200,
        )
        number = store.read(lambda db: rules.would_reject(db, ranges, model))
        pressed = _ui.button(_switch_on(number), "quality_rules", key="rule-on")
    name = named.strip() or _name(ranges)
    faces = t("1 undecided face that falls") if number == 1 else t("{n} undecided faces that fall", n=f"{number:,}")
    st.caption(
        t("Rejects {faces} out of: {ranges}; reason “{reason}”, noted as “rule: {name}”, switched on by {who}. "
          "Faces that somebody decided on stay as they are; new photos are looked at, too. "
          "Faces without such a figure are left alone. Switching it off takes all of this back in one step.",
          faces=faces, ranges=_ui.escaped(words), reason=_reason(reason), name=_ui.escaped(name), who=_ui.escaped(who))
    )  # fmt: skip
    if pressed:
        _do(partial(_save_and_switch_on, name=name, ranges=ranges, reason=reason, model=model), number)


def known(store: Store) -> None:
    """The rules that there are, with what stands of each, and their switches."""
    found = store.read(rules.list_rules)
    if not found:
        return
    st.subheader(t("Rules"))
    called = pseudonyms.shown()
    for number, rule in enumerate(found):
        with st.container(horizontal=True, vertical_alignment="center", border=True, key=f"rule-{number}"):
            words = _ui.join_words(metric_ranges.describe(one) for one in range_text.ordered(rule.ranges))
            decided = count(rule.decided, "face")
            state = t("on · {faces} rejected", faces=decided) if rule.active else t("off")
            by = f"{_ui.escaped(called(rule.annotator))}, {_ui.format_time(rule.changed_at)}"
            if rule.landmarks != DLIB:
                words = f"{words} · {t('landmarks by the Face Landmarker')}"
            about = f"{_ui.escaped(words)} · {_reason(rule.reason)} · {by}"
            st.markdown(f"**{_ui.escaped(rule.name)}** · {state}  \n:small[{about}]", width="stretch")
            _switches(store, rule, number)


def _switches(store: Store, rule: Rule, number: int) -> None:
    """Its buttons; one that was interrupted in the middle can be gone on with."""
    fall = store.read(lambda db: rules.would_reject(db, rule.ranges, rule.landmarks))
    more = t("Go on: reject {faces} more", faces=count(fall, "face"))
    if rule.active and fall and _ui.button(more, "quality_rules", key=f"rule-more-{number}"):
        _do(lambda db, who: rules.switch_on(db, rule.name, who), fall)
    if rule.active or rule.decided:
        takes_back = t("Takes back what it rejected, in one step")
        if _ui.button(t("Switch off"), "quality_rules", key=f"rule-off-{number}", help=takes_back):
            _do(lambda db, who: rules.switch_off(db, rule.name, who), rule.decided)
        return
    if _ui.button(_switch_on(fall), "quality_rules", key=f"rule-again-{number}"):
        _do(lambda db, who: rules.switch_on(db, rule.name, who), fall)
    gone = t("It is off: only the rule itself goes")
    if _ui.button(t("Forget"), "quality_rules", key=f"rule-forget-{number}", type="tertiary", help=gone):
        _do(lambda db, who: rules.delete_rule(db, rule.name, by=who), 0)


def _do(work: Callable[..., int | None], expected: int) -> None:
    """Do it for the reader, chunk by chunk, so that other people's decisions are saved in between.

    expected: faces, for the bar.
    """
    store = workspace.get_store()
    try:
        who = permission.require("quality_rules")
        done = store.write(lambda db: work(db, who)) or 0
        bar = st.progress(0.0) if done < expected else None

        def show(more: int) -> None:
            number = done + more
            if bar is not None:
                bar.progress(
                    min(1.0, number / max(1, expected)), t("{n} of {all}", n=f"{number:,}", all=f"{expected:,}")
                )

        apply_rules(store, show)
    except MoueError as e:
        st.error(_ui.escaped(recorded.sentence(e.message)))
        return
    st.rerun()


def _save_and_switch_on(db: Db, annotator: str, name: str, ranges: Ranges, reason: str, model: str) -> int:
    return rules.switch_on(db, rules.save_rule(db, name, ranges, reason, annotator, model), annotator)


def _name(ranges: Ranges) -> str:
    """The name of a rule that nobody named."""
    return _ui.join_words(metric_ranges.describe(one).lower() for one in ranges)[:80]


def _switch_on(number: int) -> str:
    return t("Switch on: reject {faces}", faces=count(number, "face"))


def _reason(slug: str) -> str:
    return t(vocabulary.REASON_WORDS[slug])
