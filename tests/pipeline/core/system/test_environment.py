"""What of the environment goes to a process that decodes files of strangers."""

from __future__ import annotations

import os

import pytest

from pipeline.core.system.environment import for_decoders, starting_decoders

NEEDED = {"PATH": "/bin", "LC_ALL": "C.UTF-8", "PYTHONPATH": "/x", "MOUE_START": "spawn", "OMP_NUM_THREADS": "1",
          "OPENBLAS_CORETYPE": "Haswell"}  # fmt: skip
KEPT_BACK = {
    "SERPAPI_KEY": "s", "MOUE_PROXY_SECRET": "s", "MOUE_PROXY": "http://ann:s@proxy", "AWS_SECRET_ACCESS_KEY": "s",
    "MOUE_BACKUP_TO": "sftp://ann:s@host", "STREAMLIT_AUTH_CLIENT_SECRET": "s", "A_NAME_NOBODY_THOUGHT_OF": "s",
}  # fmt: skip


def test_what_is_not_known_to_be_needed_stays() -> None:
    assert for_decoders({**NEEDED, **KEPT_BACK}) == NEEDED


def test_while_decoders_start_the_secrets_are_gone_and_afterwards_back(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {**NEEDED, **KEPT_BACK}.items():
        monkeypatch.setenv(name, value)
    before = dict(os.environ)
    with starting_decoders():
        assert not KEPT_BACK.keys() & os.environ.keys()
        assert os.environ["PATH"] == "/bin"
    assert dict(os.environ) == before
    with pytest.raises(OSError), starting_decoders():  # noqa: PT011 - any, from within
        raise OSError
    assert dict(os.environ) == before
