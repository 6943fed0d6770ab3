"""What the grid is told of each card, and of the suggestions on them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from db.projection.suggestions import Suggester
from db.reads.review import ReviewItem
from pages._server.suggest.shown_suggestions import DIGITS, Shown, Signer


def describe(
    items: Sequence[ReviewItem], who: str, suggester: Suggester | None, *, hidden: bool
) -> list[dict[str, Any]]:
    """One object a card. suggester: whose suggestions these are. hidden: none is told of what is undecided."""
    signer = Signer(who)
    return [_card(item, signer, suggester, hidden=hidden and item.verdict is None) for item in items]


def _card(item: ReviewItem, signer: Signer, suggester: Suggester | None, *, hidden: bool) -> dict[str, Any]:
    return {
        "id": item.face_id, "sha": item.sha256, "v": item.crop_version, "verdict": item.verdict,
        "class_id": item.class_id, "reason": item.reason, "annotator": item.annotator,
        "decision": item.decision, "noted": item.noted,
        "proposal": None if hidden else item.proposal,
        "suggestion": None if hidden or suggester is None else _suggestion(item, signer, suggester),
    }  # fmt: skip


def _suggestion(item: ReviewItem, signer: Signer, suggester: Suggester) -> dict[str, Any] | None:
    """With a proof that this person was shown it: a page that confirms it sends that back."""
    if item.suggestion is None:
        return None
    p = round(item.suggestion.probability, DIGITS)
    shown = Shown(item.face_id, suggester.name, suggester.version, item.suggestion.class_id, p)
    return {"class_id": shown.class_id, "p": p, "proof": signer.proof(shown)}
