"""What the command line ends with: scripts and pages read it. 0: every input has an outcome."""

from __future__ import annotations

from typing import Final

FINDINGS: Final = 1
"""Finished, and something was found or refused."""
USAGE: Final = 2
INTERRUPTED: Final = 130
"""Ctrl-C, or Cancel on a page: what a shell gives for SIGINT."""
