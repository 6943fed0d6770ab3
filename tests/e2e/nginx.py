"""A real nginx on loopback, as a proxy that signs people in would be: its own configuration, folder and port."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.pipeline.commands import ROOT

NGINX = shutil.which("nginx") or next((path for path in ("/usr/sbin/nginx",) if Path(path).is_file()), "")
FRAME = """
{user} daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 128; }}
http {{
  access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
{server}
}}
"""


def documented(number: int = 0) -> str:
    """The configurations that docs/behind-a-proxy.md gives: 0 for a whole address, 1 for a path of one."""
    whole, path = re.findall(r"```nginx\n(.*?)```", (ROOT / "docs/behind-a-proxy.md").read_text("utf-8"), re.DOTALL)
    return str((whole, path)[number])


@contextmanager
def nginx(folder: Path, port: int, server: str) -> Iterator[str]:
    """Runs while inside; yields its address. server: its `server` block, which listens at `port`."""
    if not NGINX:
        pytest.skip("no nginx: apt-get install nginx-light")
    user = "" if os.geteuid() else "user root;"  # else its worker is nobody, who may not write into the test's folder
    settings = folder / "nginx.conf"
    settings.write_text(FRAME.format(folder=folder, server=server, user=user), "utf-8")
    process = subprocess.Popen([NGINX, "-c", str(settings), "-p", str(folder)])
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_for(address, process)
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
        except urllib.error.HTTPError:
            return  # it wants a password: it answers
        except OSError:
            time.sleep(0.05)
    raise AssertionError(f"nginx does not answer at {url}")
