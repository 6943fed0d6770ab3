"""A disk with a cache that a power cut empties: what was asked of it, and each state it may be found in afterwards.

Names and bytes are apart, as on a disk: a folder is names that lead to nodes, a file is bytes. What was not flushed may
be there or not; a call that changes names (a rename) happens whole or not at all. Source of the model: Pillai et al.,
"All File Systems Are Not Created Equal" (OSDI 2014), its rules for a file system that promises nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.faults.power.wal import counts

ROOT: Final = 0
_SECTOR: Final = 512


@dataclass(frozen=True)
class Names:
    """One call that changed names: (folder, name, the node that it leads to; None where it is gone)."""

    changes: tuple[tuple[int, str, int | None], ...]


@dataclass(frozen=True)
class Bytes:
    """`data` written at `offset` of a file; cut: it ends behind them (its earlier end stays otherwise)."""

    node: int
    offset: int
    data: bytes
    cut: bool = False


@dataclass(frozen=True)
class Flush:
    """A file's bytes, or a folder's names, were made durable."""

    node: int


@dataclass(frozen=True)
class Said:
    """What the work told others at this moment, in lines: it must hold from here on."""

    words: str


Event = Names | Bytes | Flush | Said
Tree = dict[str, bytes | None]
"""Relative path → its bytes, None for a folder."""


@dataclass
class Recording:
    """What was there, durably, and what was asked then. folders: the nodes that are folders."""

    folders: set[int] = field(default_factory=lambda: {ROOT})
    first: list[Event] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)

    def said(self, before: int) -> list[str]:
        """The lines that were told by the first `before` events."""
        return [line for event in self.events[:before] if isinstance(event, Said) for line in event.words.splitlines()]

    def tree(self, chosen: dict[int, Event], before: int, kept: _Kept | None = None) -> Tree:
        """The tree where of the first `before` events those of `chosen` happened, in their order."""
        names: dict[int, dict[str, int]] = {}
        written: dict[int, list[Bytes]] = {}
        for event in [*self.first, *(chosen[n] for n in range(before) if n in chosen)]:
            if isinstance(event, Names):
                for folder, name, node in event.changes:
                    _name(names.setdefault(folder, {}), name, node)
            elif isinstance(event, Bytes):
                written.setdefault(event.node, []).append(event)
        found: Tree = {}
        self._walk("", ROOT, names, written, found, kept or _Kept())
        return found

    def _walk(
        self, at: str, node: int, names: dict[int, dict[str, int]], written: dict[int, list[Bytes]], found: Tree,
        kept: _Kept,
    ) -> None:  # fmt: skip
        for name, child in names.get(node, {}).items():
            path = f"{at}{name}"
            if child in self.folders:
                found[path] = None
                self._walk(f"{path}/", child, names, written, found, kept)
            else:
                found[path] = kept.content(written.get(child, []))


class _Kept:
    """Contents of files by what was written to them: most states of a moment, and of the next, have them in common."""

    def __init__(self) -> None:
        self._now: dict[tuple[int, ...], tuple[bytes, Sequence[Bytes]]] = {}
        self._earlier = dict(self._now)
        self._hashes: dict[int, bytes] = {}

    def content(self, written: Sequence[Bytes]) -> bytes:
        """The same object for the same events, so that it is hashed once."""
        key = tuple(map(id, written))
        if key not in self._now:
            self._now[key] = self._earlier.get(key) or (_content(written), list(written))  # ids stay taken
        return self._now[key][0]

    def digest(self, tree: Tree) -> str:
        """Of all names and bytes, of SQLite's log what counts of it. tree: made with this."""
        total = hashlib.sha256()
        for path, data in sorted(tree.items()):
            total.update(f"{path}\0{'folder' if data is None else 'file'}\0".encode("utf-8", "surrogateescape"))
            if data is not None:
                if id(data) not in self._hashes:
                    self._hashes[id(data)] = hashlib.sha256(counts(data) if path.endswith("-wal") else data).digest()
                total.update(self._hashes[id(data)])
        return total.hexdigest()

    def next(self) -> None:
        """Another moment: forget what the last one had no use for."""
        self._earlier, self._now = self._now, {}
        self._hashes = {
            id(data): self._hashes[id(data)] for data, _ in self._earlier.values() if id(data) in self._hashes
        }


def _content(written: Sequence[Bytes]) -> bytes:
    content = bytearray()
    for event in written:
        _write(content, event)
    return bytes(content)


