"""The part of the messages' table that tells of malformed requests and commands, and of the workspace's files.

Also `PARTS`: what stands inside other messages, as a parameter.
"""

from __future__ import annotations

from typing import Final

_MALFORMED: Final = {
    "request_not_declared_json": "send application/json",
    "request_not_json": "the request is not JSON",
    "request_not_object": "the request is not a JSON object",
    "request_too_long": "the request is too long",
    "route_unknown": "{path} does not exist",
    "batch_malformed": 'the request is not {{"ops": [...]}}',
    "batch_of_too_many": "a batch has at most {most:,} decisions, not {n:,}",
    "batch_too_large": "a batch has at most {most:,} bytes: send fewer decisions at once",
    "op_not_object": "an op is not an object",
    "op_text": "{name} of an op is missing, or not text of at most {most} characters",
    "op_not_unicode": "{name} of an op is not Unicode text",
    "op_not_whole": "{name} of an op is not a whole number",
    "op_kind": "op {uuid} is no undo, no redo and no decide with a verdict: accept, reject, unsure",
    "op_on_group": "op {uuid} is none of {kinds}, or does not say on what",
    "op_list": "{name} of an op is not a list of at most {most}",
    "op_not_hashes": "{name} of an op are not SHA-256 in hexadecimal",
    "op_not_pairs": "{name} of an op are not pairs of ids",
    "op_seen": "seen of an op is not an object of at most {most} faces",
    "op_seen_decisions": "seen of an op does not name decisions",
    "group_photo_left": "this photo is in no group any more: reload the page",
    "group_no_face_stands": "no face of this photo stands: undo, or keep another one",
    "group_nothing_left": "nothing else of this group is left to reject: somebody did it already",
    "group_has_more": "this group has copies that this page does not show: reload it, or keep one of these first",
    "group_of_other_pairs": "these pairs are not of this group: reload the page",
    "picture_id": "not the id of a picture, or a size out of range",
    "face_id_malformed": "{face!r} is no face id: 32 hexadecimal digits",
    "changes_after": "after is not the number of a decision",
    "image_not_here": "there is no such image in this workspace",
    "crop_not_here": "there is no such crop in this workspace",
    "upload_without_name": "the file has no name",
    "upload_kind": "the kind is none of {kinds}",
    "upload_batch": "the batch is not a UUID",
    "upload_part": "a part needs the size of its file, and an offset within it",
    "upload_out_of_step": "{have:,} bytes are here: go on there",
}

