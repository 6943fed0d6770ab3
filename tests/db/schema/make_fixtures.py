"""A small workspace as each released schema wrote it, kept as SQL text in `fixtures/`.

`python -m tests.db.schema.make_fixtures` writes those that are not there yet; one that is there is never written again:
it is what people have on their disks.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import struct
from collections.abc import Iterator
from pathlib import Path

from sqlite_utils import Migrations
from sqlite_utils.db import Database as Db

from db.schema import migrate

FIXTURES = Path(__file__).parent / "fixtures"
AT = "2026-01-31T09:05:07.123Z"
LOG_COLUMNS = (
    *("seq", "uuid", "step", "annotator", "face_id", "sha256", "verdict", "class_id", "reason", "undoes"),
    *("at", "took_ms"),
)


def versions() -> list[str]:
    """The names of all migrations of this code, in order."""
    return [step.name for step in migrate.MIGRATIONS._migrations]


def database_of(version: str) -> sqlite3.Connection:
    """A database in memory, of this version's tables, with a few rows in each."""
    wanted = versions()[: versions().index(version) + 1]
    steps = Migrations("moue")
    for step in migrate.MIGRATIONS._migrations[: len(wanted)]:
        steps(name=step.name)(step.fn)
    conn = sqlite3.connect(":memory:", isolation_level=None)
    migrate.migrate(Db(conn), Path(":memory:"), Path(), steps)
    for name in wanted:
        if name in FILLERS:
            FILLERS[name](conn)
    return conn


