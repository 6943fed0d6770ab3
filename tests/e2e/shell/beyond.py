"""What of an element cannot be read without scrolling sideways."""

from __future__ import annotations

from typing import Final

BEYOND: Final = """node => [...node.querySelectorAll("*")].filter(one => one.checkVisibility() && !one.children.length)
  .filter(one => one.getBoundingClientRect().right > node.getBoundingClientRect().right).map(one => one.textContent)"""
"""In a page, of a node: the texts that reach beyond its right edge."""
