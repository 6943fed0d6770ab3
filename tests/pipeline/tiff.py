"""TIFFs and PNGs written field by field (TIFF 6.0; PNG 3rd edition), for what Pillow does not write."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]


def tiff(
    tags: Mapping[int, int | Sequence[int]], blocks: Sequence[bytes], order: str = "<", big: bool = False
) -> bytes:
    """One page. tags: all but where its blocks lie: tiles where there is a tag 322, else strips. big: BigTIFF."""
    where, sizes = (324, 325) if 322 in tags else (273, 279)
    fields: dict[int, tuple[int, ...]] = {k: tuple(v) if isinstance(v, Sequence) else (v,) for k, v in tags.items()}
    fields |= {where: (0,) * len(blocks), sizes: tuple(map(len, blocks))}
    letter, entry, head = ("Q", 20, 16) if big else ("I", 12, 8)
    inline = 8 if big else 4
    directory = head + (8 if big else 2) + entry * len(fields) + inline
    lists = {tag: struct.pack(f"{order}{len(v)}I", *v) for tag, v in fields.items() if 4 * len(v) > inline}
    at = directory + sum(map(len, lists.values()))
    starts = [at + sum(map(len, blocks[:n])) for n in range(len(blocks))]
    fields[where] = tuple(starts)
    if where in lists:
        lists[where] = struct.pack(f"{order}{len(starts)}I", *starts)
    out = b"II" if order == "<" else b"MM"
    out += struct.pack(order + "HHHQ", 43, 8, 0, 16) if big else struct.pack(order + "HI", 42, 8)
    out += struct.pack(order + ("Q" if big else "H"), len(fields))
    behind = directory
    for tag, values in sorted(fields.items()):
        out += struct.pack(f"{order}HH{letter}", tag, 4, len(values))
        if tag in lists:
            out += struct.pack(order + letter, behind)
            behind += len(lists[tag])
        else:
            out += struct.pack(f"{order}{len(values)}I", *values).ljust(inline, b"\0")
    return out + bytes(inline) + b"".join(lists[tag] for tag in sorted(lists)) + b"".join(blocks)


def bits_of(values: Ints, bits: int) -> bytes:
    """Each row of samples as one stream of bits, the highest first, filled up to a byte."""
    rows = ("".join(format(int(v) & ((1 << bits) - 1), f"0{bits}b") for v in row) for row in values)
    return b"".join(int(r.ljust(-(-len(r) // 8) * 8, "0"), 2).to_bytes(-(-len(r) // 8), "big") for r in rows)


def samples(values: Ints, bits: int, order: str) -> bytes:
    """Whole bytes in the file's order, other depths as bits."""
    if bits % 8:
        return bits_of(values, bits)
    side = "little" if order == "<" else "big"
    return b"".join((int(v) & ((1 << bits) - 1)).to_bytes(bits // 8, side) for v in values.ravel())


def grey_tags(values: Ints, bits: int, photometric: int = 1, **more: int) -> dict[int, int | Sequence[int]]:
    """The tags of a grey page without compression. more: `t317=2` is tag 317."""
    height, width = values.shape
    usual = {256: width, 257: height, 258: bits, 259: 1, 262: photometric, 277: 1, 278: height}
    return {**usual, **{int(name[1:]): value for name, value in more.items()}}


def grey_tiff(
    values: Ints,
    bits: int,
    photometric: int = 1,
    order: str = "<",
    rows: int = 0,
    packer: Callable[[bytes], bytes] = bytes,
    **more: int,
) -> bytes:
    """A grey page in strips of `rows` rows (0: one strip); packer: what compresses a strip."""
    rows = rows or values.shape[0]
    strips = [packer(samples(values[y : y + rows], bits, order)) for y in range(0, values.shape[0], rows)]
    return tiff(grey_tags(values, bits, photometric, t278=rows, **more), strips, order)


def packbits(data: bytes) -> bytes:
    """Literal runs of at most 128 bytes, as PackBits stores what does not repeat."""
    return b"".join(bytes([len(data[i : i + 128]) - 1]) + data[i : i + 128] for i in range(0, len(data), 128))


def reversed_bits(data: bytes) -> bytes:
    """FillOrder 2: the lowest bit of a byte is the first."""
    return bytes(int(f"{b:08b}"[::-1], 2) for b in data)


def chunk(kind: bytes, body: bytes, wrong: int = 0) -> bytes:
    """A chunk of a PNG; wrong: what its checksum is off by."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body) ^ wrong)


def png_chunks(data: bytes) -> list[tuple[bytes, bytes]]:
    """(kind, body) of each chunk of a sound PNG."""
    found, at = [], 8
    while at < len(data):
        (length,) = struct.unpack(">I", data[at : at + 4])
        found.append((data[at + 4 : at + 8], data[at + 8 : at + 8 + length]))
        at += 12 + length
    return found