def sha(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()


def face(n: int) -> str:
    return f"{n:032x}"


def _fill_first(conn: sqlite3.Connection) -> None:
    """Two images of three faces and one; one face accepted, one rejected, one decided and taken back, one untouched."""
    conn.execute("INSERT INTO sources VALUES (1, 'folder', '/x', ?)", [AT])
    conn.execute(
        "INSERT INTO jobs (id, kind, params, state, total, done, counts, error, started_at, heartbeat_at, finished_at)"
        " VALUES ('j1', 'ingest', '{\"paths\": [\"/x\"]}', 'done', 3, 3, '{\"added\": 2}', NULL, ?, ?, ?)",
        [AT, AT, AT],
    )
    for number, (name, faces) in enumerate([("a", 3), ("b", 1)], 1):
        conn.execute(
            "INSERT INTO images (sha256, outcome, reason, width, height, format, byte_size, storage, original, unified,"
            " source_id, proposal, detector, margin, created_at)"
            " VALUES (?, 'added', '', 640, 480, 'JPEG', ?, 'referenced', ?, 0, 1, 2, 'yunet', 1.5, ?)",
            [sha(name), number, f"/x/{name}.jpg", AT],
        )
        conn.execute(
            "INSERT INTO sightings (source_id, location, size, mtime_ns, sha256, outcome, reason, first_job, seen_at,"
            " outcome_rank) VALUES (1, ?, ?, 7, ?, 'added', '', 'j1', ?, 6)",
            [f"/x/{name}.jpg", number, sha(name), AT],
        )
        for rank in range(faces):
            conn.execute(
                "INSERT INTO faces (id, sha256, rank, detector, score, x1, y1, x2, y2, landmarks, crop_x, crop_y,"
                " crop_width, crop_height, crop_version, origin, created_at)"
                " VALUES (?, ?, ?, 'yunet', 0.9, 1, 2, 3, 4, zeroblob(544), 5, 6, 7, 8, 'v', 'detector', ?)",
                [face(10 * number + rank), sha(name), rank, AT],
            )
    conn.execute(
        "INSERT INTO sightings (source_id, location, size, mtime_ns, outcome, reason, first_job, seen_at, outcome_rank)"
        " VALUES (1, '/x/half.jpg', 5, 7, 'undecodable', 'the file is empty', 'j1', ?, 1)",
        [AT],
    )
    conn.execute("INSERT INTO annotators VALUES ('Ann', ?)", [AT])
    _decide(conn)
    conn.execute(
        "INSERT INTO releases (name, path, params, counts, digest, annotator, created_at)"
        " VALUES ('first', '/out', '{}', '{}', 'd', 'Ann', ?)",
        [AT],
    )
    state = (
        "SELECT f.id, f.seq, i.source_id, i.proposal, ifnull(i.proposal, 9223372036854775807), d.verdict, d.class_id,"
        " d.reason, d.annotator, d.at, d.uuid, (SELECT count(*) FROM decisions n WHERE n.face_id = f.id"
        " AND n.verdict <> 'undo' AND NOT EXISTS (SELECT 1 FROM decisions u WHERE u.undoes = n.uuid))"
        " FROM faces f JOIN images i USING (sha256) LEFT JOIN decisions d ON d.face_id = f.id AND d.verdict <> 'undo'"
        " AND NOT EXISTS (SELECT 1 FROM decisions u WHERE u.undoes = d.uuid)"
    )
    conn.execute(
        "INSERT INTO face_state (face_id, seq, source_id, proposal, proposal_rank, verdict, class_id, reason,"
        f" annotator, at, decision_uuid, n_decisions) {state}"
    )


def _decide(conn: sqlite3.Connection) -> None:
    """Four rows of the log, hashed by hand (SHA-256 over the hash before and canonical JSON)."""
    verdicts: list[tuple[int, str, int | None, str | None, str | None]] = [
        (10, "accept", 3, None, None),
        (11, "reject", None, "blurred", None),
        (12, "unsure", None, None, None),
        (12, "undo", None, None, f"{3:08d}-0000-4000-8000-000000000000"),
    ]
    before = "0" * 64
    for seq, (n, verdict, class_id, reason, undoes) in enumerate(verdicts, 1):
        key = f"{seq:08d}-0000-4000-8000-000000000000"
        values = [seq, key, key, "Ann", face(n), sha("a"), verdict, class_id, reason, undoes, AT, 5]
        body = json.dumps(dict(zip(LOG_COLUMNS, values, strict=True)), sort_keys=True, separators=(",", ":"))
        digest = hashlib.sha256((before + body).encode()).hexdigest()
        marks = ", ".join("?" * (len(values) + 2))
        names = ", ".join((*LOG_COLUMNS, "prev_hash", "hash"))
        conn.execute(f"INSERT INTO decisions ({names}) VALUES ({marks})", [*values, before, digest])
        before = digest
    conn.execute("INSERT INTO meta VALUES ('decisions_head', ?)", [f"{len(verdicts)}:{before}"])


def _fill_cleaning(conn: sqlite3.Connection) -> None:
    conn.execute(
        "INSERT INTO face_quality (seq, side, sharpness, exposure, contrast, yaw, pitch, roll, outside, score,"
        " plausibility, opening, width, lift) SELECT seq, 40, 5, 0, 3, 1, 2, 3, 0, 900, 800, 1, 2, 3 FROM faces"
    )
    conn.execute(
        "INSERT INTO rules (name, conditions, reason, active, step, annotator, changed_at)"
        " VALUES ('too small', '{\"side\": [24, null]}', 'too_small', 0, NULL, 'Ann', ?)",
        [AT],
    )
    for name in ("a", "b"):
        conn.execute("INSERT INTO image_hashes (sha256, hashes, compared) VALUES (?, zeroblob(192), 1)", [sha(name)])
    first, second = sorted((sha("a"), sha("b")))
    conn.execute("INSERT INTO near_pairs VALUES (?, ?, 1, 2, 'plain', ?)", [first, second, AT])
    conn.execute(
        "INSERT INTO pair_verdicts (a, b, same, annotator, at) VALUES (?, ?, 1, 'Ann', ?)", [first, second, AT]
    )
    conn.execute(
        "INSERT INTO duplicate_groups (keeper, reason, size) VALUES (?, ?, 2)",
        [first, "sharpest: 5 against 4, mouths alike in size"],
    )
    for name in (first, second):
        conn.execute(
            "INSERT INTO duplicate_members SELECT ?, 1, max(s.verdict IS NOT 'reject'), min(s.class_id),"
            " max(s.class_id) FROM faces f JOIN face_state s ON s.face_id = f.id WHERE f.sha256 = ?",
            [name, name],
        )


def _fill_review(conn: sqlite3.Connection) -> None:
    conn.execute("INSERT INTO views VALUES ('mine', '{\"state\": \"undecided\"}', 'Ann', ?)", [AT])


def _fill_web(conn: sqlite3.Connection) -> None:
    conn.execute(
        "INSERT INTO provenance VALUES (1, 'https://img.example/a.jpg', 'https://example/a', 'A', 'Eve', 'CC BY 4.0',"
        " 'https://creativecommons.org/licenses/by/4.0/', 'wikimedia', 'pout', ?)",
        [AT],
    )
    conn.execute("UPDATE sightings SET part_of = ? WHERE id = 2", [sha("video")])


def _fill_frames(conn: sqlite3.Connection) -> None:
    conn.execute("INSERT INTO taken_apart VALUES (1, '/x/v.mp4', 'every 1 s', 9, 7, '[[\"@1.000s\", 12]]')")


def _fill_identities(conn: sqlite3.Connection) -> None:
    conn.execute("INSERT INTO annotator_identities VALUES ('https://id.example', '42', 'Ann')")


def _fill_team(conn: sqlite3.Connection) -> None:
    conn.execute(
        "INSERT INTO answers (face_id, annotator, seq, verdict, class_id, reason, at) SELECT s.face_id, s.annotator,"
        " d.seq, s.verdict, s.class_id, s.reason, s.at FROM face_state s JOIN decisions d ON d.uuid = s.decision_uuid"
    )
    conn.execute("UPDATE face_state SET n_answers = 1 WHERE verdict IS NOT NULL")
    conn.execute("INSERT INTO handouts VALUES (1, '{\"source\": \"1\"}', 'Ann', 'Ann', ?, NULL, NULL)", [AT])
    conn.execute("INSERT INTO second_opinions VALUES (?, 2, 'share', ?)", [face(12), AT])
    conn.execute("INSERT INTO gold VALUES (?, 'accept', 3, NULL, 'Ann', ?)", [face(10), AT])
    conn.execute("INSERT INTO gold_served VALUES (?, 'Ann', ?)", [face(10), AT])
    key = "00000000-0000-4000-8000-00000000abcd"
    conn.execute("INSERT INTO notes VALUES (?, ?, 'Ann', 'a yawn?', ?)", [key, face(12), AT])
    conn.execute("INSERT INTO guidelines VALUES (3, 'The corners go up.', 'Ann', ?)", [AT])
    conn.execute("INSERT INTO guideline_examples VALUES (3, ?, 0, 0, 'Ann', ?)", [face(10), AT])
    conn.execute("INSERT INTO roles VALUES ('Ann', 'owner', 'Ann', ?)", [AT])


def _fill_suggestions(conn: sqlite3.Connection) -> None:
    conn.execute(
        "INSERT INTO suggestion_models VALUES (1, 'moue', 1, 'zero_label', ?, NULL, '[1, 2, 3, 4]', '[\"opening\"]',"
        " '', 0, '{}', '{}', 1)",
        [AT],
    )
    row = (26214, 13107, 13107, 13107)
    data = struct.pack("<8192H", *(0,) * 4, *row, *(0,) * 8184)
    conn.execute("INSERT INTO suggestion_blocks VALUES (1, 0, ?)", [data])
    conn.execute("INSERT INTO random_draws VALUES (?, ?, 'Ann', 1, 1, 0.4)", [face(10), AT])
    conn.execute("DELETE FROM suggestion_pending WHERE seq = 1")


def _fill_slips(conn: sqlite3.Connection) -> None:
    conn.execute("INSERT INTO possible_slips VALUES (?, 0, 3, 1, 0.125, 0.75, 1, ?)", [face(10), AT])
    conn.execute("INSERT INTO slip_examples VALUES (?, 1, 0, ?)", [face(10), face(12)])
    conn.execute("INSERT INTO kept_labels VALUES (?, 3, 'Ann', ?)", [face(10), AT])
    conn.execute("INSERT INTO held_out VALUES (1, ?, 1)", [face(10)])


def _fill_meshes(conn: sqlite3.Connection) -> None:
    conn.execute("INSERT INTO face_meshes VALUES (?, ?)", [face(10), struct.pack("<58f", *(n / 64 for n in range(58)))])


def _fill_descriptors(conn: sqlite3.Connection) -> None:
    conn.execute("INSERT INTO descriptor_bases VALUES (1, 'hog-colour-1', 1, x'00')")
    seq = conn.execute("SELECT seq FROM faces WHERE id = ?", [face(10)]).fetchone()[0]
    conn.execute("INSERT INTO descriptors VALUES (?, 1, ?)", [seq, struct.pack("<48e", *(n / 64 for n in range(48)))])


def _fill_refused(conn: sqlite3.Connection) -> None:
    conn.execute("INSERT INTO refused_ops VALUES (?, 'Ann', 'face_removed', ?)", ["0" * 32, AT])


def _fill_placements(conn: sqlite3.Connection) -> None:
    conn.execute("INSERT INTO placements VALUES ('first', ?, 1, 'val')", [sha("a")])


def _fill_tokens(conn: sqlite3.Connection) -> None:
    columns = "annotator, name, role, hash, made_by, made_at"
    conn.execute(f"INSERT INTO tokens ({columns}) VALUES ('Ann', 'nightly', 'viewer', ?, 'Ann', ?)", [sha("token"), AT])


def _fill_selections(conn: sqlite3.Connection) -> None:
    seq = conn.execute("SELECT seq FROM faces WHERE id = ?", [face(10)]).fetchone()[0]
    conn.execute("INSERT INTO selections VALUES (1, 'Ann', ?)", [AT])
    digits = ("1" if n == seq else "0" for n in range(2048))
    conn.execute("INSERT INTO selection_blocks VALUES (1, 0, ?)", ["".join(digits)])


def _fill_people(conn: sqlite3.Connection) -> None:
    conn.execute("INSERT INTO persons VALUES (1, 'Zoë', ?)", [AT])
    conn.execute("INSERT INTO person_names VALUES (0, 'Zoë', 1)")
    conn.execute("INSERT INTO person_levels VALUES (1, 1, 0)")
    conn.execute("INSERT INTO sighting_persons SELECT min(id), 1, 'folder' FROM sightings WHERE sha256 IS NOT NULL")
    conn.execute("INSERT INTO face_persons VALUES (?, 1, 'looks')", [face(10)])
    conn.execute(
        "INSERT INTO face_embeddings VALUES (?, ?)", [face(10), struct.pack("<128f", *(n / 64 for n in range(128)))]
    )


def _fill_releases(conn: sqlite3.Connection) -> None:
    conn.execute("INSERT INTO release_manifests VALUES (1, '{}', x'00', x'00')")


def _fill_together(conn: sqlite3.Connection) -> None:
    conn.execute("INSERT INTO told_together SELECT ?, sha256 FROM images", [sha("a video")])


FILLERS = {
    "0001_first": _fill_first,
    "0002_cleaning": _fill_cleaning,
    "0003_review": _fill_review,
    "0004_web": _fill_web,
    "0006_parts": _fill_frames,
    "0007_identities": _fill_identities,
    "0019_team": _fill_team,
    "0021_suggestions": _fill_suggestions,
    "0022_slips": _fill_slips,
    "0023_meshes": _fill_meshes,
    "0024_descriptors": _fill_descriptors,
    "0025_refused_ops": _fill_refused,
    "0031_release_manifests": _fill_releases,
    "0026_placements": _fill_placements,
    "0028_tokens": _fill_tokens,
    "0029_selections": _fill_selections,
    "0030_people": _fill_people,
    "0032_told_together": _fill_together,
}
"""What a version adds rows to, once all of its migrations are applied."""


def dump(conn: sqlite3.Connection) -> Iterator[str]:
    """The database as SQL; the times at which the migrations were applied are always the same."""
    conn.execute("UPDATE _sqlite_migrations SET applied_at = ?", [AT])
    yield from conn.iterdump()


def main() -> None:
    FIXTURES.mkdir(exist_ok=True)
    for version in versions():
        file = FIXTURES / f"{version}.txt"
        if not file.exists():
            file.write_text("\n".join(dump(database_of(version))) + "\n", "utf-8")
            print(file)


if __name__ == "__main__":
    main()
