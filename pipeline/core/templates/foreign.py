"""What other libraries complain of, in Moue's words: theirs are English, and for programmers. They stay in the error's
cause, for whoever reads the log."""

from __future__ import annotations

import csv
import json
import zlib
from pathlib import PurePath
from typing import Any, Final
from xml.parsers.expat import ExpatError

FOREIGN: Final = {
    "json_wrong": "no JSON from line {line}, column {column} on",
    "json_name_twice": "an object has one name twice",
    "json_half_character": "half a character is in it ({said}), which cannot be stored: take it out",
    "xml_wrong": "no XML from line {line}, column {column} on",
    "text_wrong": "byte {place:,} is no text in {encoding}",
    "encoding_unknown": "its encoding is not known",
    "name_wrong": "its letters make no name",
    "csv_cell_long": "a cell is too long: a quotation mark may have no partner",
    "csv_quote_open": "a quotation mark has no partner",
    "csv_behind_quote": "something stands between a closing quotation mark and the next separator",
    "csv_nul": "it holds a zero byte, and is no text",
    "csv_line_end": "a line ends in the midst of a cell without quotation marks",
    "csv_wrong": "its cells cannot be told apart",
    "archive_wrong": "its end is missing, or its packed bytes were changed",
    "nested_too_deep": "it is nested too deep",
    "too_little_memory": "it needs more memory than there is",
    "took_too_long": "it took longer than {seconds:g} s",
    "package_missing": "the package {name} is not installed",
    "program_error": "a part of the program gave up ({kind}); if it does so again, please report it with the file",
    "store_denied": "its storage gives no permission for it",
    "store_unknown_user": "its storage does not know who asks: no credentials were found, or they are not valid",
    "store_away": "its storage cannot be reached: check the address and the network",
    "store_silent": "its storage did not answer in time",
    "sqlite_read_only": "it may be read, not written",
    "sqlite_not_opened": "it could not be opened",
    "sqlite_damaged": "its pages do not fit together",
    "sqlite_none": "it is no database of SQLite",
    "sqlite_disk": "the disk, or the way to it, gave up",
    "damage_cut": "its end is missing, or it holds less than its size needs",
    "damage_sum": "a checksum is wrong: bytes of it were changed",
    "damage_bytes": "bytes stand in it that do not belong there",
    "damage_kind": "its header names a way to store pixels that no reader knows",
    "damage_data": "its packed pixels cannot be unpacked",
    "damage_video": "its streams cannot be read",
}

_ARCHIVES: Final = frozenset(("TarError", "BadZipFile", "ArrowException", "EOFError"))
"""By name: their modules take long to load."""
_CSV: Final = (
    ("field larger", "csv_cell_long"),
    ("unexpected end of data", "csv_quote_open"),
    ("expected after", "csv_behind_quote"),
    ("line contains nul", "csv_nul"),
    ("new-line character", "csv_line_end"),
)
_PICTURES: Final = (
    ("end of data segment", "damage_data"),
    ("extraneous bytes", "damage_bytes"),
    ("checksum", "damage_sum"),
    ("truncated", "damage_cut"),
    ("premature end", "damage_cut"),
    ("but only got", "damage_cut"),
    ("unsupported", "damage_kind"),
)
"""What Pillow and libjpeg write somewhere, and what it means; of two the first counts."""
_SQLITE: Final = {
    3: "sqlite_not_opened",
    8: "sqlite_read_only",
    10: "sqlite_disk",
    11: "sqlite_damaged",
    14: "sqlite_not_opened",
    26: "sqlite_none",
}
"""By the primary result code (https://sqlite.org/rescode.html)."""
_PRIMARY: Final = 0xFF


def words_for(error: BaseException) -> tuple[str, dict[str, Any]]:
    """Code and parameters for an error that has no message of ours."""
    if isinstance(error, json.JSONDecodeError):
        return "json_wrong", {"line": error.lineno, "column": error.colno}
    if isinstance(error, ExpatError):
        return "xml_wrong", {"line": error.lineno, "column": error.offset + 1}
    if isinstance(error, UnicodeDecodeError):
        return "text_wrong", {"encoding": error.encoding, "place": error.start + 1}
    if isinstance(error, UnicodeError):
        return "name_wrong", {}
    if type(error) is LookupError:
        return "encoding_unknown", {}
    if isinstance(error, csv.Error):
        return _first(_CSV, error) or "csv_wrong", {}
    if isinstance(error, zlib.error) or _ARCHIVES & {kind.__name__ for kind in type(error).__mro__}:
        return "archive_wrong", {}
    if type(error).__name__ == "TimeoutExpired":
        return "took_too_long", {"seconds": getattr(error, "timeout", 0)}
    if isinstance(error, RecursionError):
        return "nested_too_deep", {}
    if isinstance(error, MemoryError):
        return "too_little_memory", {}
    if isinstance(error, ImportError) and error.name:
        return "package_missing", {"name": error.name}
    return _of_sqlite(error) or ("program_error", {"kind": _kind_and_place(error)})


def _of_sqlite(error: BaseException) -> tuple[str, dict[str, Any]] | None:
    code = _SQLITE.get(getattr(error, "sqlite_errorcode", 0) & _PRIMARY)
    return None if code is None else (code, {})


def _kind_and_place(error: BaseException) -> str:
    """What whoever reads a report needs: an exception's type, and the file and line that raised it."""
    raised = error.__traceback__
    if raised is None:
        return type(error).__name__
    while raised.tb_next is not None:
        raised = raised.tb_next
    return f"{type(error).__name__}, {PurePath(raised.tb_frame.f_code.co_filename).name}:{raised.tb_lineno}"


def damage_in(error: BaseException) -> str:
    """The code for a picture that a reader of pixels gave up on."""
    return _first(_PICTURES, error) or "damage_data"


def _first(known: tuple[tuple[str, str], ...], error: BaseException) -> str | None:
    words = str(error).lower()
    return next((code for part, code in known if part in words), None)
