"""Who may do what: four roles, and for each action the lowest one that may do it. The only such table.

A role may do all that the roles below it may. docs/roles.md shows the table, and a test holds the two together.
"""

from __future__ import annotations

from typing import Final, Literal, TypeAlias, get_args

from pipeline.core.errors import NotAllowedError, UsageError
from pipeline.core.messages import Message, message

Role: TypeAlias = Literal["viewer", "annotator", "reviewer", "owner"]
ROLES: Final[tuple[Role, ...]] = get_args(Role)
"""From the one that may do least to the one that may do all."""

Action: TypeAlias = Literal[
    "see",
    "label",
    "note",
    "claim",
    "duplicates",
    "views",
    "tokens",
    "clean",
    "collect",
    "reprocess",
    "verify",
    "guidelines",
    "quality_rules",
    "hand_out",
    "adjudicate",
    "undo_others",
    "see_agreement",
    "export",
    "predictions",
    "gold",
    "second_opinions",
    "see_everyones_gold",
    "see_audit",
    "see_names",
    "classes",
    "sources",
    "consensus_rule",
    "settings",
    "roles",
    "erase",
    "restore",
]

LOWEST: Final[dict[Action, Role]] = {
    "see": "viewer",
    "label": "annotator",
    "note": "annotator",
    "claim": "annotator",
    "duplicates": "annotator",
    "views": "annotator",
    "tokens": "viewer",
    "clean": "annotator",
    "collect": "reviewer",
    "reprocess": "reviewer",
    "verify": "reviewer",
    "guidelines": "reviewer",
    "quality_rules": "reviewer",
    "hand_out": "reviewer",
    "adjudicate": "reviewer",
    "undo_others": "reviewer",
    "see_agreement": "reviewer",
    "export": "reviewer",
    "predictions": "reviewer",
    "gold": "owner",
    "second_opinions": "owner",
    "see_everyones_gold": "owner",
    "see_audit": "owner",
    "see_names": "owner",
    "classes": "owner",
    "sources": "owner",
    "consensus_rule": "owner",
    "settings": "owner",
    "roles": "owner",
    "erase": "owner",
    "restore": "owner",
}
"""The lowest role that may do an action."""

ABOUT: Final[dict[Action, str]] = {
    "see": "look at every page and picture",
    "label": "decide on faces, undo and redo own steps",
    "note": "write and settle notes on a face",
    "claim": "take the next faces",
    "duplicates": "decide on groups of near copies",
    "views": "save and delete views of Review",
    "tokens": "make and revoke tokens of one's own, for scripts",
    "clean": "draw a missed face, move or turn a crop",
    "collect": "bring photos in: folders, uploads, searches, videos; pause and cancel that",
    "reprocess": "detect or cut all photos anew; compare detectors",
    "verify": "check the whole workspace from Overview, a release from Export",
    "guidelines": "write what a class means, with examples",
    "quality_rules": "switch rules that reject on and off",
    "hand_out": "hand faces out to a person and take them back",
    "adjudicate": "settle what people differ on",
    "undo_others": "take back what others decided, a step at a time",
    "see_agreement": "see how far people agree, and what each of them did",
    "export": "write exports and fetch them",
    "predictions": "bring in what another model suggests",
    "gold": "choose the faces with known answers",
    "second_opinions": "choose how many faces several people answer",
    "see_everyones_gold": "see everybody's answers to gold; one's own are one's own",
    "see_audit": "read the audit, and the hand-over page of each person",
    "see_names": "see people's names where the workspace shows letters instead",
    "classes": "add, rename, order and archive classes",
    "sources": "relink and remove sources",
    "consensus_rule": "choose which decision counts where people differ",
    "settings": "change what holds for the whole workspace",
    "roles": "give and take roles",
    "erase": "erase a photo for good",
    "restore": "put a backup in place of the database",
}
"""What an action means, for docs/roles.md and the Team page."""


def may(role: Role, action: Action) -> bool:
    """Whether somebody of this role may do it."""
    return ROLES.index(role) >= ROLES.index(LOWEST[action])


def refusal(role: Role, action: Action) -> Message | None:
    """Why somebody of this role may not do it, None where they may."""
    if may(role, action):
        return None
    needed = LOWEST[action]
    code = "not_allowed_owner" if needed == "owner" else "not_allowed"
    return message(code, role=message(f"role_{role}"), needed=message(f"role_{needed}"))


def check(role: Role, action: Action) -> None:
    """Raises NotAllowedError where somebody of this role may not do it."""
    if (why := refusal(role, action)) is not None:
        raise NotAllowedError(why)


def as_role(text: str) -> Role:
    """The role of that name. Raises UsageError."""
    for role in ROLES:
        if role == text.strip().lower():
            return role
    raise UsageError(message("role_unknown", role=text, roles=tuple(reversed(ROLES))))
