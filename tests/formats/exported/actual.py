"""A workspace of the sample faces, made and labelled as everybody would, and its exports as the command writes them."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

from db.decisions.log import apply_ops
from db.store.store import Db, Store
from db.tables.classes import archive_class, list_classes
from pipeline.core.records import Verdict
from pipeline.sources.samples import write_samples
from tests.db.make import decide
from tests.pipeline import commands as cli


def label_by_file(root: Path, labels: dict[str, str]) -> None:
    """Each face gets the class of its photo, by the file's name; what has none stays undecided, and a class that none
    has is put away."""

    def work(db: Db) -> None:
        ids = {spec.name: spec.id for spec in list_classes(db)}
        rows = db.execute("SELECT f.id, g.location FROM faces f JOIN sightings g ON g.sha256 = f.sha256").fetchall()
        named = {face: labels.get(Path(location).name) for face, location in rows}
        for name in set(ids) - set(labels.values()):
            archive_class(db, ids[name])
        apply_ops(db, "Ann", [decide(db, face, Verdict.ACCEPT, ids[name]) for face, name in named.items() if name])

    with Store.open(root) as store:
        store.write(work)


def labelled_samples(folder: Path) -> Path:
    """The sample photos in a workspace, each with its known answer."""
    photos = folder / "photos"
    photos.mkdir()
    answers = {one.name: one.expected_class for one in write_samples(photos)}
    cli.ingest(folder / "workspace", photos)
    label_by_file(folder / "workspace", {name: label for name, label in answers.items() if label is not None})
    return folder / "workspace"


def exported(root: Path, out: Path, *words: str) -> Counter[tuple[str, str]]:
    """Export into `out`; what its manifest says, by split and class."""
    done = cli.inside("export", "--out", out, "--workspace", root, *words)
    assert done.returncode == 0, done.stderr
    with (out / "manifest.csv").open(encoding="utf-8", newline="") as file:
        return Counter((row["split"], row["class"]) for row in csv.DictReader(file))
