"""Lists read from columns who wants a second opinion, and what a face waits for. Released: never changed."""

from __future__ import annotations

from typing import Final

SQL: Final = """
DROP TRIGGER state_updated;
CREATE TRIGGER state_updated
AFTER UPDATE OF seq, verdict, class_id, source_id, proposal, annotator, at, n_decisions, waiting ON face_state BEGIN
  INSERT INTO face_changes VALUES (old.seq, 0) ON CONFLICT DO NOTHING;
  INSERT INTO face_changes VALUES (new.seq, 0) ON CONFLICT DO NOTHING;
END;
CREATE INDEX face_state_waiting ON face_state (waiting) WHERE waiting <> '';
CREATE TRIGGER opinion_wanted AFTER INSERT ON second_opinions BEGIN
  INSERT INTO face_changes SELECT seq, 0 FROM faces WHERE id = new.face_id ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER opinion_changed AFTER UPDATE OF wanted ON second_opinions BEGIN
  INSERT INTO face_changes SELECT seq, 0 FROM faces WHERE id = new.face_id ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER opinion_unwanted AFTER DELETE ON second_opinions BEGIN
  INSERT INTO face_changes SELECT seq, 0 FROM faces WHERE id = old.face_id ON CONFLICT DO NOTHING;
END;
INSERT INTO face_changes SELECT seq, 0 FROM faces WHERE id IN (SELECT face_id FROM second_opinions)
  ON CONFLICT DO NOTHING;
"""
