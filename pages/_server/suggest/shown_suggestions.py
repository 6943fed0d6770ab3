"""Proofs that the server itself showed a person a suggestion: a page that confirms suggestions sends them back.

Only the newest version of a suggester keeps its probabilities, and a page may be older than that; so the server signs
what it shows instead of looking it up again.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import Final

from pages._server import workspace

DIGITS: Final = 4
"""Of a probability as it is shown, signed and kept."""
_LENGTH: Final = 32


@dataclass(frozen=True, slots=True)
class Shown:
    """A class that a version of a suggester proposed for a face, and its probability, 0 to 1."""

    face_id: str
    suggester: str
    version: int
    class_id: int
    probability: float


class Signer:
    """Signs what this person is shown in this workspace; one for a page or a request. Raises StorageError: no key."""

    def __init__(self, annotator: str) -> None:
        self._annotator = annotator
        self._mac = hmac.new(f"moue.suggestion.{workspace.secret_key()}".encode(), digestmod=hashlib.sha256)

    def proof(self, shown: Shown) -> str:
        mac = self._mac.copy()
        said = (self._annotator, shown.face_id, shown.suggester, str(shown.version), str(shown.class_id))
        mac.update("\0".join((*said, f"{shown.probability:.{DIGITS}f}")).encode())
        return mac.hexdigest()[:_LENGTH]

    def was_shown(self, shown: Shown, signature: str) -> bool:
        """Whether `signature` is this server's for it."""
        return hmac.compare_digest(self.proof(shown).encode(), signature.encode())
