"""What is said of releases that were written."""

from __future__ import annotations

from typing import Final

RELEASES: Final = {
    "release_not_there": "{place} is no release of Moue: it has no release.json that can be read",
    "release_unreadable": "{place} cannot be read: it was cut short or written by something else",
    "release_format": "{place} has the format {format}, which this version of Moue does not know: update Moue",
    "release_sum": "{place} is damaged: the sum that it has of itself is another one",
    "release_check_running": "the files of {title} are being read: wait until that is known",
    "release_file_missing": "{file} is missing",
    "release_file_unread": "{file} cannot be read ({why})",
    "release_file_changed": "{file} is not what it was when the release was made",
    "release_strange_file": "{file} was not in the release",
    "release_unknown": "there is no release {name}: `python -m pipeline release list` lists them",
    "release_not_kept": "what release {name} holds was not kept, it is from an earlier version of Moue: make a new one",
    "release_log_differs": "the decision log at {head} gives other classes than release {name} has ({face} …): see"
    " `python -m pipeline verify`",
    "release_head_gone": "the decision log does not hold {head}, where release {name} was made: a backup from before"
    " was restored",
    "release_face_gone": "release {name} cannot be made again: {n} of its faces are gone ({face} …)",
    "upload_busy": "another release of {root} is being sent: wait for it or end it",
    "upload_faces_gone": "the release was not finished at {url}: {n} of its faces were erased or cut anew meanwhile,"
    " and what had been sent was deleted there; export again",
    "upload_overtaken": "the release was not finished at {url}: another one of {line} was made meanwhile; export again,"
    " what was sent is not sent twice",
    "export_choice": "{name} is one of {known}, not {value}",
    "export_rejects_class": "“{name}” is a class already: give rejected faces another name",
    "export_rejects_few": "“{name}” would have rejected faces of {n} photos, it takes {splits} at least: reject more"
    " faces, or leave rejected ones out",
    "export_photo_whole": "a whole photo has no margin and is not turned: choose the mouth or the face for that",
    "export_margin": "the margin may be {least:g} to {most:g}, not {margin}",
    "export_quality": "the quality of JPEGs is {least} to {most}, not {quality}",
    "export_photo_lost": "the photo {photo} cannot go into the release ({why}): bring the file back, relink its source"
    " on the Collect page, or export the mouths as they were reviewed",
    "export_piece_unwritten": "the picture cannot be written: {why}",
    "release_not_alike": "release {name} cannot be made again byte for byte: {n} of its files would differ ({file} …),"
    " because crops were cut or figures measured anew since, or what is known of their photos changed, and no writing"
    " of it is left whole: bring its folder or zip back to where `python -m pipeline release list` says, or export"
    " anew, which gives the next number",
}
