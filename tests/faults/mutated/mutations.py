"""Damage to a file that is the same for the same number: bits, numbers of lengths and sizes, blocks, splices."""

from __future__ import annotations

import random
import struct
import zlib
from collections.abc import Callable, Sequence
from typing import Final

MOST_BYTES: Final = 1 << 20
"""Of a damaged file: what a small file makes a reader do is the question."""
_NUMBERS: Final = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
_SIDES: Final = (0, 1, 3000, 7000, 16383, 30_000, 65_500, 65_535, 1 << 20, 0x7FFFFFFF, 0xFFFFFFFF)
"""Pixels that a header may claim: under the caps, at them, above."""
_WORDS: Final = (
    b"\0", b"\xff", b"\xfe\xff", b"\xff\xfe", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80",
    b"\\ud800", b"NaN",
    b"1e999", b"-1", b"9" * 5000, b"[" * 3000, b"{\"a\":" * 3000, b"null", b"\"", b"'", b",", b";", b"\t", b"\r", b"\n",
    b"<!DOCTYPE a [<!ENTITY b \"bb\">]>", b"<" * 2000, b"&#x110000;", b"../", b"/etc/passwd", b"%00",
    b"=cmd|' /C calc'!A0",
    b"http://[", b"{\"images\":", "关键词".encode("gb18030"), "ä".encode("latin-1"),
)  # fmt: skip

Mutation = Callable[[random.Random, bytearray, bytes, Sequence[int]], bytearray]


def mutated(name: str, number: int, data: bytes, other: bytes, sizes: Sequence[int] = ()) -> bytes:
    """`data` damaged in one to four ways; the same bytes for the same name and number.

    other: a file to splice with. sizes: numbers that a header of `data` holds (width, height), to be made huge.
    """
    chance = random.Random(f"{name}:{number}")
    hurt = bytearray(data)
    for _ in range(chance.choice((1, 1, 1, 2, 2, 3, 4))):
        hurt = chance.choice(MUTATIONS)(chance, hurt, other, sizes)[:MOST_BYTES]
    if chance.random() < 0.7:
        hurt = with_checksums(hurt)
    return bytes(hurt)


def _flip(chance: random.Random, data: bytearray, _other: bytes, _sizes: Sequence[int]) -> bytearray:
    for _ in range(chance.choice((1, 1, 2, 8))):
        if data:
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    return data


def _flip_in_head(chance: random.Random, data: bytearray, _other: bytes, _sizes: Sequence[int]) -> bytearray:
    """Where most formats say what follows."""
    if data:
        data[chance.randrange(min(len(data), 128))] = chance.choice((*range(256), 0, 255))
    return data


def _number(chance: random.Random, data: bytearray, _other: bytes, _sizes: Sequence[int]) -> bytearray:
    """A field of one to eight bytes, wherever it lies, becomes a number that programs get wrong."""
    width = chance.choice((1, 2, 4, 4, 8))
    value = chance.choice(_NUMBERS)
    value = chance.choice((value, (1 << 8 * width) - 1)) & ((1 << 8 * width) - 1)
    if len(data) >= width:
        reach = len(data) if chance.random() < 0.5 else min(len(data), 256)
        at = chance.randrange(reach - width + 1)
        data[at : at + width] = value.to_bytes(width, chance.choice(("little", "big")))
    return data


def _size(chance: random.Random, data: bytearray, other: bytes, sizes: Sequence[int]) -> bytearray:
    """One of the places where a header says a size claims another one."""
    places = []
    for size in sizes:
        for width in (2, 4):
            for order in ("little", "big"):
                sought = size.to_bytes(width, order)
                places += [(at, width, order) for at in _found(data, sought)]
    if not places:
        return _number(chance, data, other, sizes)
    for _ in range(chance.choice((1, 2))):
        at, width, order = chance.choice(places)
        data[at : at + width] = (chance.choice(_SIDES) & ((1 << 8 * width) - 1)).to_bytes(width, order)
    return data


def _found(data: bytearray, sought: bytes) -> list[int]:
    at, places = -1, []
    while (at := data.find(sought, at + 1, 4096)) >= 0:
        places.append(at)
    return places


def _cut(chance: random.Random, data: bytearray, _other: bytes, _sizes: Sequence[int]) -> bytearray:
    return data[: chance.randrange(len(data) + 1)]


def _remove(chance: random.Random, data: bytearray, _other: bytes, _sizes: Sequence[int]) -> bytearray:
    start, end = _block(chance, data)
    del data[start:end]
    return data


def _copy(chance: random.Random, data: bytearray, _other: bytes, _sizes: Sequence[int]) -> bytearray:
    """A block stands twice, or thousands of times."""
    start, end = _block(chance, data)
    times = chance.choice((1, 1, 2, 50, 3000))
    block = bytes(data[start:end])[: MOST_BYTES // times]
    at = chance.randrange(len(data) + 1)
    data[at:at] = block * times
    return data


def _move(chance: random.Random, data: bytearray, _other: bytes, _sizes: Sequence[int]) -> bytearray:
    start, end = _block(chance, data)
    block = data[start:end]
    at = chance.randrange(len(data) + 1)
    data[at : at + len(block)] = block
    return data


def _word(chance: random.Random, data: bytearray, _other: bytes, _sizes: Sequence[int]) -> bytearray:
    at = chance.randrange(len(data) + 1)
    word = chance.choice(_WORDS)
    data[at : at + chance.choice((0, len(word)))] = word
    return data


def _splice(chance: random.Random, data: bytearray, other: bytes, _sizes: Sequence[int]) -> bytearray:
    """The beginning of this and the rest of another one, or a block of it inside."""
    start, end = _block(chance, bytearray(other))
    at = chance.randrange(len(data) + 1)
    if chance.random() < 0.5:
        return data[:at] + other[start:]
    data[at:at] = other[start:end]
    return data


def _block(chance: random.Random, data: bytearray) -> tuple[int, int]:
    start = chance.randrange(len(data) + 1)
    return start, min(len(data), start + chance.choice((1, 4, 16, 64, 256, 4096)))


def with_checksums(data: bytearray) -> bytearray:
    """A PNG's chunks with the checksums that they now need: else most damage ends at the first of them."""
    at = 8 if data.startswith(b"\x89PNG\r\n\x1a\n") else len(data)
    while at + 12 <= len(data):
        (length,) = struct.unpack_from(">I", data, at)
        end = at + 8 + length
        if end + 4 > len(data):
            break
        struct.pack_into(">I", data, end, zlib.crc32(data[at + 4 : end]))
        at = end + 4
    return data


MUTATIONS: Final[tuple[Mutation, ...]] = (
    _flip, _flip_in_head, _number, _number, _size, _cut, _remove, _copy, _move, _word, _splice,
)  # fmt: skip
