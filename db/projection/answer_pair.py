"""The faces of one cell of a confusion matrix: what one person answered and what another did, or what counts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

import numpy as np

from db.projection import answer_log, columns
from db.projection.answer_log import Mask
from db.projection.columns import Faces

CONSENSUS: Final = 0
"""In the place of a person's code: what counts on the face."""
_INDEPENDENT: Final = ",independent"
_SIGNS: Final = {"x": columns.REJECTED, "u": columns.UNSURE}
_SIDE: Final = r"(\d{1,9}):(c\d{1,9}|x|u)"
_TEXT: Final = re.compile(f"{_SIDE},{_SIDE}({_INDEPENDENT})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class AnswerPair:
    """one, other: codes of `annotator_codes`; other may be CONSENSUS. their states: numbers of
    `db.projection.columns`. independent: of answers that were given without seeing others'."""

    one: int
    one_state: int
    other: int
    other_state: int
    independent: bool = False


def parse(text: str) -> AnswerPair | None:
    """What the address says (`3:c2,5:x`, with `,independent` behind it), None where it says none."""
    found = _TEXT.fullmatch(text)
    if found is None:
        return None
    one, said, other, answered, apart = found.groups()
    return AnswerPair(int(one), _state_of(said), int(other), _state_of(answered), apart is not None)


def text_of(pair: AnswerPair) -> str:
    """The text that `parse` reads."""
    sides = ((pair.one, pair.one_state), (pair.other, pair.other_state))
    return ",".join(f"{who}:{_sign_of(state)}" for who, state in sides) + _INDEPENDENT * pair.independent


def with_answers(shown: Faces, pair: AnswerPair) -> Mask:
    """Whether each face (bool by seq) has these two answers. A face on which a second opinion is open has none.

    shown: the columns as somebody sees them: of a face that shows them less than there is, nothing is told.
    """
    faces = Faces(shown.db)
    found = _with_answers(faces, pair)
    for name in ("state", "waiting", "disagreement"):
        found &= shown.column(name) == faces.column(name)
    return found


def _with_answers(faces: Faces, pair: AnswerPair) -> Mask:
    names = {code: name for name, code in faces.annotators().items()}
    one = names.get(pair.one)
    other = one if pair.other == CONSENSUS else names.get(pair.other)
    found: Mask = np.zeros(faces.length, bool)
    if one is None or other is None:
        return found
    log = answer_log.read_common(faces.db, one, other)
    rows = answer_log.counted(log, faces, independent=pair.independent)
    if one not in log.names or other not in log.names:
        return found
    found[_faces_of(log, rows, one, pair.one_state)] = True
    second: Mask = np.zeros(faces.length, bool)
    if pair.other == CONSENSUS:
        second = faces.column("state") == pair.other_state
    else:
        second[_faces_of(log, rows, other, pair.other_state)] = True
    both: Mask = np.logical_and(found, second)
    return both


def _faces_of(log: answer_log.AnswerLog, rows: answer_log.Numbers, who: str, state: int) -> answer_log.Numbers:
    mine = (log.who[rows] == log.names.index(who)) & (log.state[rows] == state)
    found: answer_log.Numbers = log.face[rows[mine]]
    return found


def _state_of(sign: str) -> int:
    return _SIGNS[sign] if sign in _SIGNS else columns.ACCEPTED + int(sign[1:])


def _sign_of(state: int) -> str:
    return next((sign for sign, one in _SIGNS.items() if one == state), f"c{state - columns.ACCEPTED}")
