"""Types of the command line's arguments: numbers with a range, paths that are none but what was meant."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from pipeline.core.errors import UsageError
from pipeline.core.ranges import OPTION, Range
from pipeline.files.typed_path import typed_path, typed_path_or_url

T = TypeVar("T")


class Number:
    """A type for argparse: a number of the range."""

    def __init__(self, of: Range) -> None:
        self.range = of

    def __call__(self, text: str) -> int | float:
        return _checked(self.range.parse, text)


def path(text: str) -> Path:
    """A path of this machine, with `~` and `file://` understood; never an empty one."""
    return _checked(typed_path, text)


def path_or_url(text: str) -> Path | str:
    """The same, or a URL."""
    return _checked(typed_path_or_url, text)


def given(text: str) -> str:
    """A text that is not blank, as that of a variable is that was not set."""
    if not text.strip():
        raise argparse.ArgumentTypeError("it is empty: say what is meant, or leave the option out")
    return text


def option(text: str) -> tuple[str, float]:
    """`NAME=NUMBER`."""
    name, sign, value = text.partition("=")
    if not (name and sign):
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=NUMBER")
    try:
        return name, float(OPTION.parse(value))
    except UsageError as e:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=NUMBER") from e


def _checked(parse: Callable[[str], T], text: str) -> T:
    try:
        return parse(text)
    except UsageError as e:
        raise argparse.ArgumentTypeError(str(e)) from e
