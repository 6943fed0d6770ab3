"""Proofs that the server itself showed a person a suggestion: a page that confirms suggestions sends them back.

Only the newest version of a suggester keeps its probabilities, and a page may be older than that; so the server signs
what it shows instead of looking it up again.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import astuple, dataclass
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


def proof(annotator: str, shown: Shown) -> str:
    """The signature of what is shown to this person, in this workspace. Raises StorageError: no key."""
    face_id, suggester, version, class_id, probability = astuple(shown)
    said = "\0".join((annotator, face_id, suggester, str(version), str(class_id), f"{probability:.{DIGITS}f}"))
    key = f"moue.suggestion.{workspace.secret_key()}".encode()
    return hmac.new(key, said.encode(), hashlib.sha256).hexdigest()[:_LENGTH]


def was_shown(annotator: str, shown: Shown, signature: str) -> bool:
    """Whether `signature` is this server's for it. Raises StorageError: no key."""
    return hmac.compare_digest(proof(annotator, shown).encode(), signature.encode())
