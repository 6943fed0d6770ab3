"""The part of the messages' table that tells of data sets that are imported; see `message_table`."""

from __future__ import annotations

from typing import Final

IMPORTS: Final[dict[str, str]] = {
    "import_archive_bomb": "{file} would unpack to more than {most:,} MB, or to many times its own size: unpack it"
    " yourself and give the folder",
    "import_archive_broken": "{file} cannot be unpacked: {why}",
    "import_archive_member": "{file} cannot be unpacked, {name}: {why}",
    "import_left": "{place}: {why}",
    "import_left_crowd": "a box around a crowd is nobody's face",
    "import_left_empty": "a box without an area, or none",
    "import_left_link": "a link is not followed: put the picture itself there",
    "import_left_outline": "an outline that is not read: boxes and polygons are",
    "import_left_turned": "a box on a picture that was turned while it was drawn",
    "import_link_outside": "{name} is a link that leads out of the folders that pages may read: put the file itself"
    " there",
    "import_archive_link": "{file} holds a symlink or a device, {name!r}: nothing was imported",
    "import_archive_twice": "{file} holds {name!r} twice: nothing was imported",
    "import_broken": "{file} is damaged or no such file: {why}",
    "import_classes_unknown": "no class here is called {names}: make them first, or say that they are to be made"
    " (--make-classes)",
    "import_class_number": "{file} calls a class by the number {number}, and no list of names says which it is: nothing"
    " was imported",
    "import_class_unclear": "{outer}/{inner}: either may be the class; make the one that is meant first, then import it"
    " again",
    "import_contradiction": "{place}: two labels for one face, {labels}: none was taken",
    "import_cvat_track": "{file} has the track of a video, labelled “{label}”, and no pictures of its frames"
    ' (images/frame_000000.png …) beside it: export it from CVAT with "Save images". Nothing was imported',
    "import_box_aside": "{place}: the middle of its box is not where the face under it is: is it that face?",
    "import_box_face": "{place}: no face was found where the box is, so the box became one",
    "import_box_refused": "{place}: its box makes no face: {why}",
    "import_decided": "{place}: {annotator} said {theirs} of this face, the data set says “{label}”: not changed",
    "import_doubts_full": "{n} more doubts found no room: decide on those that wait, then import it again",
    "import_face_elsewhere": "{place}: the release has the face {named} where the photo has none here",
    "import_face_unknown": "{place}: the release names the face {named}; here the photo has {n} others",
    "import_format_unknown": "no format is called {name}; there are: {names}",
    "import_header": "{file} needs a header with file and class. Its first line has: {found}",
    "import_id_twice": "{file} has the id {id} twice: nothing was imported",
    "import_near_copy": "{place} looks like {other}, which was here already{label}: are they one photo?",
    "import_near_label": ", labelled “{label}”",
    "import_no_face_there": "{place}: no face where the box is",
    "import_no_format": "{place} is no data set that is known here: class folders, a table, COCO, YOLO, Pascal VOC,"
    " Label Studio, CVAT, FiftyOne, Hugging Face, WebDataset or a release of Moue; --as says which it is",
    "import_none_of_files": "{place} is no data set that is known here, and neither is one of its files: {files}; a"
    " table needs the columns file and class, and --as says which format is meant",
    "import_several_files": "{place} has several files that tell pictures and classes: {files}; give the path of the"
    " one that is meant, and import the others after it",
    "import_no_table": "{folder} holds no table, or several: give the file itself",
    "import_no_utf8": "{file} is not UTF-8: save it so, then import it again",
    "import_nothing": "{place} holds no picture with a class",
    "import_one_of_faces": "{place}: {n} faces and no box that says which is meant",
    "import_other_person": "{name} is a person of this workspace: give your own name, or one that nobody has here",
    "import_only_face": "{place}: the release names the face {named}; here the photo has one face, {face}: is it that?",
    "import_other_id": "{place}: the release calls it the face {named}; at its place is {face} here, which was taken",
    "import_path_outside": "{file} names {name!r}, which leads out of the data set: nothing was imported",
    "import_path_elsewhere": "{file} names {name!r}, a path of another machine, and no picture of the data set is"
    " called so: put its pictures into the data set's folder; nothing was imported",
    "import_path_shared": "{file} names {name!r} and another path that both end like {other!r}, the only picture of"
    " that name in the data set: lay its pictures in their folders as those paths have them; nothing was imported",
    "import_path_unclear": "{file} names {name!r}, a path of another machine, and {n} pictures of the data set end so:"
    " lay them in their folders as that path has them, or write their paths from the data set's folder; nothing was"
    " imported",
    "import_picture_missing": "{file} names {name!r}, which is not there: nothing was imported",
    "import_photo_refused": "{place}: the picture is not taken in: {why}",
    "import_archive_kind": "{place} is {what}, or holds it: unpack it yourself and give the folder",
    "import_box_column": "{file} tells boxes in the column {column}, which is not read: give x1, y1, x2 and y2, or x,"
    " y, width and height, in columns of their own; nothing was imported",
    "import_label_studio_csv": "{file} is Label Studio's CSV or JSON-MIN, which tells less than its JSON: export the"
    " project as JSON",
    "import_refused": "nothing was imported: {why}",
    "import_other_size": "{place}: the box was drawn on a picture of {drawn}, and this one is {here} when upright: no"
    " face was chosen",
    "import_picture_unclear": "{file} names {name!r}, and there is {other!r}, called like the file: rename one of them,"
    " or correct the name in the file; nothing was imported",
    "import_picture_twice": "{file} names {name!r}, and {n} pictures are called so: nothing was imported",
    "import_yolo_names": "{place} has boxes for YOLO and no names of their classes: put data.yaml or classes.txt there",
    "import_row": "{file}, line {line}: this row cannot be read: nothing was imported",
    "import_split_twice": "{place}: the data set has this photo in {splits}: it was placed in none",
    "import_split_unknown": "{file}, {entry}: no split is called {name!r}: train, val, test and fold1 … are, and an"
    " empty cell is none; nothing was imported",
    "import_too_deep": "{file} is nested deeper than any data set is: nothing was imported",
    "import_too_large": "{file} is larger than {most:,} MB: nothing was imported",
    "import_too_many": "{file} has more than {most:,} rows: import it in parts",
    "import_unreadable": "{file} cannot be read: {why}",
    "import_without_face": "{place}: no face was found; if the pictures are mouths already, give --mouths",
    "import_without_photo": "{place}: the picture could not be taken in",
    "import_wrong_type": "{file}, {entry}: {field} is missing or of another kind: nothing was imported",
    "import_xml_entities": "{file} declares entities or a document type, which no annotations do: nothing was imported",
}
