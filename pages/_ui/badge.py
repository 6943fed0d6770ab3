"""A class's badge: its letter on its colour."""

from __future__ import annotations

import html
from typing import Final

from pipeline.core.records import ClassSpec

STYLE: Final = """<style>
.class-badge { display: inline-block; min-width: 24px; padding: 0 6px; border-radius: 4px; text-align: center;
  font-weight: 700; line-height: 24px; }
</style>"""


def badge(spec: ClassSpec) -> str:
    """HTML for `st.html`; the page shows `STYLE` once."""
    style = f"background:{html.escape(spec.colour)};color:{ink(spec.colour)}"
    return f'<span class="class-badge" style="{style}">{html.escape(spec.letter)}</span>'


def ink(colour: str) -> str:
    """Black or white on `#rrggbb`, whichever has more contrast (WCAG 2, relative luminance)."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return "#000000" if (luminance + 0.05) ** 2 > 0.05 * 1.05 else "#ffffff"
