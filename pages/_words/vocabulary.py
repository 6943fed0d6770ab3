"""The English words for what is stored as a slug: outcomes, reasons, jobs and sources. `t` makes them the reader's."""

from __future__ import annotations

from typing import Final

from pages._words import labelled, mark, translate

OUTCOME_WORDS: Final = {
    "added": mark("Added"),
    "already_present": mark("Already there"),
    "no_face": mark("No face found"),
    "undecodable": mark("Damaged"),
    "too_large": mark("Too large"),
    "unsupported": mark("Not a photo"),
    "unavailable": mark("Unreadable"),
    "quarantined": mark("Set aside"),
    "passed_over": mark("Passed over"),
}
REASON_WORDS: Final = {
    "not_a_mouth": mark("not a mouth"),
    "blurred": mark("blurred"),
    "too_small": mark("too small"),
    "occluded": mark("occluded"),
    "profile": mark("profile"),
    "drawing": mark("drawing"),
    "child": mark("child"),
    "duplicate": mark("duplicate"),
    "other": mark("other"),
}
"""Why a face is rejected, by the slug that is stored."""
REASON_OF_METRIC: Final = {
    "side": "too_small",
    "sharpness": "blurred",
    "yaw": "profile",
    "pitch": "profile",
    "outside": "occluded",
    "covered": "occluded",
    "score": "not_a_mouth",
    "plausibility": "not_a_mouth",
    "likeness": "not_a_mouth",
    "mouth_disagreement": "not_a_mouth",
}
"""The reason to reject a face for, by the metric that it fell out of; `other` for the rest."""
LANDMARK_MODEL_WORDS: Final = {"dlib": mark("dlib, 68 points"), "landmarker": mark("Face Landmarker")}
JOB_STATE_WORDS: Final = {
    "queued": mark("Starting"),
    "running": mark("Running"),
    "done": mark("Done"),
    "failed": mark("Failed"),
    "cancelled": mark("Cancelled"),
    "interrupted": mark("Interrupted"),
}
JOB_KIND_WORDS: Final = {
    "ingest": mark("Collecting photos"),
    "import": mark("Importing a data set"),
    "crawl": mark("Fetching photos from the web"),
    "video": mark("Taking frames of videos"),
    "reprocess": mark("Processing the photos again"),
    "duplicates": mark("Looking for near copies"),
}
DATA_SET_WORDS: Final = {
    "fiftyone": mark("FiftyOne"), "cvat": mark("CVAT"), "label-studio": mark("Label Studio"), "coco": mark("COCO"),
    "yolo": mark("YOLO"), "voc": mark("Pascal VOC"), "moue": mark("a release of Moue"),
    "table": mark("a table (CSV, Parquet)"),
    "huggingface": mark("Hugging Face"), "webdataset": mark("WebDataset"), "folders": mark("class folders"),
}  # fmt: skip
JOB_PHASE_WORDS: Final = {"comparing": mark("Comparing the new photos with what is there …")}
SOURCE_KIND_WORDS: Final = {
    "folder": mark("Folder"), "file": mark("Photo"), "zip": mark("Zip"), "upload": mark("Upload"),
    "sample": mark("Samples"), "search": mark("Image search"), "list": mark("List of addresses"),
    "video": mark("Video"),
}  # fmt: skip


def source_words(kind: str, location: str, locale: str) -> str:
    """`Folder: /home/ada/photos`; the sample photos have a name of ours."""
    place = translate(locale, location) if kind == "sample" else location
    return labelled(translate(locale, SOURCE_KIND_WORDS.get(kind, kind)), place, locale)


SOURCE_NOTE_WORDS: Final = {"upload": mark("uploaded"), "sample": mark("sample photos"), "zip": mark("from a zip")}
"""What Clean says beside a file of such a source; of the others its folder says enough."""
