"""Imported once by the fork server, so that every worker starts with the libraries and the big model in memory."""

from __future__ import annotations

import sys

import cv2

from models.loaded import load_landmarks, yunet
from pipeline.core.errors import ModelError
from pipeline.run import process_image, worker  # noqa: F401 (imported for the workers)

cv2.setNumThreads(1)
try:
    load_landmarks()
    yunet()
except ModelError as e:  # said properly by the first image; a fork server has no one to tell
    print(f"moue: {e}", file=sys.stderr)
