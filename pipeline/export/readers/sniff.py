"""Which tool wrote a JSON file, by its beginning alone: names of files differ from export to export."""

from __future__ import annotations

from pathlib import Path
from typing import Final, Literal

from pipeline.core.system.regular import open_regular

_HEAD: Final = 64 << 10
_COCO: Final = (b'"images"', b'"annotations"', b'"categories"')
_TASKS: Final = (b'"annotations"', b'"data"')
_MIN: Final = (b'"annotator"', b'"annotation_id"')

Tool = Literal["", "coco", "fiftyone", "fiftyone-labels", "label-studio", "label-studio-min"]


def tool_of(file: Path) -> Tool:
    """ "" where it is none of these, or cannot be read."""
    try:
        with open_regular(file) as stream:
            head = stream.read(_HEAD).lstrip(b"\xef\xbb\xbf \t\r\n")
    except OSError:
        return ""
    if head.startswith(b"["):
        if all(name in head for name in _MIN):
            return "label-studio-min"
        return "label-studio" if any(name in head for name in _TASKS) else ""
    if not head.startswith(b"{"):
        return ""
    if b'"samples"' in head:
        return "fiftyone"
    if sum(name in head for name in _COCO) > 1:
        return "coco"
    return "fiftyone-labels" if b'"classes"' in head and b'"labels"' in head else ""


def files_of(root: Path, tool: Tool) -> list[Path]:
    """The file itself, or those of its folder that this tool wrote."""
    if root.is_file():
        return [root] if root.suffix.lower() == ".json" and tool_of(root) == tool else []
    return sorted(p for p in root.glob("*.json") if p.is_file() and tool_of(p) == tool)
