"""A person's hand-over as a table in the reader's language: one for the page, for paper and for CSV."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from db.team.handover import HandOver, OpenHandOut
from pages._words import mark, translate

Table = list[tuple[str, list[tuple[str, str]]]]
"""Chapters: a title, and pairs of what and how much."""
_VERDICTS = {"reject": mark("rejected"), "unsure": mark("unsure")}


def tables(found: HandOver, names: Mapping[int, str], locale: str) -> Table:
    """names: of the classes by id, archived ones too."""
    t = partial(translate, locale)
    answers = sorted(found.answers.items(), key=lambda one: (one[0][1] is None, -one[1]))
    by_class = [
        (names.get(class_id, str(class_id)) if class_id is not None else t(_VERDICTS.get(verdict, verdict)), f"{n:,}")
        for (verdict, class_id), n in answers
    ]
    if found.independent:
        by_class.append((t("not told yet: others still answer without seeing it"), f"{found.independent:,}"))
    days = [
        (one.day, t("{n} decided, {m} taken back", n=f"{one.decided:,}", m=f"{one.taken_back:,}")) for one in found.days
    ]
    left = [
        (t("faces taken and not answered yet"), f"{found.claimed:,}"),
        (t("answered, waiting for a second opinion of others"), f"{found.awaited:,}"),
        *((_handed_out(one, t), t("{n} faces left", n=f"{one.left:,}")) for one in found.handouts),
        *((t("open note of {at}", at=one.at[:10]), one.text) for one in found.notes),
    ]
    return [
        (t("Answers that stand, by class"), by_class),
        (t("Took back"), [(t("decisions"), f"{found.taken_back:,}")]),
        (t("Left open"), left),
        (t("By day (UTC)"), days),
    ]


def _handed_out(one: OpenHandOut, t: partial[str]) -> str:
    if one.query is None:
        return t("hand-out {letter}", letter=one.letter)
    said = ", ".join(f"{name} {value}" for name, value in sorted(one.query.items()))
    return t("hand-out {letter}: {what}", letter=one.letter, what=said or t("all faces"))
