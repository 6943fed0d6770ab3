"""The sections of the Suggestions page, in their order; each is shown to those whose role may do its action."""

from __future__ import annotations

from typing import Final

from pages._suggest import by_photo, models, scores, slips
from pages._suggest import map as map_section
from pages._ui.sections import Section
from pages._words import mark

SECTIONS: Final = (
    Section("scores", mark("Scores"), scores.show, "see"),
    Section("slips", mark("Possible slips"), slips.show, "label"),
    Section("map", mark("Map"), map_section.show, "see"),
    Section("photo", mark("By photo"), by_photo.show, "see"),
    Section("models", mark("Models"), models.show, "see"),
)
