"""What moved between the splits of a line's releases, in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from pipeline.core.messages import Message, message
from pipeline.core.records import ExportItem
from pipeline.export.split import Moved


def shown(item: ExportItem) -> str:
    """A photo's file name and the beginning of its SHA-256: `smile.jpg (0123456789abcdef)`."""
    name = item.location.rpartition("/")[2]
    return f"{name} ({item.image_sha256[:16]})" if name else item.image_sha256[:16]


def names_of_groups(items: Iterable[ExportItem]) -> dict[str, str]:
    """Each group by its first photo, and how many more there are: `smile.jpg (0123456789abcdef) + 2`."""
    first: dict[str, ExportItem] = {}
    photos: dict[str, set[str]] = {}
    for item in items:
        first[item.group] = min(first.get(item.group, item), item, key=lambda i: i.image_sha256)
        photos.setdefault(item.group, set()).add(item.image_sha256)
    return {
        group: shown(item) + (f" + {len(photos[group]) - 1}" if len(photos[group]) > 1 else "")
        for group, item in first.items()
    }


def placed(moved: Sequence[Moved]) -> tuple[Moved, ...]:
    """Those that an earlier release had placed."""
    return tuple(one for one in moved if one.placed)


def why(moved: Moved) -> Message:
    """Why a group is where it is."""
    match moved.why:
        case "share":
            return message("moved_share", classes=tuple(moved.classes)) if moved.classes else message("moved_shares")
        case "joined":
            return message("moved_joined", after=moved.after)
        case "no_split":
            return message("moved_no_split", before=moved.before)
        case "anew":
            return message("moved_anew")


def describe(moved: Moved, names: Mapping[str, str]) -> Message:
    """One line: the photo, from where to where, and why."""
    name = names.get(moved.group, moved.group[:16])
    return message("moved", photo=name, before=moved.before, after=moved.after, why=why(moved))
