"""Components' scripts under addresses of their own."""

from __future__ import annotations

import gzip
import hashlib

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from pages._components import _loader
from pages._web import scripts

TEXT = "export default function show() { return 'é' }\n" * 800


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> TestClient:
    """Of a stranger; nothing is kept for other tests."""
    monkeypatch.setattr(scripts, "_served", {})
    return TestClient(Starlette(routes=[scripts.route]))


def test_a_large_one_is_served_once_and_for_good(client: TestClient) -> None:
    given = scripts.by_address("grid", TEXT)
    file = f"grid.{hashlib.sha256(TEXT.encode()).hexdigest()[:16]}.js"
    assert f'"api/script/{file}"' in given
    assert len(given) < 300
    answer = client.get(f"/api/script/{file}", headers={"accept-encoding": "identity"})
    assert (answer.status_code, answer.text) == (200, TEXT)
    assert answer.headers["content-type"].startswith("text/javascript")
    assert "immutable" in answer.headers["cache-control"]
    with client.stream("GET", f"/api/script/{file}", headers={"accept-encoding": "gzip, br"}) as packed:
        assert packed.headers["content-encoding"] == "gzip"
        assert gzip.decompress(b"".join(packed.iter_raw())).decode() == TEXT


def test_another_text_has_another_address(client: TestClient) -> None:
    assert scripts.by_address("grid", TEXT) != scripts.by_address("grid", TEXT + " ")


def test_a_small_one_goes_to_streamlit_itself(client: TestClient) -> None:
    assert scripts.by_address("corner", "export default 1") == "export default 1"
    assert scripts.link("corner") == ""


def test_what_is_no_script_of_ours_is_unknown(client: TestClient) -> None:
    scripts.by_address("grid", TEXT)
    for name in ("grid.js", "grid.0000000000000000.js"):
        answer = client.get(f"/api/script/{name}")
        assert (answer.status_code, answer.json()["code"]) == (404, "route_unknown")


def test_every_component_is_given_whole() -> None:
    """By its address or itself, what runs is what is linted."""
    given = _loader.joined_scripts()
    served = scripts._served.values()
    large = [text for name, text in given.items() if len(text) >= scripts.LARGE and name in _loader._loaded]
    assert {"review_grid", "duplicate_groups"} <= {name for name, text in given.items() if text in served}
    assert all(text in served for text in large)
