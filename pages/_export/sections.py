"""The sections of the Export page, in their order; each is shown to those whose role may do its action."""

from __future__ import annotations

from typing import Final

from pages._export import check, compare, make
from pages._ui.sections import Section
from pages._words import mark

SECTIONS: Final = (
    Section("make", mark("Make a release"), make.show, "see"),
    Section("compare", mark("Compare releases"), compare.show, "see"),
    Section("check", mark("Check a release"), check.show, "verify"),
)
