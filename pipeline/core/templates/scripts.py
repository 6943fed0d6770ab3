"""The part of the messages' table that scripts meet: the Python door, tokens, the HTTP interface; see
`message_table`."""

from __future__ import annotations

from typing import Final

SCRIPTS: Final[dict[str, str]] = {
    "filter_unknown": "{name} is nothing that faces can be asked for by; there are {names}",
    "filter_value": "{name}={value} cannot be read; see docs/api.md for what it takes",
    "filter_names_hidden": "names of other people are hidden from you in this workspace: ask for your own faces alone",
    "filter_proposals_hidden": "suggestions are hidden in this workspace until a face is decided on: do not ask by"
    " proposal",
    "workspace_of_older": "{root} is an older Moue's workspace: bring it up to date with `python -m pipeline status"
    " --workspace {root}`",
    "frame_columns": "a frame of decisions needs the columns verdict and face_id or sha256; it may have label and"
    " reason; this one has {found}",
    "frame_prediction_columns": "a frame of predictions needs the columns face_id or sha256, class and confidence; this"
    " one has {found}",
    "rows_refused": "nothing was taken, {n} rows are refused: {why}",
    "annotator_unsaid": "nobody is named who decides: give annotator=NAME",
    "crop_unknown": "no crop of the face {face} is here: it is unknown, or was taken out",
    "crop_size": "a crop has 1 to {most} pixels a side, not {size}",
    "export_option_unknown": "an export has no option {name}; there are {names}",
    "token_name": "a token is named after what it is for, in 1 to {most} characters that can be seen",
    "token_days": "a token holds for 1 to {most:,} days, or until it is revoked",
    "token_role_above": "a token of the role {role} would do more than its person, whose role is {own}",
    "token_too_many": "a person may have {most} tokens: revoke one that is not used any more",
    "token_unknown": "there is no token number {n}",
    "token_refused": "this token lets nobody in: it is unknown, revoked, or its time is over",
    "token_above_role": "this token's role is {role}; this takes {needed}",
    "field_unknown": "{name} is no field; there are {names}",
    "field_missing": "{name} is missing",
    "field_malformed": "{name} is not what is asked for: {wanted}",
    "method_not_allowed": "{method} is not possible here; {names} is",
    "run_unknown": "no export that a page or a script began, and that is remembered, is called {name}",
    "export_running": "an export is being written: wait for it, or cancel it",
    "export_cancelled": "the export was cancelled: nothing of it is left",
    "export_interrupted": "the export was interrupted: its process ended meanwhile, and nothing of it counts; export"
    " again",
    "export_not_started": "no process for the export can be started: {why}",
    "planner_died": "the process that plans exports ended before it answered: load the page again",
    "comparer_died": "the process that compares releases ended before it answered: load the page again",
    "api_rate": "{variable}={value} is no number of requests a minute: give 1 to 1000000",
    "requests_too_many": "too many requests: wait {n} s",
}
