"""The data set that is imported: opened, recognised, read and hashed, with nothing written yet."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from db.store.store import Store
from pipeline.actions.imports.candidates import begin_of
from pipeline.actions.imports.labels import class_name
from pipeline.actions.imports.matching import Entry
from pipeline.actions.imports.options import Imported, ImportOptions
from pipeline.actions.imports.unpack import unpack
from pipeline.actions.intake import class_names
from pipeline.actions.job import spool_folder
from pipeline.actions.release.accepted import check_name, name_after
from pipeline.core.durable import make_folder
from pipeline.core.errors import UsageError
from pipeline.core.messages import message
from pipeline.core.names import name_key
from pipeline.export.readers import registry
from pipeline.export.readers.labelled import LabelledPicture
from pipeline.export.readers.table import line_of_release, with_manifest
from pipeline.export.readers.wrapped import start_of
from pipeline.files.blobs import storage_error
from pipeline.files.hashing import hash_file
from pipeline.sources.folders import refuse_links_out
from pipeline.sources.plan import plan_source


@dataclass(frozen=True, slots=True)
class DataSet:
    """scratch: a folder of the workspace for what is taken out of archives; it goes when the import ends. place: where
    people know the data set from. made: classes that are to be made."""

    scratch: Path
    place: str
    kind: str
    entries: tuple[Entry, ...]
    made: tuple[str, ...]


@contextmanager
def opened(store: Store, path: Path, options: ImportOptions) -> Iterator[tuple[DataSet, Imported]]:
    """The folder, zip or file at `path`. Raises UsageError for what is refused, and StorageError."""
    plan = plan_source(path, spool_folder(store), 1)
    if options.format and options.format not in registry.READERS:
        names = tuple(sorted(registry.READERS))
        raise UsageError(message("import_format_unknown", name=options.format, names=names))
    upload = uploaded_folder(store, plan.folder)
    with _scratch(store.root) as scratch:
        root = unpack(plan.folder, scratch / "zip") if plan.kind == "zip" else plan.folder
        if options.within is not None:
            refuse_links_out(root, options.within)
        name = plan.folder.name if plan.kind == "folder" else plan.folder.stem
        kind = "upload" if upload is not None else "folder" if plan.kind == "file" else plan.kind
        place = str(options.ingest.source_name or plan.folder.resolve())
        yield _read(
            store, root, scratch, check_name(options.line) if options.line else name_after(name), options, (kind, place)
        )
    if upload is not None:  # what was refused waits for another try
        shutil.rmtree(upload, ignore_errors=True)


def uploaded_folder(store: Store, path: Path) -> Path | None:
    """The folder of the upload that the path lies in, None where it is no upload."""
    uploads = (store.root / ".incoming").resolve()
    path = path.resolve()
    if not path.is_relative_to(uploads):
        return None
    parts = path.relative_to(uploads).parts
    return uploads.joinpath(*parts[:2]) if len(parts) > 1 else None


@contextmanager
def _scratch(root: Path) -> Iterator[Path]:
    incoming = root / ".incoming"
    try:
        make_folder(incoming, inside=root)
        folder = Path(tempfile.mkdtemp(prefix="import-", dir=incoming))
    except OSError as e:
        raise storage_error(e, str(incoming)) from e
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _read(
    store: Store, root: Path, scratch: Path, line: str, options: ImportOptions, source: tuple[str, str]
) -> tuple[DataSet, Imported]:
    known = sorted(class_names(store))
    around, is_class = root, lambda name: class_name(name, known) is not None
    root = start_of(root, is_class) if options.format else begin_of(root, source[1], is_class)
    name = options.format or registry.recognise(root)
    line = check_name(options.line or line_of_release(root) or line)
    pictures = with_manifest(root, around, registry.read(root, name, scratch))
    unknown = _each_name_once(one.label for one in pictures if class_name(one.label, known) is None)
    if unknown and not options.make_classes:
        raise UsageError(message("import_classes_unknown", names=tuple(unknown[:50])))
    entries = tuple(_entries((root if root.is_dir() else root.parent, scratch), pictures))
    imported = Imported(name, line, labels=len(entries), made=tuple(unknown))
    return DataSet(scratch, source[1], source[0], entries, tuple(unknown)), imported


def _each_name_once(labels: Iterable[str]) -> list[str]:
    """Sorted; of spellings of one name (`Smile`, `smile`) one, which will be the class of all."""
    by_key: dict[str, str] = {}
    for label in sorted(set(labels)):
        by_key.setdefault(name_key(label), label)
    return list(by_key.values())


def _entries(roots: Sequence[Path], pictures: Sequence[LabelledPicture]) -> Iterator[Entry]:
    hashes: dict[Path, str] = {}
    for one in pictures:
        if one.left is not None and one.path.is_symlink():  # what it leads to is not looked at
            hashes[one.path] = ""
        if one.path not in hashes:
            found = hash_file(one.path)
            if found is None:
                raise UsageError(message("import_picture_missing", file=roots[0], name=one.path.name))
            hashes[one.path] = found
        root = next(root for root in roots if one.path.is_relative_to(root))
        yield Entry(one, one.path.relative_to(root).as_posix(), hashes[one.path])
