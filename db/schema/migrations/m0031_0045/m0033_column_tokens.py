"""What is kept of columns in memory, and claims that know where their faces stand. Released: never changed."""

from __future__ import annotations

from typing import Final

SQL: Final = """
CREATE TABLE column_tokens ( -- what is kept of a column in memory holds as long as its token does
  name TEXT PRIMARY KEY, -- a column of face_columns
  token INTEGER NOT NULL -- another random number with each change
) STRICT, WITHOUT ROWID;
INSERT INTO column_tokens (name, token) SELECT name, random() FROM face_columns GROUP BY name;
CREATE TRIGGER column_block_added AFTER INSERT ON face_columns
BEGIN
  INSERT INTO column_tokens (name, token) VALUES (new.name, random())
    ON CONFLICT (name) DO UPDATE SET token = excluded.token;
END;
CREATE TRIGGER column_block_changed AFTER UPDATE ON face_columns
BEGIN
  INSERT INTO column_tokens (name, token) VALUES (old.name, random())
    ON CONFLICT (name) DO UPDATE SET token = excluded.token;
  INSERT INTO column_tokens (name, token) VALUES (new.name, random())
    ON CONFLICT (name) DO UPDATE SET token = excluded.token;
END;
CREATE TRIGGER column_block_gone AFTER DELETE ON face_columns
BEGIN
  INSERT INTO column_tokens (name, token) VALUES (old.name, random())
    ON CONFLICT (name) DO UPDATE SET token = excluded.token;
END;
ALTER TABLE claims ADD COLUMN seq INTEGER NOT NULL DEFAULT 0; -- of the face, which never changes
UPDATE claims SET seq = (SELECT f.seq FROM faces f WHERE f.id = claims.face_id);
"""
