"""docs/schema.md: the tables of a fresh database, with what the migrations' comments say.

python -m tests.docs.schema_page    writes it anew
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from typing import Final

from sqlite_utils.db import Database as Db

from db.schema import migrate
from tests.docs.pages import ROOT

SCHEMA_PAGE: Final = ROOT / "docs/schema.md"

#: What a row of each table is. Migrations are never changed, so what their comments do not say stands here.
TABLES: Final[dict[str, str]] = {
    "annotator_codes": "A whole number for each annotator: what the column `annotator` of `face_columns` holds.",
    "annotator_identities": "A person whom an OIDC provider signed in; the annotator's name is for show.",
    "annotators": "A person or a rule (`rule:<name>`) that decides.",
    "answers": "Each annotator's own answer on a face, as it stands: computed from the log.",
    "audit": "What was done beside deciding: appended to, never changed, each row chained to the one before.",
    "claims": "Who has a face before them for now, so that nobody else is given it.",
    "classes": "A class of the workspace. Decisions name it by its id, so renaming keeps them.",
    "consensus_rules": "Which decision counts where people differ: the newest row that is not undone holds.",
    "decisions": "The decision log: appended to, never changed, each row chained to the one before it by its hash.",
    "duplicate_groups": "A group of near duplicates with its keeper.",
    "duplicate_members": "An image of a group.",
    "empty_undos": "An undo or redo that found nothing to do: a repeat does nothing, either. Or one given up.",
    "face_changes": "A face whose blocks in `face_columns` are behind; readers lay its row over them.",
    "face_columns": "`face_state` and `face_quality` once more, by column, in blocks: what lists and counts read.",
    "face_quality": "The quality metrics of a face, as whole numbers: value × the scale of `pipeline/core/metrics.py`.",
    "face_state": "The projection of the log: the state of each face that is shown. It can be rebuilt at any time.",
    "faces": "A face: its box, landmarks and crop. A removed one keeps its row.",
    "files_to_delete": "A file of the workspace whose rows are gone: it goes behind the commit or at the next opening.",
    "gold": "A face whose right answer is known, to see how well people answer.",
    "gold_served": "To whom a gold face was shown as if it were undecided.",
    "guideline_examples": "A crop that shows a class, or what looks like it and is not.",
    "guidelines": "What a class means, in the team's words.",
    "handouts": "A filter of Review whose faces are for one person.",
    "descriptor_bases": "What the vectors in descriptors are computed with: a principal component analysis of crops.",
    "descriptors": "What a mouth looks like, as a short vector.",
    "descriptor_blocks": "Changes with the descriptors of a block: what is kept of them in memory is read anew then.",
    "face_meshes": "What the Face Landmarker says of a face that was processed while it was installed.",
    "face_embeddings": "What a face looks like to a recognition net: made only where the owner switched it on.",
    "face_persons": "Whose face it is.",
    "held_out": "What a learned model says of a face whose answer is known, without having seen its label.",
    "image_hashes": "The perceptual hashes of an image: 6 of 256 bits (pHash and dHash, in three views).",
    "images": "A stored image, by the SHA-256 of its file.",
    "jobs": "Long work in a process of its own: what it is, how far it is, how it ended.",
    "kept_labels": "A possible slip that somebody looked at and kept. Under another label it is doubted again.",
    "licence_codes": "A whole number for each licence: what the column `licence` of `face_columns` holds.",
    "meta": "Single values: settings of the workspace, the end of the decision log.",
    "near_pairs": "Two images (a < b) whose hashes are near. phash, dhash: bits of 256 that differ.",
    "notes": "What people say to each other about a face.",
    "pair_verdicts": "What a person said of a near pair: the same photo or not. The newest row of a pair counts.",
    "placements": "Which split each image got in the releases of a name: the next release leaves it there.",
    "person_levels": "A source whose folders are named after the persons on their photos.",
    "person_names": "Whom a name in a list, or of a folder, means.",
    "persons": "A person who is told apart from others, with a name or without.",
    "possible_slips": "Accepted faces whose label is probably wrong, as the last training found them.",
    "provenance": "Where on the web a file is from: addresses, author, licence, and the search that found it.",
    "release_manifests": "What a release holds: two releases are compared by it, and one is made again.",
    "refused_ops": "A key press that could not be kept: how many each person had is told on Progress.",
    "random_draws": "A face that the random quarter of a batch drew: accuracy is told from these.",
    "releases": "An export: where, with what options, how many of what, and the digest of its files.",
    "resolved_notes": "A face whose notes are settled; a newer note opens them again.",
    "roles": "What an annotator may do. Who has no row has the role of a newcomer.",
    "tokens": "Tokens by which scripts say who they are: a hash of each, whose it is, and its role.",
    "rules": "A range of quality metrics outside of which undecided faces are rejected while the rule is on.",
    "second_opinions": "A face that several people answer without seeing each other's answers.",
    "selection_blocks": "The faces of a selection, in blocks.",
    "selections": "A set of faces that somebody selected on the map. The newest 100 are kept.",
    "sighting_persons": "The person on a photo, as a list or the folder of a file says.",
    "sightings": "A file that was met in a source, and what became of it.",
    "slip_examples": "For a possible slip the faces of each class that look most like it.",
    "sources": "A folder, file, zip, upload, search or list that images come from.",
    "suggestion_blocks": "What a model suggests: probabilities by class, in blocks; of its newest version alone.",
    "suggestion_models": "A version of a model that suggests classes. What it suggests is never a decision.",
    "suggestion_pending": "A face whose suggestion is still to be computed, or to be computed anew.",
    "table_digests": "What each table held when Moue wrote it last: `verify` finds a row that something else changed.",
    "taken_apart": "A video or animation that was decoded to its end, and the frames that it gave.",
    "column_tokens": "For each column of `face_columns` what is another number whenever it changes: what is kept of it"
    " in memory holds as long.",
    "told_together": "Photos that a data set said belong together, as frames of one video do: no split parts them.",
    "views": "A saved view of Review.",
}
#: Meanings that a comment does not give, or gives in names of its time.
COLUMNS: Final[dict[tuple[str, str], str]] = {
    ("face_changes", "figures"): "1: the quality metrics changed, too",
    ("face_quality", "seq"): "",
    ("images", "original"): "absolute path where `referenced`, else relative to the workspace",
    ("taken_apart", "how"): "which frames were asked for",
}
_HEAD: Final = """# The database

