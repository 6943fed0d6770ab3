"""Who is asking: cookies, headers, and requests that no page of ours sent."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.requests import Request

from pages._server import auth_mode, identity, workspace
from pipeline.core.errors import UsageError


def request(**headers: str) -> Request:
    raw = [(key.replace("_", "-").lower().encode(), value.encode()) for key, value in headers.items()]
    return Request({"type": "http", "method": "POST", "path": "/", "query_string": b"", "headers": raw})


@pytest.mark.usefixtures("empty")
def test_a_signed_cookie_names_the_annotator_and_a_changed_one_nobody() -> None:
    name, value = identity.sign("Ada Lovelace")
    assert identity.identify({name: value}, {}) == "Ada Lovelace"
    assert identity.identify({name: value[:-2] + ("aa" if value[-2:] != "aa" else "bb")}, {}) is None
    assert identity.identify({name: "Ada"}, {}) is None
    assert identity.identify({}, {}) is None


@pytest.mark.usefixtures("empty")
def test_a_ticket_is_no_cookie_and_a_cookie_no_ticket() -> None:
    ada = identity.ProviderIdentity("https://id.example", "7", "Ada")
    assert identity.redeem(identity.ticket(ada)) == ada
    assert identity.identify({identity.cookie_name(): identity.ticket(ada)}, {}) is None
    assert identity.redeem(identity.sign("Ada").value) is None


def test_another_workspace_has_another_key_and_cookie(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOUE_WORKSPACE", str(tmp_path / "one"))
    name, value = identity.sign("Ada")
    assert ((tmp_path / "one" / ".secret").stat().st_mode & 0o777) == 0o600
    monkeypatch.setenv("MOUE_WORKSPACE", str(tmp_path / "two"))
    assert identity.cookie_name() != name
    assert identity.identify({identity.cookie_name(): value}, {}) is None


def test_the_key_outlives_the_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOUE_WORKSPACE", str(tmp_path))
    first = workspace.secret_key()
    workspace._keys.clear()
    assert workspace.secret_key() == first


@pytest.mark.usefixtures("empty")
@pytest.mark.parametrize("signed", ["local", "oidc"])
@pytest.mark.parametrize("asked", ["local", "oidc", "header"])
def test_a_cookie_of_one_mode_is_none_of_another(signed: str, asked: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOUE_AUTH", signed)
    cookie = identity.sign("Ada")
    monkeypatch.setenv("MOUE_AUTH", asked)
    assert identity.identify(dict([cookie]), {}) == ("Ada" if signed == asked else None)


@pytest.mark.parametrize("host", ["127.0.0.1:8501", "moue.example.org"])
def test_where_addresses_are_named_a_page_must_be_of_one_of_them(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identity, "bound_to_loopback", lambda: True)
    monkeypatch.setenv("MOUE_ORIGIN", "https://moue.example.org, https://moue.lab:8443")
    ours = ("https://moue.example.org", "https://MOUE.example.org", "https://moue.lab:8443")
    assert [identity.check_origin(request(host=host, origin=origin)) for origin in ours] == [None] * 3
    for origin in ("http://moue.example.org", "https://moue.lab", f"https://{host}:1", "null"):
        refused = identity.check_origin(request(host=host, origin=origin))
        assert refused is not None
        assert refused.status_code == 403


def test_an_unknown_mode_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOUE_AUTH", "magic")
    with pytest.raises(UsageError, match="local, header, oidc"):
        auth_mode.mode()


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"host": "127.0.0.1:8501", "origin": "http://127.0.0.1:8501"}, None),
        ({"host": "localhost:8501", "origin": "http://localhost:8501"}, None),
        ({"host": "127.0.0.1:8501"}, 403),
        ({"host": "127.0.0.1:8501", "origin": "null"}, 403),
        ({"host": "127.0.0.1:8501", "origin": "http://evil.example"}, 403),
        ({"host": "127.0.0.1:8501", "origin": "http://127.0.0.1:9999"}, 403),
        ({"host": "evil.example:8501", "origin": "http://evil.example:8501"}, 403),  # a name that resolves to us
    ],
)
def test_only_our_own_page_may_post(
    headers: dict[str, str], status: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(identity, "bound_to_loopback", lambda: True)
    refused = identity.check_origin(request(**headers))
    assert (refused and refused.status_code) == status


def test_a_host_can_be_allowed_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identity, "bound_to_loopback", lambda: True)
    monkeypatch.setenv("MOUE_HOSTS", "moue.lab, other.lab")
    assert identity.check_origin(request(host="moue.lab", origin="https://moue.lab")) is None
