"""What the audit tells, as sentences in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from db.tables.audit import COMMAND_LINE
from db.team.history import DECISIONS, Entry
from pages._words import mark, translate

SENTENCES: Final = {
    "workspace_made": mark("made the workspace"),
    "role": mark("gave {person} the role {role}"),
    "newcomers": mark("gave newcomers the role {role}"),
    "setting": mark("changed a setting: {name}, {value}"),
    "targets": mark("changed the targets of classes"),
    "class_added": mark("added the class “{name}”"),
    "class_brought_back": mark("brought the class “{name}” back"),
    "class_renamed": mark("renamed the class “{before}” to “{name}”"),
    "class_changed": mark("changed key, colour or letter of the class “{name}”"),
    "classes_ordered": mark("changed the order of the classes"),
    "class_archived": mark("put the class “{name}” away"),
    "guideline": mark("wrote the guideline of class number {class}"),
    "guideline_example": mark("changed the examples of class number {class}"),
    "rule_saved": mark("saved the rule “{rule}”"),
    "rule_on": mark("switched the rule “{rule}” on"),
    "rule_off": mark("switched the rule “{rule}” off"),
    "rule_forgotten": mark("forgot the rule “{rule}”"),
    "ingest": mark("collected photos"),
    "import": mark("imported a data set"),
    "crawl": mark("searched for photos"),
    "video": mark("took frames of videos"),
    "reprocess": mark("processed the photos again"),
    "duplicates": mark("compared the photos anew"),
    "source_moved": mark("said where source number {source} lies now"),
    "source_removed": mark("removed source number {source}: {images} photos"),
    "erase": mark("erased a photo; its faces: {faces}; decisions that stay as hashes: {decisions}"),
    "export": mark("exported “{name}”"),
    "backup": mark("made a backup"),
    "restore": mark("restored a backup"),
    "claim": mark("took the next faces"),
    "consensus_rule": mark("let the rule {rule} say what counts"),
    "consensus_rule_undone": mark("took a change of the rule back: {rule} holds"),
    "hand_out": mark("handed faces out to {person}"),
    "hand_out_taken_back": mark("took hand-out number {handout} back"),
    "second_opinions": mark("chose {chosen} faces for second opinions"),
    "gold": mark("made a face gold"),
    "gold_removed": mark("took a face out of gold"),
    "gold_share": mark("changed how much of a batch is gold"),
    "token": mark("made the token “{name}” for {person}: {role}"),
    "token_revoked": mark("revoked the token “{name}” of {person}"),
    "person_level": mark("said which folders of source number {source} are named after persons: level {level}"),
    "person_list": mark("took in a table of persons: {rows} rows"),
    "people_by_looks_on": mark("switched on that faces are described to tell people apart"),
    "people_by_looks_off": mark("switched off that faces are described: every description is gone"),
    "persons_merged": mark("said that person number {other} is person number {person}"),
    "person_split": mark("gave another person, number {person}, faces of this one: {faces}"),
    "person_named": mark("named person number {person}"),
    "predictions": mark("brought in what “{suggester}” {version} suggests: {faces} faces"),
}
"""By the action's slug. Its holes are named as the row's parameters."""
_SETTINGS: Final[Mapping[tuple[object, object], str]] = {
    ("suggestions", True): mark("switched suggestions on"),
    ("suggestions", False): mark("switched suggestions off"),
    ("hide_suggestions", True): mark("hid suggestions until a face is answered"),
    ("hide_suggestions", False): mark("let suggestions be seen before a face is answered"),
    ("pseudonyms", True): mark("let letters be shown instead of names"),
    ("pseudonyms", False): mark("let names be shown again"),
}
_SUGGESTER: Final = mark("chose “{value}” as the one that suggests")
NAMES: Final = {
    DECISIONS: mark("Decisions"),
    "workspace_made": mark("Workspace made"),
    "role": mark("Role given"),
    "token": mark("Token made"),
    "token_revoked": mark("Token revoked"),
    "newcomers": mark("Role of newcomers"),
    "setting": mark("Setting"),
    "targets": mark("Targets"),
    "class_added": mark("Class added"),
    "class_brought_back": mark("Class brought back"),
    "class_renamed": mark("Class renamed"),
    "class_changed": mark("Class changed"),
    "classes_ordered": mark("Order of classes"),
    "consensus_rule": mark("Consensus rule"),
    "consensus_rule_undone": mark("Consensus rule taken back"),
    "class_archived": mark("Class put away"),
    "guideline": mark("Guideline"),
    "guideline_example": mark("Example of a guideline"),
    "rule_saved": mark("Rule saved"),
    "rule_on": mark("Rule switched on"),
    "rule_off": mark("Rule switched off"),
    "rule_forgotten": mark("Rule forgotten"),
    "ingest": mark("Photos collected"),
    "import": mark("Data set imported"),
    "crawl": mark("Photos searched for"),
    "video": mark("Frames taken"),
    "reprocess": mark("Photos processed again"),
    "duplicates": mark("Near copies compared"),
    "source_moved": mark("Source moved"),
    "source_removed": mark("Source removed"),
    "erase": mark("Photo erased"),
    "export": mark("Export"),
    "backup": mark("Backup"),
    "restore": mark("Backup restored"),
    "claim": mark("Faces taken"),
    "hand_out": mark("Hand-out"),
    "hand_out_taken_back": mark("Hand-out taken back"),
    "second_opinions": mark("Second opinions"),
    "gold": mark("Gold"),
    "gold_removed": mark("Gold taken out"),
    "gold_share": mark("Share of gold"),
    "predictions": mark("Suggestions brought in"),
    "people_by_looks_on": mark("Faces described"),
    "people_by_looks_off": mark("Descriptions of faces deleted"),
    "persons_merged": mark("Persons merged"),
    "person_split": mark("Person split"),
    "person_named": mark("Person named"),
    "person_level": mark("Folders named after persons"),
    "person_list": mark("Table of persons"),
}
"""Of the kinds of rows, for a filter."""
STEP: Final = {
    "decided": mark("decided on {n} faces"),
    "adjudicated": mark("settled {n} faces"),
    "taken_back": mark("took back decisions on {n} faces"),
}
STEP_OF_ONE: Final = {
    "decided": mark("decided on 1 face"),
    "adjudicated": mark("settled 1 face"),
    "taken_back": mark("took back the decision on 1 face"),
}
ROLES: Final = {
    "owner": mark("owner"),
    "reviewer": mark("reviewer"),
    "annotator": mark("annotator"),
    "viewer": mark("viewer"),
}


_ROLE_PARAMS: Final = ("role",)


_COMMAND_LINE: Final = mark("command line")


class _Values(dict[str, object]):
    """A row of an older or newer Moue may lack a parameter."""

    def __missing__(self, _key: str) -> str:
        return "…"


def who(name: str, locale: str) -> str:
    """The name as it is shown: a person's is their own."""
    return translate(locale, _COMMAND_LINE) if name == COMMAND_LINE else name


def sentence(entry: Entry, locale: str) -> str:
    """What was done, without who and when."""
    if entry.action == DECISIONS:
        steps = entry.params.items()
        parts = [_filled(locale, (STEP_OF_ONE if n == 1 else STEP)[what], {"n": f"{n:,}"}) for what, n in steps]
        return translate(locale, ", ").join(parts)
    known = SENTENCES.get(entry.action)
    if entry.action == "setting":
        name = entry.params.get("name")
        told = _SUGGESTER if name == "suggester" else _SETTINGS.get((name, entry.params.get("value")))
        known = told or known
    return entry.action if known is None else _filled(locale, known, _shown(entry.params, locale))


def _filled(locale: str, text: str, values: Mapping[str, object]) -> str:
    return translate(locale, text).format_map(_Values(values))


def _shown(params: Mapping[str, Any], locale: str) -> dict[str, object]:
    return {key: translate(locale, ROLES.get(value, value)) if key in _ROLE_PARAMS else value
            for key, value in params.items()}  # fmt: skip
