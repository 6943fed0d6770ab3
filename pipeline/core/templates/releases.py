"""What is said of releases that were written."""

from __future__ import annotations

from typing import Final

RELEASES: Final = {
    "release_not_there": "{place} is no release of Moue: it has no release.json that can be read",
    "release_unreadable": "{place} cannot be read: it was cut short or written by something else",
    "release_format": "{place} has the format {format}, which this version of Moue does not know: update Moue",
    "release_file_missing": "{file} is missing",
    "release_file_changed": "{file} is not what it was when the release was made",
    "release_strange_file": "{file} was not in the release",
    "release_unknown": "there is no release {name}: `python -m pipeline release list` lists them",
    "release_not_kept": "what release {name} holds was not kept, it is from an earlier version of Moue: make a new one",
    "release_log_differs": "the decision log at {head} gives other classes than release {name} has ({face} …): see"
    " `python -m pipeline verify`",
    "release_head_gone": "the decision log does not hold {head}, where release {name} was made: a backup from before"
    " was restored",
    "release_face_gone": "release {name} cannot be made again: {n} of its faces are gone ({face} …)",
    "release_not_alike": "release {name} cannot be made again byte for byte: {n} of its files would differ ({file} …),"
    " because crops were cut anew since, or what is known of their photos changed",
}
