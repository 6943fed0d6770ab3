"""A workspace of any size, made of rows alone: no photo is behind them, everything else is as Moue writes it."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
from sqlite_utils.db import Database as Db

from db.base.outcome_order import OUTCOME_RANKS
from db.decisions import chain, rules
from db.projection import columns
from db.projection.face_state import rebuild_state
from db.schema import table_digests
from db.store.store import DATABASE_NAME, Store
from pipeline.core.metrics import METRICS
from pipeline.core.outcome import Outcome
from pipeline.core.records import Settings

SOURCES: Final = 40
JOB: Final = "bench-job"
_AT: Final = "2026-01-31T09:05:07.123Z"
_FAILURES: Final = (Outcome.UNDECODABLE, Outcome.UNSUPPORTED, Outcome.ALREADY_PRESENT)
_POINTS: Final = bytes(544)
_RULE: Final = "sharp enough"
_STEP: Final = str(uuid.UUID(int=2**64))


def make(root: Path, images: int, faces: int, decisions: int) -> None:
    """Fill the new workspace `root`: sources, images, sightings, faces, figures, hashes, a chained log, its state."""
    Store.open(root).close()
    conn = sqlite3.connect(root / DATABASE_NAME, isolation_level=None)
    for line in ("journal_mode = WAL", "synchronous = OFF", "cache_size = -400000"):
        conn.execute(f"PRAGMA {line}").fetchall()
    table_digests.register(conn)
    db = Db(conn, execute_plugins=False)
    conn.execute("BEGIN")
    shas = [hashlib.sha256(f"image {n}".encode()).hexdigest() for n in range(images)]
    _images(conn, shas)
    ids = _faces(conn, shas, faces)
    _metrics(conn, faces)
    _near_copies(conn, shas)
    _decisions(conn, db, shas, ids, decisions)
    rebuild_state(db)
    columns.compact(db)
    conn.execute("COMMIT")
    conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    conn.close()


def source_of(image: int) -> int:
    """Sources differ in size: the first has a third of the images, the last a few."""
    return 1 if image % 3 == 0 else 2 + (image * image) % (SOURCES - 1)


def _faceless(image: int) -> bool:
    return image % 50 == 49


def _many(conn: sqlite3.Connection, table: str, names: str, rows: Iterator[tuple[Any, ...]]) -> None:
    marks = ", ".join("?" * (names.count(",") + 1))
    conn.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)


def _images(conn: sqlite3.Connection, shas: list[str]) -> None:
    _many(conn, "sources", "id, kind, location, created_at",
          ((n, "folder", f"/photos/{n}", _AT) for n in range(1, SOURCES + 1)))  # fmt: skip
    names = "sha256, outcome, reason, width, height, format, byte_size, storage, original, unified, source_id, proposal"
    rows = (
        (sha, "no_face" if _faceless(n) else "added", "", 1600, 1200, "JPEG", 100_000 + n, "referenced",
         f"/photos/{source_of(n)}/{n}.jpg", 0, source_of(n), 1 + n % 4 if n % 5 == 0 else None, "yunet", 1.5, _AT,
         Settings().processing)
        for n, sha in enumerate(shas))  # fmt: skip
    _many(conn, "images", f"{names}, detector, margin, created_at, processing", rows)
    _many(conn, "sightings", "source_id, location, size, mtime_ns, sha256, outcome, outcome_rank, reason, first_job,"
          " seen_at", _sightings(shas))  # fmt: skip
    rng = np.random.default_rng(3)
    _many(conn, "image_hashes", "sha256, hashes, compared, by_faces", ((sha, rng.bytes(192), 1, 1) for sha in shas))
    conn.execute(
        "INSERT INTO jobs (id, kind, params, state, started_at, heartbeat_at) VALUES (?, 'ingest', '{}', 'done', ?, ?)",
        [JOB, _AT, _AT],
    )


def _sightings(shas: list[str]) -> Iterator[tuple[Any, ...]]:
    for n, sha in enumerate(shas):
        place, outcome = source_of(n), Outcome.NO_FACE if _faceless(n) else Outcome.ADDED
        rank = OUTCOME_RANKS.index(outcome)
        yield place, f"/photos/{place}/{n}.jpg", 100_000 + n, n, sha, str(outcome), rank, "", JOB, _AT
        if n % 10 == 0:  # and a file that became nothing
            outcome = _FAILURES[n // 10 % len(_FAILURES)]
            twin = sha if outcome is Outcome.ALREADY_PRESENT else None
            why = f"'{n}.jpg' is not all there: byte {n}"
            rank = OUTCOME_RANKS.index(outcome)
            yield place, f"/photos/{place}/bad-{n}.jpg", 99_000 + n, n, twin, str(outcome), rank, why, JOB, _AT


def _faces(conn: sqlite3.Connection, shas: list[str], faces: int) -> list[str]:
    ids = [hashlib.md5(f"face {n}".encode()).hexdigest() for n in range(faces)]
    owners = _owners(shas, faces)
    names = "seq, id, sha256, rank, detector, score, x1, y1, x2, y2, landmarks, crop_x, crop_y, crop_width, crop_height"
    _many(conn, "faces", f"{names}, crop_version, origin, created_at", (
        (n + 1, ids[n], owners[n], n % 5, "yunet", 0.9, 10.5, 20.5, 110.25, 140.75, _POINTS,
         20, 80, 60, 60, f"{n:016x}", "detector", _AT)
        for n in range(faces)))  # fmt: skip
    return ids


def _owners(shas: list[str], faces: int) -> list[str]:
    """The image of each face."""
    having = [sha for n, sha in enumerate(shas) if not _faceless(n)]
    return [having[n * len(having) // faces] for n in range(faces)]


def _metrics(conn: sqlite3.Connection, faces: int) -> None:
    """Bell-shaped over each measure's span; two in a hundred have no score."""
    rng = np.random.default_rng(5)
    table = np.empty((faces, 1 + len(METRICS)), np.int64)
    table[:, 0] = np.arange(1, faces + 1)
    for place, metric in enumerate(METRICS, start=1):
        middle, spread = (metric.low + metric.high) / 2, (metric.high - metric.low) / 6
        values = rng.normal(middle, spread, faces).clip(metric.low, metric.high)
        table[:, place] = np.round(values * metric.scale)
        if metric.name == "score":
            table[rng.random(faces) < 0.02, place] = metric.to_stored(None)
    names = ", ".join(metric.name for metric in METRICS)
    _many(conn, "face_quality", f"seq, {names}", map(tuple, table.tolist()))


