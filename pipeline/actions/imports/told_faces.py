"""Faces of a data set: what it tells of a face becomes one where no detector found it, and lands on the right one where
one did. Never over what a person drew, moved or decided.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from db.images import faces
from db.images.images import note_unified
from db.reads import imports
from db.reads.details import ImageInfo, image_info
from db.store.locks import files_lock
from db.store.store import Db, Store
from pipeline.actions.imports.likest import FAR, assigned, is_within, lies_under
from pipeline.actions.imports.matching import (
    SAME_FACE,
    Entry,
    drawn_on_another,
    is_crop,
    known_by_release,
    part_in,
    pixels_a_unit,
)
from pipeline.actions.manual_faces import add_face, one_at_a_time
from pipeline.actions.stored_pixels.requests import FaceMaker, Made
from pipeline.core.errors import DecodeError, IntegrityError, UsageError
from pipeline.core.geometry import BoundingBox, Points, Told
from pipeline.core.messages import Message, message
from pipeline.core.records import Face, Settings, crop_version, face_id
from pipeline.export.pictures.shown import Shown, in_picture
from pipeline.export.readers.labelled import LabelledPicture
from pipeline.export.readers.syntax import points
from pipeline.faces.landmarks import MOUTH
from pipeline.faces.manual import DRAWN, same_face
from pipeline.faces.match import extent
from pipeline.faces.told import IMPORTED, as_told, labelled
from pipeline.files.blobs import BlobStore


@dataclass(slots=True)
class ToldFaces:
    """By the number of its entry, the face that is meant, or why there is none; entries that tell no place are not in
    it. doubtful: of those whose face may be another one, what is to be known. notes: what was made."""

    chosen: dict[int, str | Message] = field(default_factory=dict)
    doubtful: dict[int, Message] = field(default_factory=dict)
    notes: list[Message] = field(default_factory=list)


def take_crop(store: Store, entry: Entry, size: tuple[int, int], maker: FaceMaker) -> str:
    """Make and store the face of a picture that is a mouth crop itself, and return its id; the one that is there stays
    as it is. Raises UsageError, DecodeError, IntegrityError and StorageError."""
    with one_at_a_time:
        image = _image(store, entry.sha256)
        whole = BoundingBox(0.0, 0.0, float(image.width), float(image.height))
        identity = face_id(entry.sha256, whole, DRAWN)
        if any(one.face_id == identity for one in image.faces):
            return identity
        made = maker.whole(store.root, image, _settings(image, DRAWN), _told_of_crop(entry, size))
        add_face(store, replace(made.face, rank=len(image.faces)), made.png, made.unnoted)
    return made.face.face_id


def take_faces(
    store: Store,
    entries: Sequence[Entry],
    sizes: Mapping[str, tuple[int, int]],
    place: str,
    maker: FaceMaker,
    *,
    mouths: bool,
) -> ToldFaces:
    """Find or make the faces that boxes and points tell of. place: where the data set lies; the faces of photos that
    were sighted elsewhere, too, keep their landmarks. Raises StorageError."""
    named = store.read(lambda db: imports.faces(db, (e.picture.sha256 for e in entries if e.picture.sha256)))
    of_photo: dict[str, dict[int, Entry]] = defaultdict(dict)
    for number, entry in enumerate(entries):
        size = None if entry.picture.left is not None else sizes.get(entry.sha256)
        if size is not None and known_by_release(entry, named) is None and not is_crop(entry, size, mouths=mouths):
            of_photo[entry.sha256][number] = entry
    elsewhere = store.read(lambda db: imports.seen_elsewhere(db, of_photo, place))
    found = ToldFaces()
    for sha256, here in of_photo.items():
        told = {number: one for number, entry in here.items() if (one := told_of(entry, sizes[sha256])) is not None}
        if not told:
            continue
        with one_at_a_time:
            image = store.read(lambda db, sha256=sha256: image_info(db, sha256))  # type: ignore[misc]
            if image is not None:  # nobody erased it meanwhile
                _Photo(store, maker, image, here, told, found).take(fresh=sha256 not in elsewhere)
    return found


class _Photo:
    """One photo and what is told of its faces, by the number of the entry."""

    def __init__(
        self,
        store: Store,
        maker: FaceMaker,
        image: ImageInfo,
        entries: Mapping[int, Entry],
        told: Mapping[int, Told],
        found: ToldFaces,
    ) -> None:
        self._store, self._maker, self._entries, self._told, self._found = store, maker, entries, told, found
        self._image = image

    def take(self, *, fresh: bool) -> None:
        found = assigned(self._told, self._image.faces)
        chosen = found.chosen
        for number, face in chosen.items():
            self._found.chosen[number] = face.face_id
        try:
            if fresh:
                self._place_as_told(chosen)
            for number, told in self._told.items():
                if number not in chosen:
                    self._found.chosen[number] = self._made(number, told, found.doubtful.get(number))
        except (IntegrityError, DecodeError) as e:  # the photo's file is gone meanwhile, or its decoder died
            for number in self._told:
                place = self._entries[number].place
                self._found.chosen.setdefault(number, message("import_left", place=place, why=e.message))

    def _made(self, number: int, told: Told, doubtful: Face | None) -> str | Message:
        """doubtful: a face that may be meant."""
        if (twin := self._told_before(number, told)) is not None:
            if twin in self._found.doubtful:
                self._found.doubtful[number] = self._in_doubt(number)
            return self._found.chosen[twin]
        if doubtful is not None:
            self._found.doubtful[number] = self._in_doubt(number)
            return doubtful.face_id
        if (found := self._far_around(number, told)) is not None:
            return found
        try:
            made = self._maker.told(self._store.root, self._image, _settings(self._image, IMPORTED), told)
        except UsageError as e:
            return message("import_box_refused", place=self._entries[number].place, why=e.message)
        there = same_face(made.face, self._image.faces)  # of one that has a label already this is another one
        if there is not None:
            return there.face_id
        add_face(self._store, replace(made.face, rank=len(self._image.faces)), made.png, made.unnoted)
        self._image = self._store.read(lambda db: image_info(db, self._image.sha256)) or self._image
        self._found.notes.append(message("import_box_face", place=self._entries[number].place))
        return made.face.face_id

    def _told_before(self, number: int, told: Told) -> int | None:
        """An entry whose box lies where this one does: it tells of the same face, maybe by another label."""
        box = told.face or told.mouth
        found = {
            other: box.iou(its)
            for other, one in self._told.items()
            if other != number and other in self._found.chosen and box and (its := one.face or one.mouth)
        }
        best = max(found, key=lambda other: found[other], default=None)
        return best if best is not None and found[best] >= SAME_FACE else None

    def _far_around(self, number: int, told: Told) -> str | Message | None:
        """The one face in a box that lies on none, where no box lies on that face better; or why it is not known."""
        if told.face is None or told.mouth is not None or told.points is not None:
            return None
        inside = [face for face in self._image.faces if is_within(face.box, told.face)]
        place = self._entries[number].place
        if len(inside) > 1:
            return message("import_one_of_faces", place=place, n=len(inside))
        if not inside or inside[0].box.iou(told.face) < FAR:
            return None
        if inside[0].face_id in self._found.chosen.values():
            return message("import_no_face_there", place=place)
        if not lies_under(inside[0].box, told.face):
            self._found.doubtful[number] = self._in_doubt(number)
        return inside[0].face_id

    def _in_doubt(self, number: int) -> Message:
        return message("import_box_aside", place=self._entries[number].place)

    def _place_as_told(self, chosen: Mapping[int, Face]) -> None:
        """Landmarks and crops of detected faces, as they are told: where nobody has said or moved a thing."""
        wanted = {
            number: face for number, face in chosen.items() if _tells_points(self._entries[number], self._told[number])
        }
        said = self._store.read(lambda db: imports.answers(db, {face.face_id for face in wanted.values()}))
        for number, face in wanted.items():
            if face.detector in (DRAWN, IMPORTED) or face.face_id in said:
                continue
            settings = _settings(self._image, face.detector)
            changed = as_told(face, self._told[number], settings, self._image.width, self._image.height)
            if changed is not None:
                self._replace(self._maker.measured(self._store.root, self._image, changed, settings.border))

    def _replace(self, made: Made) -> None:
        face, png = made.face, made.png
        with files_lock(self._store.root), BlobStore(self._store.root).replaced("crops", face.face_id, "png", png):

            def work(db: Db) -> None:
                faces.replace_crop(db, face.face_id, face.crop, face.landmarks, crop_version(png), face.quality)
                note_unified(db, face.image_sha256, made.unnoted)

            self._store.write(work)


def _tells_points(entry: Entry, told: Told) -> bool:
    """Whether the landmarks are told: by points, or by a box that a release made of them."""
    return (
        told.points is not None or told.crop is not None or (told.mouth is not None and entry.picture.shows == "photo")
    )


def told_of(entry: Entry, size: tuple[int, int]) -> Told | None:
    """What an entry tells of the face in its photo, None where that is no place."""
    one = entry.picture
    face = one.in_photo if one.as_photo else None
    box = part_in(entry, size)
    if box is None and face is None:
        return None
    found = _points(one, size) if one.as_photo or not one.points_in_photo else None
    mouth = box
    if not one.shows and face is None and (found is None or _holds(box, found)):
        face, mouth = box, None  # others' boxes are of faces, where their landmarks do not say otherwise
    crop, either = one.crop if one.as_photo else None, not one.shows and found is None
    return Told(mouth, face, found, crop, outside=bool(one.shows), either=either)


def _told_of_crop(entry: Entry, size: tuple[int, int]) -> Told:
    one = entry.picture
    mouth, found = part_in(entry, size), _points(one, size)
    if found is not None and one.points_in_photo:
        found = None if one.crop is None else in_picture(found, Shown(one.crop, *size, squares=True))
    return Told(mouth, points=found, outside=bool(one.shows))


def _points(one: LabelledPicture, size: tuple[int, int]) -> Points | None:
    """In pixels of the picture as it is here, or of the photo, as they are told."""
    if not one.points or drawn_on_another(one, size):
        return None
    packed = one.points if one.points_in_photo else points.scaled(one.points, *pixels_a_unit(one, size))
    return np.frombuffer(packed, "<f4").reshape(68, 2).astype(np.float32)


def _holds(box: BoundingBox | None, found: Points) -> bool:
    """Whether a box is of the face that has these landmarks, and not of its mouth."""
    known, mouth = found[labelled(found)], found[MOUTH][labelled(found[MOUTH])]
    if box is None or len(known) < 2 or len(mouth) < 2:
        return True
    return box.iou(extent(known)) >= box.iou(extent(mouth))


def _image(store: Store, sha256: str) -> ImageInfo:
    image = store.read(lambda db: image_info(db, sha256))
    if image is None:
        raise UsageError(message("photo_gone"))
    return image


def _settings(image: ImageInfo, detector: str) -> Settings:
    return replace(Settings.of_processing(image.processing, image.margin, image.detector), detector=detector)
