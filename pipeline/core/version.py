"""The version, for `--version` and the pages."""

from typing import Final

VERSION: Final = "0.1.0"