def _near_copies(conn: sqlite3.Connection, shas: list[str]) -> None:
    """Every fiftieth image has a near copy, and every two hundredth one that is said not to be; all were compared."""
    conn.execute("INSERT INTO meta VALUES ('near_views', 'plain,centre')")
    pairs = [tuple(sorted(shas[n : n + 2])) for n in range(0, len(shas) - 1, 50)]
    apart = [tuple(sorted(shas[n : n + 2])) for n in range(20, len(shas) - 1, 200)]
    _many(conn, "near_pairs", "a, b, phash, dhash, view, found_at",
          ((a, b, 20, 10, "plain", _AT) for a, b in (*pairs, *apart)))  # fmt: skip
    _many(conn, "pair_verdicts", "a, b, same, annotator, at", ((a, b, 0, "Ann", _AT) for a, b in apart))
    _many(conn, "duplicate_groups", "id, keeper, reason, size",
          ((n, a, "largest mouth", 2) for n, (a, _) in enumerate(pairs, start=1)))  # fmt: skip
    _many(conn, "duplicate_members", "sha256, group_id, live",
          ((sha, n, 1) for n, pair in enumerate(pairs, start=1) for sha in pair))  # fmt: skip


def _decisions(conn: sqlite3.Connection, db: Db, shas: list[str], ids: list[str], decisions: int) -> None:
    """Spread over all faces; three in four accept, one in ten is a rule's, one in a hundred is taken back."""
    conn.executemany("INSERT INTO annotators VALUES (?, ?)", [("Ann", _AT), (rules.annotator_of(_RULE), _AT)])
    conn.execute(  # on, with nothing left to reject: an ingest would go on with it
        "INSERT INTO rules (name, conditions, reason, active, step, annotator, changed_at)"
        " VALUES (?, '{\"side\": [0, null]}', 'blurred', 1, ?, 'Ann', ?)",
        [_RULE, _STEP, _AT],
    )
    _many(
        conn, "decisions", f"{', '.join(chain.COLUMNS)}, prev_hash, hash", _log(_owners(shas, len(ids)), ids, decisions)
    )
    chain.remember_head(db)


def _log(owners: list[str], ids: list[str], decisions: int) -> Iterator[tuple[Any, ...]]:
    prev_hash, rng = chain.FIRST_HASH, np.random.default_rng(7)
    chosen = rng.permutation(len(ids))[:decisions].tolist()
    kinds = rng.integers(0, 100, len(chosen)).tolist()
    before, last = "", ("", "", "")
    for number, (face, kind) in enumerate(zip(chosen, kinds, strict=True), start=1):
        verdict = "accept" if kind < 75 else "reject" if kind < 90 else "unsure"
        undoes = before if kind == 99 and before else None
        key = str(uuid.UUID(int=number))
        ruled = 80 <= kind < 90
        row = {
            "seq": number, "uuid": key, "step": _STEP if ruled else key,
            "annotator": rules.annotator_of(_RULE) if ruled else "Ann", "face_id": ids[face],
            "sha256": owners[face], "verdict": "undo" if undoes else verdict,
            "class_id": 1 + kind % 4 if verdict == "accept" and not undoes else None,
            "reason": "blurred" if verdict == "reject" and not undoes else None, "undoes": undoes, "at": _AT,
            "took_ms": 800, **chain.LATER,
        }  # fmt: skip
        if undoes:
            row |= {"face_id": last[0], "sha256": last[1], "annotator": last[2]}
        before, last = ("" if undoes else key), (row["face_id"], row["sha256"], row["annotator"])
        digest = chain.row_hash(prev_hash, row)
        yield (*(row[name] for name in chain.COLUMNS), prev_hash, digest)
        prev_hash = digest


def describe(root: Path) -> str:
    """What was made, for the table's head."""
    size = (root / DATABASE_NAME).stat().st_size / 1e6
    with sqlite3.connect(root / DATABASE_NAME) as conn:
        counts = {
            table: conn.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            for table in ("images", "faces", "decisions")
        }
    return json.dumps({**counts, "megabytes": round(size)})
