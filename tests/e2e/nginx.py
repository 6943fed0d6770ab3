"""A real nginx on loopback, as a proxy that signs people in would be: its own configuration, folder and port."""

from __future__ import annotations

import shutil
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

NGINX = shutil.which("nginx") or next((p for p in ("/usr/sbin/nginx",) if Path(p).is_file()), "")
FRAME = """
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 128; }}
http {{
  access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  map $http_upgrade $connection_upgrade {{ default upgrade; '' close; }}
  server {{
    listen 127.0.0.1:{port};
    location / {{ proxy_pass http://127.0.0.1:{upstream}; {directives} }}
  }}
}}
"""
WEB_SOCKET = "proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_buffering off;" \
    " proxy_set_header Connection $connection_upgrade;"  # fmt: skip


@contextmanager
def nginx(folder: Path, port: int, upstream: int, directives: str) -> Iterator[str]:
    """Runs while inside; yields its address. directives: of the location that leads to Moue."""
    if not NGINX:
        pytest.skip("no nginx: apt-get install nginx-light")
    folder.mkdir()
    settings = folder / "nginx.conf"
    settings.write_text(FRAME.format(folder=folder, port=port, upstream=upstream, directives=directives))
    process = subprocess.Popen([NGINX, "-c", str(settings), "-p", str(folder)])
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_for(f"{address}/_stcore/health", process)
        yield address
    finally:
        process.terminate()
        process.wait(10)


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 20
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    raise AssertionError(f"nginx does not answer at {url}")
