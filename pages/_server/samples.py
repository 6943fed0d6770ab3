"""Sample photos for a newcomer: made on the spot from public-domain portraits."""

from __future__ import annotations

import shutil
import uuid
from pathlib import Path
from typing import Final

from db.store.store import Store
from pages._server import jobs
from pages._words import mark
from pipeline.core.durable import make_folder
from pipeline.core.messages import message
from pipeline.files.blobs import storage_error
from pipeline.sources.samples import model_at_hand, write_samples

NAME: Final = mark("Sample photos")
WHAT: Final = mark(
    "A dozen and more photos made from public-domain portraits: mouths closed, pursed, open and smiling, a few planted "
    "copies, and one photo without a face. They take a minute to label, and their export works."
)


def load(store: Store, annotator: str) -> str:
    """Make the photos, start their ingest for `annotator` and return the job's id.

    Raises BusyError and StorageError.
    """
    return jobs.start_ingest(
        store, [make(store.root)], "sample", annotator=annotator, name=NAME, landmarks=model_at_hand()
    )


def make(root: Path) -> Path:
    """Write the photos to a folder that the ingest then empties and removes. Raises StorageError and ModelError."""
    folder = root / ".incoming" / "samples" / uuid.uuid4().hex
    try:
        make_folder(folder, inside=root)
        write_samples(folder)
    except BaseException as e:
        shutil.rmtree(folder, ignore_errors=True)
        if isinstance(e, OSError):
            raise storage_error(e, message("written_samples")) from e
        raise
    return folder
