"""The first tables, the decision log and its projection among them. Released: never changed."""

from __future__ import annotations

from typing import Final

SQL: Final = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE classes (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL COLLATE NOCASE UNIQUE CHECK (name <> ''),
  key TEXT NOT NULL, colour TEXT NOT NULL, letter TEXT NOT NULL,
  position INTEGER NOT NULL,
  archived INTEGER NOT NULL DEFAULT 0 CHECK (archived IN (0, 1))
) STRICT;
INSERT INTO classes (id, name, key, colour, letter, position) VALUES
  (1, 'none', '1', '#56b4e9', 'n', 1), (2, 'pout', '2', '#e69f00', 'p', 2),
  (3, 'smile', '3', '#009e73', 's', 3), (4, 'openmouth', '4', '#cc79a7', 'o', 4);
CREATE TABLE annotators (name TEXT PRIMARY KEY, created_at TEXT NOT NULL) STRICT;
CREATE TABLE sources (
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN ('folder', 'file', 'zip', 'upload', 'sample', 'video', 'search', 'list')),
  location TEXT NOT NULL, created_at TEXT NOT NULL,
  UNIQUE (kind, location)
) STRICT;
CREATE TABLE images (
  sha256 TEXT PRIMARY KEY CHECK (length(sha256) = 64),
  outcome TEXT NOT NULL CHECK (outcome IN ('added', 'no_face')),
  reason TEXT NOT NULL,
  width INTEGER NOT NULL CHECK (width > 0), height INTEGER NOT NULL CHECK (height > 0),
  format TEXT NOT NULL, byte_size INTEGER NOT NULL,
  storage TEXT NOT NULL CHECK (storage IN ('referenced', 'stored')),
  original TEXT NOT NULL,
  unified INTEGER NOT NULL CHECK (unified IN (0, 1)),
  source_id INTEGER NOT NULL REFERENCES sources (id),
  proposal INTEGER REFERENCES classes (id),
  detector TEXT, margin REAL, created_at TEXT NOT NULL
) STRICT;
CREATE INDEX images_size ON images (byte_size);
CREATE INDEX images_source ON images (source_id);
CREATE TABLE sightings (
  id INTEGER PRIMARY KEY,
  source_id INTEGER NOT NULL REFERENCES sources (id),
  location TEXT NOT NULL, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL,
  sha256 TEXT, -- no foreign key: an undecodable file can have a hash and has no image
  outcome TEXT NOT NULL, reason TEXT NOT NULL,
  proposal INTEGER REFERENCES classes (id),
  first_job TEXT, seen_at TEXT NOT NULL,
  outcome_rank INTEGER NOT NULL, -- no generated column: VACUUM of SQLite 3.40 fails on some of those
  UNIQUE (source_id, location),
  CHECK (ifnull(outcome_rank = CASE outcome
    WHEN 'no_face' THEN 0 WHEN 'undecodable' THEN 1 WHEN 'too_large' THEN 2 WHEN 'unsupported' THEN 3
    WHEN 'unavailable' THEN 4 WHEN 'quarantined' THEN 5 WHEN 'added' THEN 6 WHEN 'already_present' THEN 7 END, 0))
) STRICT;
CREATE INDEX sightings_rank ON sightings (outcome_rank, id);
CREATE INDEX sightings_source_rank ON sightings (source_id, outcome_rank, id);
CREATE INDEX sightings_sha ON sightings (sha256, id);
CREATE TABLE jobs (
  id TEXT PRIMARY KEY, kind TEXT NOT NULL, params TEXT NOT NULL CHECK (json_valid(params)),
  state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled', 'interrupted')),
  pid INTEGER, total INTEGER, done INTEGER NOT NULL DEFAULT 0,
  counts TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(counts)),
  error TEXT, cancel INTEGER NOT NULL DEFAULT 0 CHECK (cancel IN (0, 1)),
  started_at TEXT NOT NULL, heartbeat_at TEXT NOT NULL, finished_at TEXT
) STRICT;
CREATE INDEX jobs_started ON jobs (started_at);
CREATE INDEX jobs_state ON jobs (state);
CREATE TABLE releases (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL, path TEXT NOT NULL,
  params TEXT NOT NULL CHECK (json_valid(params)), counts TEXT NOT NULL CHECK (json_valid(counts)),
  digest TEXT NOT NULL, annotator TEXT, created_at TEXT NOT NULL
) STRICT;
CREATE TABLE faces (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, -- a removed face's number is never given to another one
  id TEXT NOT NULL UNIQUE CHECK (length(id) = 32),
  sha256 TEXT NOT NULL REFERENCES images (sha256),
  rank INTEGER NOT NULL, detector TEXT NOT NULL, score REAL,
  x1 REAL NOT NULL, y1 REAL NOT NULL, x2 REAL NOT NULL, y2 REAL NOT NULL,
  landmarks BLOB NOT NULL CHECK (length(landmarks) = 544), -- 68 (x, y), float32 little endian
  crop_x INTEGER NOT NULL, crop_y INTEGER NOT NULL,
  crop_width INTEGER NOT NULL CHECK (crop_width > 0), crop_height INTEGER NOT NULL CHECK (crop_height > 0),
  crop_version TEXT NOT NULL,
  origin TEXT NOT NULL CHECK (origin IN ('detector', 'drawn')),
  created_at TEXT NOT NULL, removed_at TEXT
) STRICT;
CREATE INDEX faces_sha ON faces (sha256, rank);
CREATE TABLE decisions (
  seq INTEGER PRIMARY KEY, uuid TEXT NOT NULL UNIQUE, step TEXT NOT NULL,
  annotator TEXT NOT NULL REFERENCES annotators (name),
  face_id TEXT NOT NULL, sha256 TEXT NOT NULL, -- no foreign keys: the log outlives an erased image
  verdict TEXT NOT NULL CHECK (verdict IN ('accept', 'reject', 'unsure', 'undo')),
  class_id INTEGER REFERENCES classes (id),
  reason TEXT, undoes TEXT UNIQUE REFERENCES decisions (uuid),
  at TEXT NOT NULL, took_ms INTEGER NOT NULL CHECK (took_ms >= 0),
  prev_hash TEXT NOT NULL CHECK (length(prev_hash) = 64),
  hash TEXT NOT NULL UNIQUE CHECK (length(hash) = 64),
  CHECK ((verdict = 'accept') = (class_id IS NOT NULL)),
  CHECK ((verdict = 'undo') = (undoes IS NOT NULL)),
  CHECK (verdict = 'reject' OR reason IS NULL)
) STRICT;
CREATE INDEX decisions_face ON decisions (face_id, seq);
CREATE INDEX decisions_annotator ON decisions (annotator, seq);
CREATE INDEX decisions_step ON decisions (step, annotator, seq);
CREATE TRIGGER decisions_no_update BEFORE UPDATE ON decisions
  BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END;
