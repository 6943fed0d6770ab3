"""Just enough WebDriver BiDi (https://w3c.github.io/webdriver-bidi) to drive Debian's Firefox; Playwright cannot."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

FIREFOX = next((found for name in ("firefox-esr", "firefox") if (found := shutil.which(name))), "")
KEYS = {"Enter": "\ue007", "Shift": "\ue008", "ArrowRight": "\ue014"}
# It talks to nobody but the page.
PREFERENCES = {
    "app.normandy.enabled": False,
    "browser.safebrowsing.malware.enabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "intl.accept_languages": "en-US",
    "services.settings.server": "data:,#nothing",
    "toolkit.telemetry.enabled": False,
}
DEEP = """
const deep = (selector, root = document) => {
  const inside = [...root.querySelectorAll("*")].flatMap((at) => (at.shadowRoot ? deep(selector, at.shadowRoot) : []))
  return [...root.querySelectorAll(selector), ...inside]
}
"""


class BidiError(Exception):
    """The browser refused a command, or a script in the page failed."""


class Page:
    """One tab. `deep(selector)` in every script looks into shadow roots as well."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._number = 0
        self.send("session.new", capabilities={})
        self._tab = self.send("browsingContext.getTree")["contexts"][0]["context"]

    def send(self, method: str, **params: Any) -> dict[str, Any]:
        """Raises BidiError, TimeoutError after a minute of silence."""
        self._number += 1
        self._socket.send(json.dumps({"id": self._number, "method": method, "params": params}))
        while True:
            answer = json.loads(self._socket.recv(60))
            if answer.get("id") == self._number:
                if answer["type"] == "error":
                    raise BidiError(f"{method}: {answer['message']}")
                return dict(answer["result"])

    def goto(self, url: str) -> None:
        self.send("browsingContext.navigate", context=self._tab, url=url, wait="complete")

    def reload(self) -> None:
        self.send("browsingContext.reload", context=self._tab, wait="complete")

    def run(self, expression: str) -> Any:
        """The value of a JavaScript expression, as JSON has it. Raises BidiError."""
        source = f"(() => {{ {DEEP}; return JSON.stringify({expression}) ?? null }})()"
        answer = self.send("script.evaluate", expression=source, target={"context": self._tab}, awaitPromise=True)
        if answer["type"] != "success":
            raise BidiError(answer["exceptionDetails"]["text"])
        return json.loads(answer["result"].get("value") or "null")

    def wait(self, expression: str, seconds: float = 30) -> Any:
        """The first truthy value of it. Raises AssertionError."""
        until = time.monotonic() + seconds
        while not (value := self.run(expression)):
            assert time.monotonic() < until, f"still {value!r} after {seconds} s: {expression}"
            time.sleep(0.05)
        return value

    def press(self, *names: str) -> None:
        """Keys by name or character; `Shift+z` holds the first."""
        steps = []
        for name in names:
            held = [KEYS.get(part, part) for part in name.split("+")] if len(name) > 1 else [name]
            steps += [{"type": "keyDown", "value": one} for one in held]
            steps += [{"type": "keyUp", "value": one} for one in reversed(held)]
        actions = [{"type": "key", "id": "keyboard", "actions": steps}]
        self.send("input.performActions", context=self._tab, actions=actions)


@contextmanager
def firefox(profile: Path) -> Iterator[Page]:
    """A headless Firefox with a new profile in the folder `profile`."""
    profile.mkdir(parents=True)
    lines = (f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in PREFERENCES.items())
    (profile / "user.js").write_text("\n".join(lines), "utf-8")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [FIREFOX, "--headless", "--no-remote", "--remote-debugging-port", str(port), "--profile", str(profile)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        with _connected(f"ws://127.0.0.1:{port}/session", process) as line:
            yield Page(line)
    finally:
        process.terminate()
        process.wait(30)


def _connected(address: str, process: subprocess.Popen[bytes]) -> ClientConnection:
    until = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < until:
        try:
            return connect(address, max_size=None)
        except OSError:
            time.sleep(0.2)
    raise BidiError("Firefox did not start")
