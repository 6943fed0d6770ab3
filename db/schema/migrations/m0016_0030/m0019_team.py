"""What a team needs: every person's own answer, queues, second opinions, gold, notes, roles, audit. Released: never
changed."""

from __future__ import annotations

from typing import Final

SQL: Final = """
ALTER TABLE decisions ADD COLUMN kind TEXT NOT NULL DEFAULT ''; -- '': an answer; 'adjudication': an end to a dispute
ALTER TABLE decisions ADD COLUMN unseen TEXT; -- the decision of somebody else that counted and was not seen; NULL: none
ALTER TABLE decisions ADD COLUMN context TEXT; -- JSON: how it was made where that matters; NULL: by a person, by key
ALTER TABLE face_state ADD COLUMN waiting TEXT NOT NULL DEFAULT ''; -- answered, and why nothing counts yet; '': settled
ALTER TABLE face_state ADD COLUMN n_answers INTEGER NOT NULL DEFAULT 0; -- people whose answer stands
ALTER TABLE face_state ADD COLUMN adjudicated INTEGER NOT NULL DEFAULT 0; -- 1: what counts was adjudicated
CREATE TABLE answers ( -- the answer of each annotator that stands: computed from the log
  face_id TEXT NOT NULL REFERENCES faces (id) ON DELETE CASCADE,
  annotator TEXT NOT NULL REFERENCES annotators (name),
  seq INTEGER NOT NULL, -- of the decision
  verdict TEXT NOT NULL, class_id INTEGER REFERENCES classes (id), reason TEXT,
  unseen TEXT, -- as in the log
  at TEXT NOT NULL,
  PRIMARY KEY (face_id, annotator)
) STRICT, WITHOUT ROWID;
CREATE INDEX answers_annotator ON answers (annotator, seq);
CREATE INDEX answers_unseen ON answers (face_id) WHERE unseen IS NOT NULL;
INSERT INTO answers (face_id, annotator, seq, verdict, class_id, reason, at)
SELECT face_id, annotator, max(d.seq), verdict, class_id, reason, at FROM decisions d
WHERE verdict <> 'undo' AND NOT EXISTS (SELECT 1 FROM decisions u WHERE u.undoes = d.uuid)
  AND face_id IN (SELECT id FROM faces)
GROUP BY face_id, annotator;
UPDATE face_state SET n_answers = (
  SELECT count(*) FROM answers a WHERE a.face_id = face_state.face_id AND substr(a.annotator, 1, 5) <> 'rule:')
WHERE face_id IN (SELECT face_id FROM answers);
CREATE TABLE claims ( -- who has a face before them for now, so that nobody else is given it
  face_id TEXT NOT NULL REFERENCES faces (id) ON DELETE CASCADE,
  annotator TEXT NOT NULL REFERENCES annotators (name),
  batch TEXT NOT NULL, -- a UUID: faces that were claimed together
  place INTEGER NOT NULL, -- in the batch, from 0
  expires_at INTEGER NOT NULL, -- seconds since 1970, UTC
  PRIMARY KEY (face_id, annotator)
) STRICT, WITHOUT ROWID;
CREATE INDEX claims_annotator ON claims (annotator, batch, place);
CREATE INDEX claims_expiry ON claims (expires_at);
CREATE TABLE handouts ( -- a filter of Review whose faces are for one person
  id INTEGER PRIMARY KEY,
  query TEXT NOT NULL CHECK (json_valid(query)), -- {"source": "3", ...}: the parameters of Review's address
  annotator TEXT NOT NULL REFERENCES annotators (name),
  given_by TEXT NOT NULL REFERENCES annotators (name), given_at TEXT NOT NULL,
  taken_back_by TEXT REFERENCES annotators (name), taken_back_at TEXT
) STRICT;
CREATE INDEX handouts_annotator ON handouts (annotator) WHERE taken_back_at IS NULL;
CREATE TABLE second_opinions ( -- a face that several people answer without seeing each other's answers
  face_id TEXT PRIMARY KEY REFERENCES faces (id) ON DELETE CASCADE,
  wanted INTEGER NOT NULL CHECK (wanted BETWEEN 2 AND 9), -- answers
  chosen_by TEXT NOT NULL, -- 'share': by the workspace's setting; else an annotator's name
  chosen_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE gold ( -- a face whose right answer is known
  face_id TEXT PRIMARY KEY REFERENCES faces (id) ON DELETE CASCADE,
  verdict TEXT NOT NULL CHECK (verdict IN ('accept', 'reject', 'unsure')),
  class_id INTEGER REFERENCES classes (id), reason TEXT,
  set_by TEXT NOT NULL REFERENCES annotators (name), set_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE gold_served ( -- to whom a gold face was shown as if it were undecided
  face_id TEXT NOT NULL REFERENCES gold (face_id) ON DELETE CASCADE,
  annotator TEXT NOT NULL REFERENCES annotators (name), served_at TEXT NOT NULL,
  PRIMARY KEY (face_id, annotator)
) STRICT, WITHOUT ROWID;
CREATE INDEX gold_served_annotator ON gold_served (annotator);
CREATE TABLE notes ( -- what people say to each other about a face
  id TEXT PRIMARY KEY, -- a UUID made by the client
  face_id TEXT NOT NULL REFERENCES faces (id) ON DELETE CASCADE,
  annotator TEXT NOT NULL REFERENCES annotators (name),
  text TEXT NOT NULL CHECK (text <> ''), at TEXT NOT NULL
) STRICT;
CREATE INDEX notes_face ON notes (face_id, at);
CREATE TABLE resolved_notes ( -- a face whose notes are settled; a newer note opens them again
  face_id TEXT PRIMARY KEY REFERENCES faces (id) ON DELETE CASCADE,
  annotator TEXT NOT NULL REFERENCES annotators (name), at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE guidelines ( -- what a class means, in the team's words
  class_id INTEGER PRIMARY KEY REFERENCES classes (id),
  text TEXT NOT NULL, annotator TEXT NOT NULL REFERENCES annotators (name), at TEXT NOT NULL
) STRICT;
CREATE TABLE guideline_examples ( -- a crop that shows a class, or what looks like it and is not
  class_id INTEGER NOT NULL REFERENCES classes (id),
  face_id TEXT NOT NULL REFERENCES faces (id) ON DELETE CASCADE,
  counter INTEGER NOT NULL CHECK (counter IN (0, 1)), -- 1: a counter-example
  position INTEGER NOT NULL, annotator TEXT NOT NULL REFERENCES annotators (name), at TEXT NOT NULL,
  PRIMARY KEY (class_id, face_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE roles ( -- what an annotator may do; who has no row has the role of a newcomer
  annotator TEXT PRIMARY KEY REFERENCES annotators (name),
  role TEXT NOT NULL CHECK (role IN ('owner', 'reviewer', 'annotator', 'viewer')),
  given_by TEXT NOT NULL, at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE consensus_rules ( -- which decision counts where people differ; the newest one that is not undone holds
  id INTEGER PRIMARY KEY,
  rule TEXT NOT NULL CHECK (json_valid(rule)), -- {"name": "majority", "quorum": 2}
  annotator TEXT NOT NULL REFERENCES annotators (name), at TEXT NOT NULL,
  undone_by TEXT REFERENCES annotators (name), undone_at TEXT
) STRICT;
CREATE TABLE audit ( -- what was done to the workspace beside deciding: appended to, never changed, each row chained
  seq INTEGER PRIMARY KEY,
  at TEXT NOT NULL,
  annotator TEXT NOT NULL, -- no foreign key: 'command line' is nobody's name
  action TEXT NOT NULL, -- 'export', 'role', ...
  params TEXT NOT NULL CHECK (json_valid(params)),
  head TEXT NOT NULL, -- "seq:hash" of the newest decision at that time
  prev_hash TEXT NOT NULL, hash TEXT NOT NULL UNIQUE
) STRICT;
CREATE INDEX audit_annotator ON audit (annotator, seq);
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN SELECT RAISE (ABORT, 'the audit is append-only'); END;
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit BEGIN SELECT RAISE (ABORT, 'the audit is append-only'); END;
"""
