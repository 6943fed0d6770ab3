"""The part of the messages' table that tells of persons on photos; see `message_table`."""

from __future__ import annotations

from typing import Final

PERSONS: Final[dict[str, str]] = {
    "people_busy": "the people of {root} are being told apart by another process: wait for it",
    "person_unknown": "there is no person number {person} in this workspace: `python -m pipeline people` lists them",
    "person_name_long": "a person's name has at most {most} characters",
    "person_level": "the level {level} is none: give 1 to {most}, counted from the source's folder, or -1 to -{most},"
    " counted from the file",
    "person_file_header": "{file} needs a header with person and with sha256, face_id or path. Its first line has:"
    " {found}",
    "person_one_key": "give exactly one of sha256, face_id and path",
    "person_said_twice": "line {line} names {name} for {key}: keep the row that holds",
    "person_row_unknown": "this workspace has no {key}",
}
