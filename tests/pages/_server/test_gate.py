"""The gate: whose word about a name is taken, and under which address Moue is opened."""

from __future__ import annotations

import pytest

from pages._server import gate, identity
from pipeline.core.errors import UsageError

HERE = ("127.0.0.1", 40000)


@pytest.fixture(autouse=True)
def header_mode(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MOUE_TRUSTED_PROXIES", "MOUE_PROXY_SECRET", "MOUE_ORIGIN", "MOUE_AUTH_HEADER", "FORWARDED_ALLOW_IPS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MOUE_AUTH", "header")


def seen(*headers: tuple[str, str | bytes], client: tuple[str, int] | None = HERE) -> dict[str, str]:
    """What pages and routes see of a request, as Starlette decodes it."""
    raw = [(name.lower().encode(), value if isinstance(value, bytes) else value.encode()) for name, value in headers]
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in gate.admitted(raw, client)}


def who(*headers: tuple[str, str | bytes], client: tuple[str, int] | None = HERE) -> str | None:
    return identity.identify({}, seen(*headers, client=client))


@pytest.mark.parametrize(
    ("trusted", "client", "name"),
    [
        (None, ("127.0.0.1", 40000), "Grace"),
        (None, ("127.9.9.9", 40000), "Grace"),
        (None, ("::1", 40000), "Grace"),
        (None, ("::ffff:127.0.0.1", 40000), "Grace"),
        (None, ("10.0.0.5", 40000), None),
        (None, ("::ffff:10.0.0.5", 40000), None),
        (None, ("2001:db8::1", 40000), None),
        (None, ("testclient", 50000), None),
        (None, None, None),
        ("10.0.0.0/24, fd00::/8", ("10.0.0.5", 40000), "Grace"),
        ("10.0.0.0/24, fd00::/8", ("fd00::7", 40000), "Grace"),
        ("10.0.0.0/24, fd00::/8", ("10.0.1.5", 40000), None),
        ("10.0.0.0/24, fd00::/8", ("127.0.0.1", 40000), None),
    ],
)
def test_a_name_is_taken_from_trusted_proxies_alone(
    trusted: str | None, client: tuple[str, int] | None, name: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    if trusted is not None:
        monkeypatch.setenv("MOUE_TRUSTED_PROXIES", trusted)
    assert who(("X-Forwarded-User", "Grace"), client=client) == name
    assert gate.refused_because(seen(("X-Forwarded-User", "Grace"), client=client)) == ("" if name else "peer")


@pytest.mark.parametrize(
    ("allowed", "trusted", "name"),
    [
        (None, None, "Grace"),  # a proxy on this machine that passes X-Forwarded-For: uvicorn puts the browser there
        ("127.0.0.1", None, "Grace"),
        ("*", None, None),
        ("0.0.0.0/0", None, None),
        ("10.0.0.5", None, None),
        ("10.0.0.5", "10.0.0.0/24", "Grace"),
        (None, "10.0.0.0/24", None),
        ("*", "0.0.0.0/0", None),
    ],
)
def test_port_0_says_that_uvicorn_wrote_the_address(
    allowed: str | None, trusted: str | None, name: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    if allowed is not None:
        monkeypatch.setenv("FORWARDED_ALLOW_IPS", allowed)
    if trusted is not None:
        monkeypatch.setenv("MOUE_TRUSTED_PROXIES", trusted)
    assert who(("X-Forwarded-User", "Grace"), client=("203.0.113.9", 0)) == name


def test_a_proxy_with_the_secret_may_come_from_anywhere_and_none_without(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOUE_PROXY_SECRET", "correct horse")
    name, far = ("X-Forwarded-User", "Grace"), ("203.0.113.9", 40000)
    secret = ("X-Moue-Proxy-Secret", "correct horse")
    assert who(name, secret, client=far) == "Grace"
    assert "x-moue-proxy-secret" not in seen(name, secret)
    for given in ([], [("X-Moue-Proxy-Secret", "wrong")], [secret, secret], [("X-Moue-Proxy-Secret", "")]):
        assert who(name, *given) is None  # from this machine, too
        assert gate.refused_because(seen(name, *given)) == "secret"


@pytest.mark.parametrize("second", ["Ada", "Grace", ""])
def test_two_names_are_none(second: str) -> None:
    headers = (("X-Forwarded-User", "Grace"), ("x-forwarded-user", second))
    assert who(*headers) is None
    assert gate.refused_because(seen(*headers)) == "several"


@pytest.mark.parametrize("name", ["李小龙", "Zoë Kravitz", "Ana María"])
def test_a_name_in_utf8_or_latin1_is_a_name(name: str) -> None:
    assert who(("X-Forwarded-User", name.encode())) == name
    if name != "李小龙":
        assert who(("X-Forwarded-User", name.encode("latin-1"))) == name


def test_the_gates_own_header_cannot_be_brought_along(monkeypatch: pytest.MonkeyPatch) -> None:
    forged = seen(("X-Moue-Annotator", "x.Ada"), ("X-Forwarded-User", "Grace"))
    assert identity.identify({}, forged) == "Grace"
    assert who(("X-Moue-Annotator", "x.Ada")) is None
    assert identity.identify({}, {"X-Moue-Annotator": "x.Ada", "X-Forwarded-User": "Ada"}) is None  # past the gate
    monkeypatch.setenv("MOUE_AUTH", "local")
    assert "x-moue-annotator" not in seen(("X-Moue-Annotator", "x.Ada"))


def test_another_header_may_carry_the_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOUE_AUTH_HEADER", "Remote-User")
    assert who(("X-Forwarded-User", "Grace")) is None
    assert who(("remote-user", "Ada"), ("X-Forwarded-User", "Grace")) == "Ada"


def test_host_is_what_people_typed_where_the_page_is_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOUE_ORIGIN", "https://Moue.example.org/, http://localhost:9000")
    assert seen(("Host", "127.0.0.1:8501"), ("Origin", "https://moue.example.org"))["host"] == "moue.example.org"
    assert seen(("Host", "127.0.0.1:8501"), ("Origin", "http://localhost:9000"))["host"] == "localhost:9000"
    assert seen(("Host", "127.0.0.1:8501"), ("Origin", "https://evil.example"))["host"] == "127.0.0.1:8501"
    assert seen(("Host", "127.0.0.1:8501"))["host"] == "127.0.0.1:8501"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MOUE_TRUSTED_PROXIES", "10.0.0.5, proxy.lan"),
        ("MOUE_ORIGIN", "moue.example.org"),
        ("MOUE_ORIGIN", "https://moue.example.org/moue"),
        ("MOUE_ORIGIN", "ftp://moue.example.org"),
    ],
)
def test_a_setting_that_cannot_be_read_is_told_at_the_start(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate.check_settings()
    monkeypatch.setenv(name, value)
    with pytest.raises(UsageError, match=name):
        gate.check_settings()
