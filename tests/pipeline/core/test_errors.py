from __future__ import annotations

import pickle

from pipeline.core.errors import DecodeError
from pipeline.core.outcome import STORED_OUTCOMES, Outcome


def test_each_refusal_of_the_decode_gate_has_an_outcome_of_its_own() -> None:
    kinds = DecodeError.__subclasses__()
    assert {kind.outcome for kind in kinds} == {
        Outcome.UNDECODABLE, Outcome.TOO_LARGE, Outcome.UNSUPPORTED, Outcome.UNAVAILABLE,
    }  # fmt: skip
    assert len(kinds) == 4
    assert not any(kind.outcome in STORED_OUTCOMES for kind in kinds)


def test_a_refusal_keeps_its_outcome_on_its_way_out_of_a_worker() -> None:
    for kind in DecodeError.__subclasses__():
        assert pickle.loads(pickle.dumps(kind("why"))).outcome is kind.outcome
