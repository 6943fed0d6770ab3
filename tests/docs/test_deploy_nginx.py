"""nginx as docs/deploy.md has it, with TLS, on loopback, before the real server: by HTTP, no browser."""

from __future__ import annotations

import base64
import gzip
import http.client
import json
import re
import socket
import ssl
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import streamlit
import trustme

from tests.docs.pages import ROOT, blocks
from tests.e2e.conftest import Server, free_port, running
from tests.e2e.nginx import NGINX, documented, nginx
from tests.pipeline.commands import ingest
from tests.pipeline.photos import numbered_head

NAME = "moue.example.org"
PART = 8 * 1024 * 1024
PASSWORD = "open sesame"


@dataclass
class Behind:
    server: Server
    port: int
    plain: int
    trust: ssl.SSLContext
    authority: str

    @property
    def origin(self) -> str:
        return f"https://localhost:{self.port}"

    def ask(self, method: str, path: str, body: bytes | str = b"", **headers: str) -> http.client.HTTPResponse:
        line = http.client.HTTPSConnection("localhost", self.port, timeout=60, context=self.trust)
        word = base64.b64encode(f"Zoe:{PASSWORD}".encode()).decode("ascii")
        given = {"Authorization": f"Basic {word}", "Origin": self.origin}
        line.request(method, path, body or None, given | {name.replace("_", "-"): one for name, one in headers.items()})
        return line.getresponse()


@pytest.fixture(scope="module")
def behind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Behind]:
    if not NGINX:
        pytest.skip("no nginx (apt-get install nginx-light): its configuration with TLS was not run")
    folder = tmp_path_factory.mktemp("tls")
    (folder / "in").mkdir()
    (folder / "in" / "1.jpg").write_bytes(numbered_head(1))
    ingest(folder / "workspace", folder / "in", "--copy")
    port, plain, up = free_port(), free_port(), free_port()
    authority = trustme.CA()
    certificate = authority.issue_cert("localhost")
    (folder / "moue.crt").write_bytes(b"".join(blob.bytes() for blob in certificate.cert_chain_pems))
    certificate.private_key_pem.write_to_path(folder / "moue.key")
    trust = ssl.create_default_context()
    authority.configure_trust(trust)
    (folder / "htpasswd").write_text(f"Zoe:{{PLAIN}}{PASSWORD}\n", "utf-8")
    (folder / "nginx").mkdir()
    with_tls, redirect = blocks(ROOT / "docs/deploy.md", "nginx")
    whole = re.sub(r" +listen 127.*\n", lambda _: with_tls, documented()) + redirect
    origin = f"https://localhost:{port}"
    for server in running(folder, MOUE_AUTH="header", MOUE_ORIGIN=origin):
        for given, here in (
            ("listen 443 ssl http2;", f"listen 127.0.0.1:{port} ssl http2;"),
            ("listen 80;", f"listen 127.0.0.1:{plain};"),
            ("/etc/nginx/moue.crt", str(folder / "moue.crt")),
            ("/etc/nginx/moue.key", str(folder / "moue.key")),
            ("/etc/nginx/moue.htpasswd", str(folder / "htpasswd")),
            ("127.0.0.1:8501", f"127.0.0.1:{server.port}"),
        ):
            assert whole.count(given) == 1, given
            whole = whole.replace(given, here)
        probe = f"server {{ listen 127.0.0.1:{up}; return 204; }}"  # whether it is up: not sent on to port 443
        with nginx(folder / "nginx", up, whole.replace(NAME, "localhost") + probe):
            yield Behind(server, port, plain, trust, authority.cert_pem.bytes().decode())


def test_a_person_decides_through_tls(behind: Behind) -> None:
    ((face, sha, kept),) = behind.server.rows("SELECT f.id, f.sha256, (SELECT min(id) FROM classes) FROM faces f")
    one = str(uuid.uuid4())
    op = {
        "uuid": one,
        "op": "decide",
        "step": one,
        "face_id": face,
        "sha256": sha,
        "verdict": "accept",
        "class_id": kept,
    }
    body = json.dumps({"ops": [op]})
    answer = behind.ask("POST", "/api/decisions", body, Content_Type="application/json", X_Forwarded_User="Ada")
    assert answer.status == 200, answer.read()
    assert behind.server.rows("SELECT uuid, annotator FROM decisions") == [(one, "Zoe")]
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
    foreign = behind.ask("POST", "/api/decisions", body, Content_Type="application/json", Origin="https://evil.example")
    assert foreign.status == 403


def test_nobody_comes_in_without_a_password(behind: Behind) -> None:
    assert behind.ask("GET", "/api/ready", Authorization="none").status == 401
    assert behind.ask("GET", "/api/ready").status == 200


def test_a_part_of_an_upload_fits(behind: Behind) -> None:
    asked = f"kind=photos&batch={'b' * 32}&name=a.zip&size={2 * PART}&modified=1&number=0&offset=0"
    answer = behind.ask("PUT", f"/api/upload?{asked}", bytes(PART))
    assert answer.status == 200, answer.read()
    assert [path.stat().st_size for path in behind.server.workspace.rglob("part-*")] == [PART]


def test_the_web_socket_of_the_page_opens(behind: Behind) -> None:
    key = base64.b64encode(b"0123456789abcdef").decode("ascii")
    answer = behind.ask(
        "GET",
        "/_stcore/stream",
        Connection="Upgrade",
        Upgrade="websocket",
        Sec_WebSocket_Version="13",
        Sec_WebSocket_Key=key,
    )
    assert answer.status == 101, answer.read()


def test_plain_http_is_sent_to_tls(behind: Behind) -> None:
    line = http.client.HTTPConnection("127.0.0.1", behind.plain, timeout=20)
    line.request("GET", "/review?size=24", headers={"Host": "localhost"})
    answer = line.getresponse()
    assert (answer.status, answer.headers["Location"]) == (301, "https://localhost/review?size=24")


def test_a_page_s_scripts_come_packed_and_over_one_connection(behind: Behind) -> None:
    file = min((Path(streamlit.__file__).parent / "static" / "static" / "js").glob("index.*.js"))
    answer = behind.ask("GET", f"/static/js/{file.name}", Accept_Encoding="gzip")
    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert gzip.decompress(answer.read()) == file.read_bytes()
    context = ssl.create_default_context(cadata=behind.authority)
    context.set_alpn_protocols(["h2", "http/1.1"])
    with (
        socket.create_connection(("localhost", behind.port), timeout=20) as line,
        context.wrap_socket(line, server_hostname="localhost") as secure,
    ):
        assert secure.selected_alpn_protocol() == "h2"
