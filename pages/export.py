"""Export: what leaves?"""

from __future__ import annotations

from pages import _ui
from pages._export.sections import SECTIONS
from pages._ui import sections

sections.show("export", "export_section", SECTIONS, _ui.require_annotator())