_WORKSPACE: Final = {
    "workspace_not_made": "the workspace {root} cannot be created ({why}); choose another folder",
    "workspace_unwritable": "the workspace {root} cannot be written ({why}); check its permissions",
    "number_whole": "{shown} is not a whole number between {least:,} and {most:,}",
    "number_real": "{shown} is not a number between {least:g} and {most:g}",
    "number_inside": "{shown} is not a number strictly between {least:g} and {most:g}",
    "workspace_blank": "{variable} holds nothing but blanks: say which folder is meant, or unset it",
    "workspace_home_unknown": "{path} begins with the home folder of nobody known: give the whole path",
    "workspace_key_unusable": "{file} cannot be read or written ({why})",
    "database_newer": "{file} was written by a newer Moue ({unknown}); upgrade Moue to open it",
    "database_foreign": "{file} is a database, but none of Moue's; choose another workspace folder",
    "database_not_moue": "{file} is none of Moue's databases",
    "database_on_network": "{file} lies on a disk without shared memory (a network drive?); use a local folder",
    "database_in_use": "another process has the database of {root} open: wait for it or end it",
    "export_busy": "another export of the workspace {root} has been running for a minute; wait for it or end it",
    "files_busy": "another process has been writing files of the workspace {root} for half a minute; wait for it or"
    " end it",
    "migration_busy": "another process has been migrating the database of {root} for a minute; wait for it or end it",
    "server_busy": "another Moue server already serves the workspace {root}",
    "server_in_way": "a Moue server serves the workspace {root}: stop it first",
    "restore_running": "a backup is being restored into {root}: wait until that is done",
    "backup_missing": "there is no backup {file}",
    "backup_is_database": "{file} is the database of this workspace, not a backup of it",
    "backup_would_replace": "{file} exists: give --replace to put the backup in its place (what is there is kept in"
    " the folder backups), or another --workspace",
    "backup_foreign_log": "{log} is no part of the backup {file}, and SQLite would mix the two: copy {file} to a"
    " folder of its own and restore it from there",
    "backup_damaged": "the backup {file} is damaged ({why}): use another one",
    "restored_damaged": "what was restored into {file} is damaged ({why}): check the disk",
    "restored_damaged_kept": "what was restored into {file} is damaged ({why}): check the disk; what was there"
    " before is in its place again",
    "restored_differs": "what was restored into {file} is not what the backup holds: check the disk",
    "restored_differs_kept": "what was restored into {file} is not what the backup holds: check the disk; what was"
    " there before is in its place again",
    "folder_not_made": "{folder} cannot be made ({why}); check the permissions of the workspace",
    "not_set_aside": "{file} cannot be set aside ({why}); check the permissions of its folder",
    "anchors_unreadable": "{file} cannot be read ({why}); check its permissions",
    "file_exists": "{file} exists already: choose another name",
    "file_of_other_database": "{file} belongs to a database that was called {name}, and SQLite would mix the two:"
    " choose another name",
    "place_unwritable": "{place} cannot be written ({why}): choose another folder",
    "page_of_two_cursors": "a page starts after one cursor or ends before one, not both",
    "page_size": "a page has at least one row, not {n}",
    "cursor_malformed": "{cursor!r} is no place in this list: start at its beginning",
    "filter_outcome": "{outcome!r} is no outcome of a photo with faces; one of: {names}",
    "outcome_unknown": "{outcome!r} is no outcome; one of: {names}",
    "filter_state": "{state!r} is no filter: undecided, accepted, rejected, unsure, all or class:<number>",
    "group_state": "{state!r} is no state of groups: open, resolved, conflicts or all",
    "metric_unknown": "{name!r} is no measure; one of: {names}",
    "range_not_number": "an end of a range is not a number",
    "margin_range": "a margin is {least:g} to {most:g} times the mouth, not {value:g}",
    "sample_range": "a sample is 1 to {most:,} photos, not {n:,}",
    "image_removed_now": "the image {image} was removed just now: run it again",
    "verify_not_run": "the check could not be run: {why}",
    "verify_failed": "the check failed: {why}",
    "verify_failed_silently": "the check failed: no reason given",
    "comparison_not_started": "the comparison could not be started: {why}",
    "upload_cap_setting": "{option}={value} is no size: write it like 500MB or 64GB",
    "upload_not_ours": "{place} is no upload of this workspace; leave --source-kind and --source-name out",
    "watch_one_folder": "one folder can be watched at a time: give one PATH",
    "decided_face_unknown": "no face is called {face}",
    "decided_image_faces": "the image {image} has {n} faces: name one by face_id",
    "decided_image_without_face": "the image {image} is unknown or has no face",
    "class_name_unknown": "no class is called {name!r}; there are {names}",
    "folder_without_workspace": "{root} is not a workspace: ingest something first, or give --workspace",
    "path_not_there": "{path} does not exist; nothing was ingested",
    "filter_order": "{order!r} is no order: import, proposal, doubtful, like:<face id> or a measure: {names}",
    "restore_interrupted": "a restore was interrupted, and {file} is not there yet: restore a backup again (`python"
    " -m pipeline restore FILE`); what was there before is in {folder}",
    "database_gone": "{file} is gone, and {part}, a part of it, is still there: put {name} back beside it, or"
    " restore a backup (`python -m pipeline restore FILE`), which keeps what is there in the folder backups",
    "decision_file_header": "{file} needs a header with verdict and with sha256 or face_id; it may have label and"
    " reason. Its first line has: {found}",
    "decision_file_unreadable": "{file} cannot be read: {why}",
}

REQUESTS: Final[dict[str, str]] = _MALFORMED | _WORKSPACE

PARTS: Final[dict[str, str]] = {
    "address_without_scheme": "an address without either",
    "browser_thread_ended": "its thread ended",
    "detector_options": "it has {names}",
    "detector_options_none": "it has none",
    "engine_says_nothing": "nothing that Moue can read",
    "faiss_hint": "pip install -r requirements-faiss.txt makes this about three times faster",
    "file_line": "{file}, line {line}",
    "file_not_there": "there is no such file",
    "header_empty": "nothing",
    "host_malformed": "{host} is no name: {why}",
    "host_silent": "nobody tells in time where {host} is",
    "host_without_address": "{host} has no address",
    "range": "{low:g} to {high:g}",
    "range_in_steps": "{low:g} to {high:g} in steps of {step:g}",
    "tiff_bits": "{n} x {bits} bits, {compression}",
    "written_frame": "a frame",
    "written_member": "an unpacked zip member",
    "written_samples": "the sample photos",
}
