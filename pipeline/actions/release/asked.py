"""What a release is to be, as scripts say it: names and values in one flat mapping."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any, Final

from pipeline.core.errors import UsageError
from pipeline.core.messages import message
from pipeline.export.formats.registry import names_of
from pipeline.export.options import ExportOptions
from pipeline.export.pictures.options import PictureOptions
from pipeline.export.selecting.selection import Selection
from pipeline.export.split import DEFAULT_PLAN, SplitPlan

SPLIT_DEFAULTS: Final[dict[str, Any]] = {
    name: getattr(DEFAULT_PLAN, name) for name in ("val", "test", "folds", "seed", "anew")
}
"""What a release says of its splits, and what holds where it says nothing."""


def settings_of(given: Mapping[str, Any]) -> tuple[SplitPlan, ExportOptions]:
    """The splits, and which faces leave and how.

    given: any of val, test, folds, seed and anew (see `SplitPlan.of`), the fields of `ExportOptions`, and those of
    `Selection` and `PictureOptions` within it by their own names. Raises UsageError for an option that is none,
    ExportError for splits or formats that are none.
    """
    options = dict(given)
    split = {name: options.pop(name, default) for name, default in SPLIT_DEFAULTS.items()}
    parts = {"selection": Selection, "pictures": PictureOptions}
    known = [field.name for of in (ExportOptions, *parts.values()) for field in fields(of)]
    if unknown := sorted(set(options) - set(known)):
        raise UsageError(message("export_option_unknown", name=unknown[0], names=(*split, *known)))
    for name, of in parts.items():
        own = {field.name: options.pop(field.name) for field in fields(of) if field.name in options}
        if own:
            options[name] = replace(options.get(name) or of(), **own)
    if "licences" in options:
        options["licences"] = frozenset(options["licences"])
    if "formats" in options:
        options["formats"] = names_of(options["formats"])
    if "course_order" in options:
        options["course_order"] = tuple(options["course_order"])
    return SplitPlan.of(**split), ExportOptions(**options)
