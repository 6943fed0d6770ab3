"""Team: can we trust the labels?"""

from __future__ import annotations

from pages import _ui
from pages._team.sections import SECTIONS
from pages._ui import sections

sections.show("team", "team_section", SECTIONS, _ui.require_annotator())
