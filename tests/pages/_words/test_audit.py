"""Whatever changes a workspace is in the audit, and everything in the audit has words."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path
from typing import Final

import pytest

from db.team.history import DECISIONS, Entry
from pages._words import audit
from pages._words.vocabulary import JOB_KIND_WORDS
from pipeline.cli.commands import COMMANDS, WITHOUT_DATABASE
from tests.source.parsed import parsed

ROOT: Final = Path(__file__).resolve().parents[3]
OF_COMMANDS: Final = {
    "ingest": "ingest", "import": "import", "crawl": "crawl", "video": "video", "reprocess": "reprocess",
    "duplicates": "duplicates",
    "decide": DECISIONS, "export": "export", "backup": "backup", "restore": "restore", "erase": "erase",
    "roles": "role", "token": "token", "consensus": "consensus_rule", "predictions": "predictions",
    "suggest": "setting",
    "people": "person_level",
}  # fmt: skip
"""What a command leaves in the audit, or among the decisions."""
ONLY_READ: Final = {
    "similar",
    "status",
    "release",
    "verify",
    "compare",
    "audit",
    "classify",
    "classifier",
    "agreement",
    "statistics",
}
TABLES_AUDITED: Final = {
    "classes": "class_added", "rules": "rule_saved", "roles": "role", "releases": "export", "handouts": "hand_out",
    "consensus_rules": "consensus_rule", "guidelines": "guideline", "guideline_examples": "guideline_example",
    "tokens": "token", "gold": "gold", "claims": "claim", "second_opinions": "second_opinions",
    "sources": "source_removed",
    "person_levels": "person_level", "sighting_persons": "person_list", "face_persons": "person_list",
}  # fmt: skip
TABLES_NOT: Final = {
    "audit": "it is the audit", "decisions": "a chain of its own, shown with the audit", "meta": "each setting tells",
    "answers": "computed", "face_state": "computed", "face_columns": "computed", "face_changes": "computed",
    "table_digests": "computed", "jobs": "each job tells when it is begun", "images": "by a job, or an erase",
    "faces": "by a job, or drawn on Clean: nothing that was decided changes", "face_quality": "with the faces",
    "sightings": "by a job", "provenance": "by a job", "image_hashes": "by a job", "near_pairs": "by a job",
    "duplicate_groups": "computed", "duplicate_members": "computed", "taken_apart": "by a job",
    "licence_codes": "by a job", "annotator_codes": "computed", "files_to_delete": "with what was erased",
    "pair_verdicts": "names who said so and when itself", "annotators": "names when itself",
    "annotator_identities": "written at the first sign-in, never changed", "views": "filters under a name: no data",
    "empty_undos": "an undo that found nothing", "notes": "name who and when themselves",
    "refused_ops": "what was not done", "release_manifests": "with the release",
    "placements": "with the release, or the import", "told_together": "with the import",
    "possible_slips": "computed", "held_out": "computed", "slip_examples": "computed",
    "face_meshes": "with the faces", "descriptors": "computed", "descriptor_bases": "computed",
    "persons": "with what tells of them", "person_names": "with what tells of them", "face_embeddings": "computed",
    "kept_labels": "name who and when themselves",
    "selections": "filters of Review: no data", "selection_blocks": "filters", "descriptor_blocks": "computed",
    "column_tokens": "computed",
    "resolved_notes": "name who and when themselves", "gold_served": "what was shown, not what was done",
    "suggestion_models": "names who asked for it and when itself", "suggestion_blocks": "computed",
    "suggestion_pending": "computed", "random_draws": "names whose batch drew it and when itself",
}  # fmt: skip
"""Tables whose changes leave no row of their own in the audit, and why."""


@cache
def slugs() -> set[str]:
    """The actions of all calls of `audit.append` that are written out."""
    found = set()
    for top in ("db", "pipeline", "pages"):
        for text in (file.read_text("utf-8") for file in (ROOT / top).rglob("*.py")):
            for node in ast.walk(parsed(text)) if "audit.append" in text else ():  # to walk through all takes 5 s
                if isinstance(node, ast.Call) and ast.unparse(node.func) == "audit.append":
                    found |= {
                        part.value
                        for part in ast.walk(node.args[2])
                        if isinstance(part, ast.Constant) and isinstance(part.value, str)
                    }
    return found


def test_every_action_has_words() -> None:
    assert len(slugs()) >= 25
    assert slugs() | {"ingest", "crawl", "video", "reprocess"} <= set(audit.SENTENCES)
    assert set(audit.NAMES) == set(audit.SENTENCES) | {DECISIONS}
    assert set(JOB_KIND_WORDS) <= set(audit.SENTENCES)


def test_every_command_is_audited_or_only_reads() -> None:
    assert set(COMMANDS) | set(WITHOUT_DATABASE) <= set(OF_COMMANDS) | ONLY_READ
    assert set(OF_COMMANDS.values()) <= set(audit.NAMES)


def test_every_table_is_audited_or_is_not_for_a_reason() -> None:
    schema = (ROOT / "docs" / "schema.md").read_text("utf-8")
    tables = {line.removeprefix("## ").strip("` ") for line in schema.splitlines() if line.startswith("## ")}
    assert len(tables) >= 30
    assert tables <= set(TABLES_AUDITED) | set(TABLES_NOT), tables - set(TABLES_AUDITED) - set(TABLES_NOT)
    assert set(TABLES_AUDITED.values()) <= set(audit.SENTENCES)


@pytest.mark.parametrize("locale", ["en", "zh"])
@pytest.mark.parametrize("action", sorted(audit.SENTENCES))
def test_a_row_of_another_moue_is_told_all_the_same(action: str, locale: str) -> None:
    assert "{" not in audit.sentence(Entry("", "Ada", action, {}), locale)


@pytest.mark.parametrize(
    ("name", "value", "told", "chinese"),
    [
        ("suggestions", False, "switched suggestions off", "关闭建议"),
        ("hide_suggestions", True, "hid suggestions until a face is answered", "在作答前隐藏建议"),
        ("pseudonyms", True, "let letters be shown instead of names", "改为显示字母代替姓名"),
        ("suggester", "resnet", "chose “resnet” as the one that suggests", "选择由“resnet”提供建议"),
        ("of a later Moue", 3, "changed a setting: of a later Moue, 3", "更改设置：of a later Moue，3"),
    ],
)
def test_a_setting_is_told_in_words(name: str, value: object, told: str, chinese: str) -> None:
    entry = Entry("", "Ada", "setting", {"name": name, "value": value})
    assert (audit.sentence(entry, "en"), audit.sentence(entry, "zh")) == (told, chinese)


def test_every_setting_that_is_noted_has_words() -> None:
    """Whoever notes one by a name of its own needs a sentence of its own."""
    noted = [file for root in ("db", "pipeline", "pages") for file in (ROOT / root).rglob("*.py")
             if '"setting", {"name"' in file.read_text("utf-8")]  # fmt: skip
    assert {file.name for file in noted} == {"suggesters.py", "settings.py", "pseudonyms.py"}


def test_a_step_is_told_by_what_it_did() -> None:
    entry = Entry("", "Ada", DECISIONS, {"decided": 1200, "taken_back": 3})
    assert audit.sentence(entry, "en") == "decided on 1,200 faces, took back decisions on 3 faces"
    assert audit.sentence(Entry("", "Ada", "unheard_of", {"x": 1}), "en") == "unheard_of"


def test_one_face_is_told_in_the_singular() -> None:
    steps = {"decided": 1, "adjudicated": 1, "taken_back": 2}
    told = audit.sentence(Entry("", "Ada", DECISIONS, steps), "en")
    assert told == "decided on 1 face, settled 1 face, took back decisions on 2 faces"
