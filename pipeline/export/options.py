"""What goes into an export, and how."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pipeline.core.ranges import CROP_SIDE
from pipeline.export.pictures.options import AS_REVIEWED, PictureOptions
from pipeline.export.selecting.selection import ALL, Selection

LEAST_SIZE: Final = int(CROP_SIDE.least)
MOST_SIZE: Final = int(CROP_SIDE.most)


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """Which faces are exported, and how they are shown.

    size: pixels of every picture's side (of a whole photo's longer one at most), None for unresized ones. min_side:
    smaller crops stay out. licences: crops of photos under others stay out (see `attribution.licence_of`); none: no
    crop does. without_confirmed: what was confirmed by page stays out. selection: which of what is left then leaves.
    formats: names of `formats.registry`, none for class folders. course_order: the classes in the workspace's order
    where their written names begin with their number, as the course's do. pictures: what they show. rejects_as:
    the class that rejected faces are, "" where they stay out.
    """

    size: int | None = None
    min_side: int = 0
    licences: frozenset[str] = frozenset()
    without_confirmed: bool = False
    selection: Selection = ALL
    formats: tuple[str, ...] = ()
    course_order: tuple[str, ...] = ()
    pictures: PictureOptions = AS_REVIEWED
    rejects_as: str = ""

    @classmethod
    def from_params(cls, params: Mapping[str, Any]) -> ExportOptions:
        """From what `params` gave."""
        without = bool(params.get("without_confirmed"))
        selection = Selection(**params.get("selection", {}))
        formats, order = tuple(params.get("formats", ())), tuple(params.get("course_order", ()))
        licences = frozenset(params["licences"])
        shown, rejects = PictureOptions.from_params(params), params.get("rejects_as", "")
        return cls(params["size"], params["min_side"], licences, without, selection, formats, order, shown, rejects)

    @property
    def params(self) -> dict[str, Any]:
        """As the list of releases keeps it."""
        found: dict[str, Any] = {"size": self.size, "min_side": self.min_side}
        found["licences"] = sorted(self.licences)
        found |= self.pictures.params
        if self.selection.params:
            found["selection"] = self.selection.params
        if self.formats:
            found["formats"] = list(self.formats)
        if self.rejects_as:
            found["rejects_as"] = self.rejects_as
        if self.course_order:
            found["course_order"] = list(self.course_order)
        return {**found, "without_confirmed": True} if self.without_confirmed else found


USUAL: Final = ExportOptions()
"""Every crop, as it is."""
