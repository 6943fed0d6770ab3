"""The course's published recipe as a plain script, with nothing of Moue in it: the yardstick of the `course` preset.

`python -m tests.course_recipe OUT FILE...` runs it over files, one after another, as the course does.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path

import cv2
import dlib
import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8]


def load_cascade() -> cv2.CascadeClassifier:
    folder: str = cv2.data.haarcascades  # type: ignore[attr-defined]
    return cv2.CascadeClassifier(folder + "haarcascade_frontalface_default.xml")


def load_predictor() -> dlib.shape_predictor:
    spec = importlib.util.find_spec("face_recognition_models")
    assert spec is not None
    assert spec.submodule_search_locations
    package = Path(next(iter(spec.submodule_search_locations)))
    return dlib.shape_predictor(str(package / "models" / "shape_predictor_68_face_landmarks.dat"))


def first_box(im: Pixels, cascade: cv2.CascadeClassifier) -> tuple[int, int, int, int] | None:
    """x, y, width, height of the first face, or None."""
    rects = cascade.detectMultiScale(im, 1.3, 5)
    if len(rects) == 0:
        return None
    x, y, w, h = (int(v) for v in rects[0])
    return x, y, w, h


def landmarks(im: Pixels, box: tuple[int, int, int, int], predictor: dlib.shape_predictor) -> list[tuple[int, int]]:
    """The 68 points."""
    x, y, w, h = box
    rect = dlib.rectangle(x, y, x + w, y + h)
    return [(p.x, p.y) for p in predictor(im, rect).parts()]


def cut_mouth(im: Pixels, points: list[tuple[int, int]]) -> Pixels:
    """The course's crop; it can come out empty."""
    xmin = min(points[i][0] for i in range(48, 67))
    xmax = max(points[i][0] for i in range(48, 67))
    ymin = min(points[i][1] for i in range(48, 67))
    ymax = max(points[i][1] for i in range(48, 67))
    roiwidth = xmax - xmin
    roiheight = ymax - ymin
    imagerows, imagecols = im.shape[0], im.shape[1]

    dstlen = 1.5 * roiwidth if roiwidth > roiheight else 1.5 * roiheight
    diff_xlen = dstlen - roiwidth
    diff_ylen = dstlen - roiheight

    newx: float = xmin
    newy: float = ymin

    if newx >= diff_xlen / 2 and newx + roiwidth + diff_xlen / 2 < imagecols:
        newx = newx - diff_xlen / 2
    elif newx < diff_xlen / 2:
        newx = 0
    else:
        newx = imagecols - dstlen

    if newy >= diff_ylen / 2 and newy + roiheight + diff_ylen / 2 < imagerows:
        newy = newy - diff_ylen / 2
    elif newy < diff_ylen / 2:
        newy = 0
    else:
        newy = imagerows - dstlen

    return im[int(newy) : int(newy + dstlen), int(newx) : int(newx + dstlen), 0:3]


def mouth_of(path: str, cascade: cv2.CascadeClassifier, predictor: dlib.shape_predictor) -> Pixels | None:
    """The crop of one file, or None where the course's script leaves it out."""
    read = cv2.imread(path)
    if read is None:
        return None
    im = np.asarray(read, np.uint8)
    box = first_box(im, cascade)
    if box is None:
        return None
    roi = cut_mouth(im, landmarks(im, box, predictor))
    return roi if roi.size else None


def main(out: str, files: list[str]) -> None:
    cascade, predictor = load_cascade(), load_predictor()
    written = 0
    for path in files:
        roi = mouth_of(path, cascade, predictor)
        if roi is not None:
            cv2.imwrite(os.path.join(out, os.path.basename(path)), roi)
            written += 1
    print(written)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
