"""Equal images are one node among near copies; faces count; a verdict has its act's UUID. Released: never changed."""

from __future__ import annotations

from typing import Final

SQL: Final = """
-- same_as: an image with the same hashes and faces, which is compared with the others for this one, too
ALTER TABLE image_hashes ADD COLUMN same_as TEXT;
-- left_off: it has more near pairs than are kept
ALTER TABLE image_hashes ADD COLUMN left_off INTEGER NOT NULL DEFAULT 0 CHECK (left_off IN (0, 1));
-- by_faces: faces were compared, too; what was compared before they were is compared again
ALTER TABLE image_hashes ADD COLUMN by_faces INTEGER NOT NULL DEFAULT 0 CHECK (by_faces IN (0, 1));
CREATE INDEX hashes_same_as ON image_hashes (same_as) WHERE same_as IS NOT NULL;
CREATE INDEX hashes_left_off ON image_hashes (sha256) WHERE left_off = 1;
CREATE INDEX hashes_outdated ON image_hashes (sha256) WHERE compared = 1 AND by_faces = 0;
ALTER TABLE pair_verdicts ADD COLUMN act TEXT; -- the UUID that the client gave to what said so; NULL of before
CREATE UNIQUE INDEX pair_verdicts_act ON pair_verdicts (act, a, b) WHERE act IS NOT NULL;
"""
