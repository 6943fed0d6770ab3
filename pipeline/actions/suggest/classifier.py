"""The trained classifier: taken out of a workspace, written to a file, read from one."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from db.reads.counts import count_landmarks
from db.store.store import Db, Store
from db.suggest import models
from db.tables import suggesters
from db.tables.classes import list_classes
from pipeline.core.durable import flush
from pipeline.core.errors import StorageError, UsageError
from pipeline.core.geometry import DLIB, MESH, LandmarkModel
from pipeline.core.messages import message, os_message
from pipeline.files.exchange import rename_new
from pipeline.suggest.classifier import MOST_BYTES, Classifier, renumbered
from pipeline.suggest.learned import Learned


def current_classifier(store: Store) -> Classifier:
    """Of the newest version of Moue's own suggester; the zero-label rule for the workspace's classes where there is
    none."""
    return store.read(_read)


def _read(db: Db) -> Classifier:
    model = models.newest(db, suggesters.OURS)
    if model is None:
        return Classifier(tuple(one.name for one in list_classes(db)), landmark_model=_usual_landmarks(db))
    names = {one.id: one.name for one in list_classes(db, archived=True)}
    told = dict(model.parameters)
    by_mesh = told.pop("mesh", None)
    told.pop("looks", None)  # its components mean nothing outside of the workspace
    return Classifier(
        tuple(names.get(one, str(one)) for one in model.classes),
        model.name,
        model.version,
        model.made_at,
        model.n_labels,
        _learned_of(told),
        _with_names(model.report, names),
        _learned_of(by_mesh),
        _usual_landmarks(db),
    )


def _usual_landmarks(db: Db) -> LandmarkModel:
    """The model that placed most faces' landmarks."""
    placed = count_landmarks(db)
    return MESH if placed[MESH] > placed[DLIB] else DLIB


def _learned_of(told: dict[str, Any] | None) -> Learned | None:
    return renumbered(Learned.from_mapping(told)) if told else None


def _with_names(report: dict[str, Any], names: dict[int, str]) -> dict[str, Any]:
    """A report whose classes have names: ids mean nothing outside of the workspace. Where what crops look like was
    looked at, which the file leaves out, only how often it is right without that."""
    told = dict(report)
    tried = told.pop("looks", None)
    if tried and tried["taken"]:
        return {"n": tried["faces"], "accuracy": tried["without"]}
    if "classes" in told:
        told["classes"] = [
            {"class": names.get(one["class_id"], str(one["class_id"])), **_without_id(one)} for one in told["classes"]
        ]
    return told


def _without_id(one: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in one.items() if name != "class_id"}


def write_classifier(classifier: Classifier, file: Path, *, overwrite: bool = False) -> None:
    """Write the file whole or not at all. Raises UsageError where it is there already, StorageError."""
    beside = file.with_name(f".{file.name}.{os.getpid()}.new")
    try:
        try:
            beside.write_text(classifier.to_json(), "utf-8")
            flush(beside)
            if overwrite:
                os.replace(beside, file)
            else:
                rename_new(beside, file)
            flush(file.absolute().parent)
        finally:
            beside.unlink(missing_ok=True)
    except FileExistsError as e:
        raise UsageError(message("classifier_there", file=file)) from e
    except OSError as e:
        raise StorageError(os_message(e, "place_unwritable", place=file)) from e


def read_classifier(file: Path) -> Classifier:
    """Raises UsageError for a file that is not there, or no classifier that this Moue can use."""
    try:
        with file.open("rb") as stream:
            data = stream.read(MOST_BYTES + 1)
        text = data.decode("utf-8") if len(data) <= MOST_BYTES else ""
    except OSError as e:
        raise UsageError(message("decision_file_unreadable", file=file, why=e.strerror or e)) from e
    except UnicodeDecodeError:
        text = ""
    return Classifier.from_json(text, str(file))
