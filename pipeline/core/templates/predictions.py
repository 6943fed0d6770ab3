"""The part of the messages' table that tells of what models say of the faces, and of possible slips; see
`message_table`."""

from __future__ import annotations

from typing import Final

PREDICTIONS: Final[dict[str, str]] = {
    "classifier_numbers": "a number, or a list of them, is missing, too long or out of its range",
    "classifier_broken": "{file} is a classifier of Moue whose numbers are damaged: {why}",
    "classifier_no_json": "{file} is no classifier of Moue: `python -m pipeline classifier FILE` writes one",
    "classifier_other_features": "{file} was made by a Moue that looks at other numbers or has another rule: write it"
    " anew with this one",
    "classifier_other_version": "{file} has version {version} of the format, which this Moue cannot read",
    "classifier_there": "{file} is there already: give another name, or --overwrite",
    "classify_model_and_workspace": "give either --model or --workspace: both say which classifier is meant",
    "classify_path_missing": "{path} does not exist: nothing was classified",
    "classify_nothing": "give a photo, a folder, --video FILE or --webcam N",
    "faces_classified": "{n:,} faces",
    "face_classified": "one face",
    "webcam_missing": "webcam {n} gives no picture: is it plugged in, and used by no other program?",
    "prediction_file_header": "{file} needs a header with class, confidence and with face_id or sha256. Its first line"
    " has: {found}",
    "prediction_line": "line {line}: {why}",
    "prediction_surplus": "the row has more cells than the header",
    "prediction_number": "{name} is a number that a spreadsheet made of the name: import that column as text, then save"
    " again",
    "prediction_one_name": "give exactly one of face_id and sha256",
    "prediction_without_class": "the class is missing",
    "prediction_confidence": "the confidence is {said!r}: it is a probability, more than 0 and at most 1",
    "prediction_class_twice": "this face has the class “{name}” in line {line}, too: keep one of the rows",
    "face_said_twice": "line {line} says otherwise of the face {face}: keep the row that holds",
    "prediction_sum": "the confidences of face {face} add up to {total:.3f}: together they are at most 1",
    "predictions_refused": "nothing was taken: {n:,} rows are refused",
    "predictions_too_large": "a file of predictions has at most {most:,} bytes here: use the command `predictions`",
    "predictions_none": "{file} has no rows",
    "suggest_busy": "suggestions for {root} are being computed by another process: wait for it",
    "slip_label_changed": "this face carries another label by now: reload the page",
    "suggester_name": "a suggester's name has 1 to {most} characters that can be seen, its version too",
    "suggester_reserved": "{name} is what Moue itself suggests: give the other model another name",
    "suggester_unknown": "no suggester here is called {name}; there are: {names}",
    "similar_nothing_described": "no mouth is described here yet: collect photos, or run `suggest`",
    "similar_too_large": "the photo has more than {most} bytes",
    "similar_too_long": "the photo took longer than {n:.0f} seconds: try again, or a smaller one",
    "similar_failed": "the photo cannot be searched by: {why}",
}
