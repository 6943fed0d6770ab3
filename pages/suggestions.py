"""Suggestions: how good are they, and what do they doubt?"""

from __future__ import annotations

from pages import _ui
from pages._suggest.sections import SECTIONS
from pages._ui import sections

sections.show("suggestions", "suggest_section", SECTIONS, _ui.require_annotator())
