"""What of a folder or file is the data set: mostly itself, else the one file in it that is one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from pipeline.core.errors import UsageError
from pipeline.core.messages import message
from pipeline.core.names import name_key
from pipeline.core.system.regular import open_regular
from pipeline.export.readers import folders, registry, table
from pipeline.export.readers.wrapped import start_of
from pipeline.pixels.sniff import describe_archive

_KINDS: Final = frozenset({".json", ".jsonl", ".csv", ".tsv", ".parquet", ".xml", ".yaml", ".yml", ".tar"})
_EXPRESSION: Final = frozenset({
    "happy", "happiness", "joy", "smile", "smiles", "smiling", "laugh", "laughing", "laughter", "grin", "sad",
    "sadness", "cry", "crying", "angry", "anger", "fear", "afraid", "scared", "disgust", "disgusted", "surprise",
    "surprised", "contempt", "neutral", "calm", "none", "bored", "tired", "yawn", "yawning", "kiss", "kissing", "pout",
    "pouting", "smirk", "frown", "open", "openmouth", "mouthopen", "closed", "closedmouth", "tongue", "tongueout",
    "teeth", "talking", "speaking", "eating",
})  # fmt: skip
"""What classes are called here: a folder of that name is one, and folders of other names in it are not."""
_NO_SET: Final = ("import_no_format", "import_header", "import_broken", "import_label_studio_csv")
_MOST_NAMED: Final = 20
_HEAD: Final = 4096


def begin_of(root: Path, place: str, is_class: Callable[[str], bool]) -> Path:
    """Where the data set begins: the folder within folders around it, or the only file there that is a data set.

    place: where people know it from. is_class: whether a name is that of a class. Raises UsageError: several files are
    named, and an archive that is not opened is called what it is.
    """
    given, root = root, start_of(root, is_class)
    try:
        name = registry.recognise(root)
    except UsageError as e:
        if e.message.code != "import_no_format":
            raise
        return _only_file(root, place)
    labels = {one.label for one in folders.read(root)} if name == "folders" else set()
    if labels and not any(map(is_class, labels)):
        # Tables beside folders that are no classes say what they are.
        return _named(_readable(root), place) or _around_classes(root, given, labels)
    return root


def _around_classes(root: Path, given: Path, labels: set[str]) -> Path:
    """root, or the folder that holds it, where root is a class and the folders in it are of persons and the like.

    given: where the search for root began. labels: the folders in root, of which none is a class that is known. Raises
    UsageError where either may be the class.
    """
    is_outer = _is_expression(root.name) and not any(map(_is_expression, labels))
    if is_outer and root != given:
        return root.parent
    if is_outer or (root != given and len(labels) == 1 and not _is_expression(next(iter(labels)))):
        raise UsageError(message("import_class_unclear", outer=root.name, inner=min(labels)))
    return root


def _is_expression(name: str) -> bool:
    return name_key(name).lstrip("0123456789").strip(" _-").replace(" ", "").replace("_", "") in _EXPRESSION


def _only_file(root: Path, place: str) -> Path:
    files = [root] if root.is_file() else sorted(one for one in root.iterdir() if one.is_file())
    if len(files) == 1 and (what := describe_archive(_head(files[0]))) is not None:
        raise UsageError(message("import_archive_kind", place=place, what=what))
    if root.is_dir() and (found := _named(_readable(root), place)):
        return found
    told = [one for one in files if one.suffix.lower() in _KINDS]
    if root.is_dir() and told:
        raise UsageError(message("import_none_of_files", place=place, files=_names(told)))
    raise UsageError(message("import_no_format", place=place))


def _readable(folder: Path) -> list[Path]:
    return sorted(one for one in folder.iterdir() if one.suffix.lower() in _KINDS and one.is_file() and _is_set(one))


def _is_set(file: Path) -> bool:
    """By its beginning; a table by its header."""
    try:
        if registry.recognise(file) == "table":
            next(table.read_file(file), None)
    except UsageError as e:  # what a row says wrongly makes it no other file
        return e.message.code not in _NO_SET
    return True


def _named(readable: list[Path], place: str) -> Path | None:
    """Raises UsageError where there are several."""
    if len(readable) > 1:
        raise UsageError(message("import_several_files", place=place, files=_names(readable)))
    return readable[0] if readable else None


def _names(files: list[Path]) -> tuple[str, ...]:
    named = tuple(one.name for one in files[:_MOST_NAMED])
    return (*named, "…") if len(files) > _MOST_NAMED else named


def _head(file: Path) -> bytes:
    try:
        with open_regular(file) as stream:
            return stream.read(_HEAD)
    except OSError as e:
        raise UsageError(message("import_unreadable", file=file, why=e.strerror or e)) from e
