"""Damage that stays well-formed: other values in a JSON document, other names and members in a zip whose checksums fit.

Bits that are turned over end most such files at the parser, and try nothing behind it.
"""

from __future__ import annotations

import io
import json
import random
import warnings
import zipfile
from collections.abc import Iterator
from typing import Any, Final

_VALUES: Final = (
    None, True, False, -1, 0, 1, 1.5, 1e308, float("nan"), float("-inf"), 2**31, 2**63, 10**400, "", " ", "\ud800",
    "\0", "a" * 300, "../a", "/etc/passwd", "C:\\a", "9" * 30, "1e999", "2026-13-40", "微笑", "\u202ea", [], {}, [[]],
    [None], {"": None}, {"a": {"a": 1}}, "http://[", "a\nb",
)  # fmt: skip
_NAMES: Final = (
    "", "/", ".", "..", "../a.jpg", "/a.jpg", "C:\\a.jpg", "a\\b.jpg", "a//b.jpg", "a/", "a/a.jpg", "A.jpg", "a.jpg",
    "con.jpg", "a.jpg ", "a\n.jpg", "嘴.jpg", "e\u0301.jpg", "\u00e9.jpg", "a" * 300 + ".jpg",
    "a/" * 300 + "b.jpg", "__MACOSX/a.jpg", ".a.jpg", "Thumbs.db", "classes.txt", "annotations.xml", "data.yaml",
)  # fmt: skip
_MOST: Final = 1 << 16
_MEMBERS: Final = 8


def reshaped(chance: random.Random, data: bytes) -> bytes | None:
    """Other bytes of the same kind; None where `data` is neither a zip nor JSON, nor has a line that is."""
    if data[:2] == b"PK":
        return _zip(chance, data)
    if (whole := _json(chance, data)) is not None:
        return whole
    lines = data.split(b"\n")
    at = chance.randrange(len(lines))
    line = _json(chance, lines[at]) if lines[at][:1] in (b"{", b"[") else None
    return None if line is None else b"\n".join([*lines[:at], line, *lines[at + 1 :]])


def _json(chance: random.Random, data: bytes) -> bytes | None:
    if len(data) > _MOST:
        return None
    try:
        whole = [json.loads(data)]
        for _ in range(chance.choice((1, 1, 2, 3))):
            _change(chance, whole)
        return json.dumps(whole[0], ensure_ascii=chance.random() < 0.8).encode("utf-8", "surrogatepass")
    except (ValueError, RecursionError):
        return None


def _change(chance: random.Random, whole: list[Any]) -> None:
    places = list(_places(whole))
    held, key = chance.choice(places)
    other_held, other_key = chance.choice(places)
    other = json.loads(json.dumps(other_held[other_key]))
    match chance.randrange(5):
        case 0 if held is not whole:
            del held[key]
        case 1 if isinstance(held, list) and held is not whole:
            held[key:key] = [other] * chance.choice((1, 2, 50))
        case 1 if isinstance(held, dict):
            held[str(chance.choice(_VALUES))] = other
        case 2:
            held[key] = other
        case 3:
            held[key] = [held[key]]
        case _:
            held[key] = chance.choice(_VALUES)


def _places(held: Any) -> Iterator[tuple[Any, Any]]:
    for key in list(held) if isinstance(held, dict) else range(len(held)):
        yield held, key
        if isinstance(held[key], list | dict):
            yield from _places(held[key])


def _zip(chance: random.Random, data: bytes) -> bytes | None:
    out = io.BytesIO()
    try:
        with (
            warnings.catch_warnings(action="ignore"),  # two members of one name are meant
            zipfile.ZipFile(io.BytesIO(data)) as old,
            zipfile.ZipFile(out, "w") as new,
        ):
            for member in old.infolist()[:_MEMBERS]:
                for _ in range(chance.choice((0, 1, 1, 1, 1, 2))):
                    _member(chance, new, member, old.read(member)[:_MOST])
    except Exception:  # noqa: BLE001 - a zip damaged before raises whatever its decoders do, and has no form to keep
        return None
    return out.getvalue()


def _member(chance: random.Random, new: zipfile.ZipFile, member: zipfile.ZipInfo, content: bytes) -> None:
    named = zipfile.ZipInfo(chance.choice((member.filename, member.filename, *_NAMES)))
    named.compress_type = chance.choice((member.compress_type, zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))
    named.external_attr = chance.choice((member.external_attr, 0o120777 << 16, 0o10644 << 16, 0x10))
    named.extra = chance.choice((b"", b"", b"up\x09\0\1\0\0\0\0a.jp", b"\1\0\x08\0" + b"\xff" * 8))
    new.writestr(named, chance.choice((content, b"", content * 20, content[: chance.randrange(len(content) + 1)])))