@dataclass(frozen=True)
class State:
    """What a power cut may leave. before: how many events had been asked; how: what was lost, in words."""

    before: int
    how: str
    tree: Tree

    def write(self, root: Path) -> None:
        """Lay it out in the folder `root`, which is made."""
        root.mkdir(parents=True)
        for path, data in sorted(self.tree.items()):
            if data is None:
                (root / path).mkdir()
            else:
                (root / path).write_bytes(data)


def states(recording: Recording, moments: Iterable[int] | None = None) -> Iterator[State]:
    """Every state after each event: names and bytes that were not flushed are there or lost. Each once for what had
    been told by then, and once more where the work had ended; once, too, if they differ in what SQLite passes over.

    moments: after how many events the power is cut; None: after each number of them.

    Names: those asked first up to any one of them, all but one, one alone. Bytes: all, none, all but the second half of
    each file's last write, zeros in their place. (Beyond that all subsets would be legal: too many to try.)
    """
    seen: set[tuple[str, int, bool]] = set()
    safe, kept, torn = _safe_at(recording), _Kept(), _Damaged(recording.events)
    for before in range(len(recording.events) + 1) if moments is None else moments:
        told, ended = len(recording.said(before)), before == len(recording.events)
        for how, chosen in _choices(recording, before, safe, torn):
            tree = recording.tree(chosen, before, kept)
            key = (kept.digest(tree), told, ended)
            if key not in seen:
                seen.add(key)
                yield State(before, how, tree)
        kept.next()


def _choices(
    recording: Recording, before: int, safe: list[int], damaged: _Damaged
) -> Iterator[tuple[str, dict[int, Event]]]:
    asked = dict(enumerate(recording.events[:before]))
    waiting = [n for n in asked if safe[n] >= before]
    names = [n for n in waiting if isinstance(asked[n], Names)]
    data = [n for n in waiting if isinstance(asked[n], Bytes)]
    lost_names = {f"{len(names) - kept} last names lost": set(names[kept:]) for kept in range(len(names) + 1)}
    for n in names:
        lost_names[f"name {n} alone lost"] = {n}
        lost_names[f"name {n} alone kept"] = set(names) - {n}
    last = {event.node: n for n in data if isinstance(event := asked[n], Bytes)}
    ways: dict[str, dict[int, Event | None]] = {"all bytes": {}, "no bytes": dict.fromkeys(data)}
    ways["torn"] = {n: damaged.torn(n) for n in last.values()}
    ways["zeros"] = {n: damaged.zeros(n) for n in data}
    for lost, gone in lost_names.items():
        for way, instead in ways.items():
            chosen = {n: instead.get(n, event) for n, event in asked.items() if n not in gone}
            yield f"{lost}, {way}", {n: event for n, event in chosen.items() if event is not None}


def _safe_at(recording: Recording) -> list[int]:
    """For each event the number of the one that made it durable, else one that never comes."""
    never = len(recording.events) + 1
    flushed: dict[int, int] = {}
    safe = [never] * len(recording.events)
    for n in range(len(recording.events) - 1, -1, -1):
        event = recording.events[n]
        if isinstance(event, Flush):
            flushed[event.node] = n
            safe[n] = n
        elif isinstance(event, Bytes):
            safe[n] = flushed.get(event.node, never)
        elif isinstance(event, Names):
            given = [folder for folder, _, node in event.changes if node is not None]
            safe[n] = max(flushed.get(folder, never) for folder in given or [event.changes[0][0]])
    return safe


class _Damaged:
    """What became of a write that was not flushed; the same event each time that it is asked for."""

    def __init__(self, events: Sequence[Event]) -> None:
        self._events = events
        self._torn: dict[int, Event] = {}
        self._zeros: dict[int, Event] = {}

    def torn(self, n: int) -> Event:
        if n not in self._torn:
            event = self._events[n]
            assert isinstance(event, Bytes)
            half = len(event.data) // 2
            there = half // _SECTOR * _SECTOR or half
            self._torn[n] = Bytes(event.node, event.offset, event.data[:there], event.cut)
        return self._torn[n]

    def zeros(self, n: int) -> Event:
        if n not in self._zeros:
            event = self._events[n]
            assert isinstance(event, Bytes)
            self._zeros[n] = Bytes(event.node, event.offset, bytes(len(event.data)), event.cut)
        return self._zeros[n]


def _name(names: dict[str, int], name: str, node: int | None) -> None:
    if node is None:
        names.pop(name, None)
    else:
        names[name] = node


def _write(content: bytearray, event: Bytes) -> None:
    end = event.offset + len(event.data)
    if len(content) < end:
        content.extend(bytes(end - len(content)))
    content[event.offset : end] = event.data
    if event.cut:
        del content[end:]
