"""How this machine reaches the registries of packages, read from it: nothing of it stands in the project."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

_PASSED: Final = ("http_proxy", "https_proxy", "no_proxy", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


def mirror(suite: str) -> str:
    """Where apt gets the suite from. Raises LookupError where it does not."""
    asked = ("apt-get", "indextargets", "--format", "$(REPO_URI) $(RELEASE) $(COMPONENT)", "Created-By: Packages")
    for line in subprocess.run(asked, capture_output=True, text=True, check=True).stdout.splitlines():
        address, release, component = line.split()
        if (release, component) == (suite, "main"):
            return address
    raise LookupError(f"apt on this machine has no source of {suite}")


def registries() -> Mapping[str, str]:
    """pip's settings here, as variables, and those of proxies and certificates."""
    found = {name: value for name, value in os.environ.items() if name.lower() in {one.lower() for one in _PASSED}}
    listed = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=True
    ).stdout
    for line in sorted(listed.splitlines(), key=lambda line: line.startswith(":env:")):
        key, _, value = line.partition("=")
        name = key.rpartition(".")[2].upper().replace("-", "_")
        found[f"PIP_{name}"] = " ".join(shlex.split(value))
    return found


def paths(settings: Mapping[str, str]) -> Iterator[Path]:
    """The files and folders of this machine that the settings name; of an index in a folder the one that it lies in, as
    its links may lead beside it."""
    for value in settings.values():
        for word in value.split():
            path = Path(word.removeprefix("file://"))
            if path.is_absolute() and path.exists():
                yield path.parent if word.startswith("file://") else path
