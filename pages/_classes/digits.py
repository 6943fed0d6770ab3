"""The button that lets the digits that are keys follow the classes' order: offered where they do not."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from db.tables.classes import digits_in_order
from pages import _ui
from pages._words import t
from pipeline.core.records import ClassSpec


def section(specs: Sequence[ClassSpec], follow: Callable[[], bool]) -> None:
    """specs: in their order. follow: what the button does."""
    if not digits_in_order(specs):
        return
    told = t("The digits above go from top to bottom again. Whoever labels now gets them with the next page.")
    _ui.button(t("Let the digits follow this order"), "classes", key="classes_digits", on_click=follow, help=told)
