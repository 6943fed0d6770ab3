"""YuNet's network on ONNX Runtime: the same numbers as `cv2.FaceDetectorYN`, in less than half of its time.

Why not OpenCV's own: docs/adr/0003. The decoding below follows Wu et al., "YuNet: A Tiny Millisecond-level Face
Detector" (Machine Intelligence Research 2023), and OpenCV's `FaceDetectorYN`; a test compares the two.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.core.errors import ModelError
from pipeline.core.messages import message

Rows = npt.NDArray[np.float32]
"""Faces, float32 (n, 15): x, y, width, height, five points as x, y, score; pixels of the image that was seen."""

CELL: Final = 32
"""Pixels: the net's coarsest stride; its input is padded to multiples of it."""
_STRIDES: Final = (8, 16, CELL)
_MOST_BOXES: Final = 5000
_ROUNDING: Final = 0.9999
# The file fixes the input at 640 x 640 though every layer takes any size. In protobuf "dimension: 640" and "dimension
# called h" have the same length, so the two are exchanged without touching anything else.
_FIXED: Final = b"\x08\x80\x05"
_FREE: Final = (b"\x12\x01h", b"\x12\x01w")


class YuNet:
    """The network; one session serves any size, options and number of threads."""

    def __init__(self, weights: Path) -> None:
        """Raises ModelError where the weights are others than those this was written for."""
        import onnxruntime  # a tenth of a second: only who detects pays it

        pieces = weights.read_bytes().split(_FIXED)
        if len(pieces) != 3:
            raise ModelError(message("yunet_differs", file=weights))
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1  # workers share the cores
        options.log_severity_level = 3  # it warns that the outputs are not those of 640 x 640
        model = pieces[0] + _FREE[0] + pieces[1] + _FREE[1] + pieces[2]
        self._session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        self._buffers = threading.local()
        self._names = [output.name for output in self._session.get_outputs()]

    def detect(self, bgr: npt.NDArray[np.uint8], score: float, nms: float) -> Rows:
        """Faces in uint8 (height, width, 3). score: least kept; nms: IoU above which boxes merge."""
        height, width = bgr.shape[:2]
        columns = -(-width // CELL) * CELL
        padded = self._buffer(-(-height // CELL) * CELL, columns)
        for plane, channel in zip(padded[0], cv2.split(bgr), strict=True):
            plane[:height, :width] = channel
            plane[height:], plane[:, width:] = 0, 0
        maps = dict(zip(self._names, self._session.run(self._names, {"input": padded}), strict=True))
        found = np.concatenate([_decode(maps, stride, columns // stride, score) for stride in _STRIDES])
        if not len(found):
            return found
        kept = cv2.dnn.NMSBoxes(found[:, :4].tolist(), found[:, 14].tolist(), score, nms, top_k=_MOST_BOXES)
        chosen: Rows = found[np.asarray(kept, int).ravel()]
        return chosen

    def _buffer(self, height: int, width: int) -> npt.NDArray[np.float32]:
        """The thread's own float32 (1, 3, height, width), reused: fresh pages would cost a fifth of the network."""
        flat: npt.NDArray[np.float32] | None = getattr(self._buffers, "flat", None)
        needed = 3 * height * width
        if flat is None or flat.size < needed:
            flat = self._buffers.flat = np.empty(needed, np.float32)
        return flat[:needed].reshape(1, 3, height, width)


def _decode(maps: dict[str, npt.NDArray[np.float32]], stride: int, columns: int, score: float) -> Rows:
    """The boxes of one stride that reach `score`: sqrt(class x objectness), centres by cell, sizes by exponent."""
    sure = maps[f"cls_{stride}"][0, :, 0] * maps[f"obj_{stride}"][0, :, 0]
    cells = np.flatnonzero(sure >= score * score * _ROUNDING)  # few of thousands: the rest is for them alone
    if not len(cells):
        return np.empty((0, 15), np.float32)
    class_, object_ = (np.clip(maps[f"{kind}_{stride}"][0, cells, 0], 0, 1) for kind in ("cls", "obj"))
    scores = np.sqrt(class_ * object_)
    cells, scores = cells[scores >= score], scores[scores >= score]
    corner = np.stack(np.divmod(cells, columns)[::-1], axis=1).astype(np.float32)
    box = maps[f"bbox_{stride}"][0][cells]
    size = np.exp(box[:, 2:]) * stride
    middle = (corner + box[:, :2]) * stride
    points = (maps[f"kps_{stride}"][0][cells].reshape(-1, 5, 2) + corner[:, None]) * stride
    columns_of_row = [middle - size / 2, size, points.reshape(-1, 10), scores[:, None]]
    return np.concatenate(columns_of_row, axis=1).astype(np.float32)