Written by `python -m tests.docs.schema_page` from a fresh database; a test holds it to be current. SQLite, one file
(`moue.db`), all tables STRICT. Migrations lie in `db/schema/migrations/`, a module each; a released one never changes.
Times are UTC, ISO 8601 with milliseconds. Images are named by the SHA-256 of their file, in hexadecimal.

Nearly every table also has three triggers `digest_<table>_…`, made anew behind each migration by
`db/schema/table_digests.py`. They call a function of Moue's: another program can read the database, but not write.
"""
_CREATE: Final = re.compile(r"^CREATE TABLE (\w+) \((.*?)\) STRICT\b", re.MULTILINE | re.DOTALL)
_RENAME: Final = re.compile(r"^ALTER TABLE (\w+) RENAME TO (\w+);", re.MULTILINE)
_ALTER: Final = re.compile(r"^ALTER TABLE (\w+) ADD COLUMN (\w+) .*?; -- (.+)$", re.MULTILINE)
_COLUMN: Final = re.compile(r"(\w+) (?:TEXT|INTEGER|REAL|BLOB)\b")


def page() -> str:
    """The whole page. Raises KeyError for a table without a meaning."""
    conn = sqlite3.connect(":memory:", isolation_level=None)
    migrate.MIGRATIONS.apply(Db(conn))
    meanings = {**dict(comments()), **COLUMNS}
    names = "SELECT name FROM pragma_table_list WHERE type = 'table' AND name NOT GLOB 'sqlite_*' ORDER BY name"
    tables = [name for (name,) in conn.execute(names) if not name.startswith("_sqlite")]
    parts = [_HEAD, *("\n".join(_table(conn, table, meanings)) for table in tables)]
    conn.close()
    return "\n".join(parts)


def comments() -> Iterator[tuple[tuple[str, str], str]]:
    """((table, column), comment): a comment is about the last column of its line."""
    for sql in migrate.SCRIPTS.values():
        renamed = dict(_RENAME.findall(sql))
        for made, body in _CREATE.findall(sql):
            table = renamed.get(made, made)
            for line in body.splitlines():
                code, _, comment = line.partition(" -- ")
                columns = _COLUMN.findall(code)
                if comment and columns:
                    yield (table, columns[-1]), comment.strip()
        for table, column, comment in _ALTER.findall(sql):
            yield (table, column), comment.strip()


def _table(conn: sqlite3.Connection, table: str, meanings: dict[tuple[str, str], str]) -> Iterator[str]:
    yield f"## {table}\n"
    yield f"{TABLES[table]}\n"
    yield "| column | type | meaning |"
    yield "|---|---|---|"
    keys = {row[3]: f"→ `{row[2]}.{row[4]}`" for row in conn.execute(f"PRAGMA foreign_key_list({table})")}
    for _, name, kind, required, default, primary in conn.execute(f"PRAGMA table_info({table})"):
        said = [keys.get(name, ""), _cell(meanings.get((table, name), ""))]
        words = [kind, "key" if primary else "" if required else "or null"]
        words.append("" if default is None else f"default `{_cell(default)}`")
        yield f"| `{name}` | {', '.join(filter(None, words))} | {'; '.join(filter(None, said))} |"
    sql = "SELECT name FROM sqlite_master WHERE type = ? AND tbl_name = ? AND sql IS NOT NULL ORDER BY name"
    for kind, title in (("index", "Indices"), ("trigger", "Triggers")):
        found = [f"`{name}`" for (name,) in conn.execute(sql, [kind, table])]
        if found:
            yield f"\n{title}: {', '.join(found)}."
    yield ""


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    SCHEMA_PAGE.write_text(page(), "utf-8")
