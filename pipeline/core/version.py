"""The version, for `--version` and the pages."""

from typing import Final

VERSION: Final = "0.1.0"
VERSION_LINE: Final = f"moue {VERSION}"
"""What `--version` prints."""
