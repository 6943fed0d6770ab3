"""What a route refuses is told in the reader's language, with its code and parameters."""

from __future__ import annotations

from pathlib import Path

import pytest

from pages._server import workspace
from pages._words import COOKIE
from tests.pages.conftest import client_of


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "sign in first: open Moue's page in this browser"), ("zh", "请先登录：在此浏览器中打开 Moue 的页面")],
)
def test_a_refusal_is_in_the_reader_s_language(empty: Path, language: str, words: str) -> None:
    client = client_of(None)
    client.cookies.set(COOKIE, language)
    answer = client.get(f"/api/face/{'0' * 32}")
    assert (answer.status_code, answer.json()) == (401, {"error": words, "code": "sign_in_first", "params": {}})
    workspace.close_store()