CREATE TRIGGER decisions_no_delete BEFORE DELETE ON decisions
  BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END;
CREATE TABLE empty_undos (uuid TEXT PRIMARY KEY, annotator TEXT NOT NULL, at TEXT NOT NULL) STRICT;
CREATE TABLE face_state (
  face_id TEXT PRIMARY KEY REFERENCES faces (id),
  seq INTEGER NOT NULL UNIQUE,
  source_id INTEGER NOT NULL REFERENCES sources (id),
  proposal INTEGER REFERENCES classes (id),
  proposal_rank INTEGER NOT NULL, -- the proposal; those without one come last
  verdict TEXT CHECK (verdict IN ('accept', 'reject', 'unsure')), -- NULL: undecided
  class_id INTEGER REFERENCES classes (id),
  reason TEXT, annotator TEXT, at TEXT, decision_uuid TEXT,
  n_decisions INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX state_verdict ON face_state (verdict, seq);
CREATE INDEX state_class ON face_state (verdict, class_id, seq);
CREATE INDEX state_source ON face_state (source_id, seq);
CREATE INDEX state_source_verdict ON face_state (source_id, verdict, seq);
CREATE INDEX state_source_class ON face_state (source_id, verdict, class_id, seq);
CREATE INDEX state_proposal ON face_state (proposal_rank, seq);
CREATE INDEX state_verdict_proposal ON face_state (verdict, proposal_rank, seq);
CREATE INDEX state_class_proposal ON face_state (verdict, class_id, proposal_rank, seq);
CREATE INDEX state_source_proposal ON face_state (source_id, proposal_rank, seq);
CREATE INDEX state_source_verdict_proposal ON face_state (source_id, verdict, proposal_rank, seq);
CREATE INDEX state_by_proposal ON face_state (proposal, verdict, seq);
"""
