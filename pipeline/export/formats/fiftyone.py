"""FiftyOneDataset: `metadata.json`, `samples.json`, and the pictures in `data/split/`; a sample's tag is its split.

Source: `fiftyone.types.FiftyOneDataset`, docs.voxel51.com, in the form without a database's version, from which every
release of FiftyOne makes its own document. Boxes are shares of the picture: left, top, width, height.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from pipeline.export.formats.content import ReleaseContent
from pipeline.export.formats.frames import Frame, Mouth, visible, write_images
from pipeline.export.formats.json_stream import dump, write_list

_DATA: Final = "data"


def write(release: ReleaseContent, root: Path) -> None:
    """Raises OSError."""
    with (root / "samples.json").open("w", encoding="utf-8") as out:
        out.write('{"samples": ')
        write_list(out, _samples(release, root))
        out.write("}\n")
    info = {"classes": {"ground_truth": list(release.numbered), "mouths": list(release.numbered)}}
    metadata = {"name": "mouth-expressions", "media_type": "image", "info": info}
    (root / "metadata.json").write_text(f"{dump(metadata)}\n", encoding="utf-8")


def _samples(release: ReleaseContent, root: Path) -> Iterator[dict[str, Any]]:
    for split, found in write_images(release, root, _DATA):
        for frame in found:
            sample: dict[str, Any] = {
                "filepath": f"{_DATA}/{split}/{frame.name}",
                "tags": [split],
                "image_sha256": frame.mouths[0].row.item.image_sha256,
                "mouths": {"_cls": "Detections", "detections": [_detection(frame, one) for one in frame.mouths]},
            }
            if release.shows != "photo":
                sample["ground_truth"] = {"_cls": "Classification", "label": frame.mouths[0].name}
            if points := [_keypoint(frame, one) for one in frame.mouths if one.landmarks is not None]:
                sample["landmarks"] = {"_cls": "Keypoints", "keypoints": points}
            yield sample


def _detection(frame: Frame, mouth: Mouth) -> dict[str, Any]:
    width, height = frame.picture.width, frame.picture.height
    x1, y1, x2, y2 = (
        round(edge / side, 6)
        for edge, side in ((mouth.box.x1, width), (mouth.box.y1, height), (mouth.box.x2, width), (mouth.box.y2, height))
    )
    box = [x1, y1, round(x2 - x1, 6), round(y2 - y1, 6)]  # of the edges as they are told: they come back the same
    return {"_cls": "Detection", "label": mouth.name, "bounding_box": box, "face_id": mouth.row.item.face_id}


def _keypoint(frame: Frame, mouth: Mouth) -> dict[str, Any]:
    """The points that lie in the picture, as shares of it."""
    if mouth.landmarks is None:
        return {}
    seen = visible(mouth.landmarks, frame.picture)
    size = (frame.picture.width, frame.picture.height)
    points = [
        [round(value / side, 6) for value, side in zip(point, size, strict=True)]
        for point, there in zip(mouth.landmarks.tolist(), seen, strict=True)
        if there
    ]
    return {"_cls": "Keypoint", "label": "landmarks", "points": points, "face_id": mouth.row.item.face_id}
