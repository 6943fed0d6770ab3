"""Who is behind an annotator's name in OIDC mode. Released: never changed."""

from __future__ import annotations

from typing import Final

SQL: Final = """
CREATE TABLE annotator_identities ( -- a person to an OIDC provider; the name is for show and may be shared
  issuer TEXT NOT NULL, subject TEXT NOT NULL,
  annotator TEXT NOT NULL UNIQUE REFERENCES annotators (name),
  PRIMARY KEY (issuer, subject)
) STRICT, WITHOUT ROWID;
"""
