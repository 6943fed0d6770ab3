"""The models themselves, loaded lazily and once a process."""

from __future__ import annotations

from functools import cache

import cv2
import dlib

from models import landmarker
from models.weights import HAAR_FRONTAL, LANDMARKS_68, MMOD, RECOGNITION, YUNET, is_installed, locate
from models.yunet import YuNet
from pipeline.core.errors import ModelError
from pipeline.core.messages import message


@cache
def landmark_predictor() -> dlib.shape_predictor:
    """dlib's 68-point predictor (Kazemi and Sullivan, CVPR 2014). Not for commercial use."""
    return dlib.shape_predictor(str(locate(LANDMARKS_68)))


def load_landmarks() -> None:
    """Load dlib's predictor ahead of use. Where only the Face Landmarker is installed, nobody will ask for it.

    Raises ModelError.
    """
    if is_installed(LANDMARKS_68) or not landmarker.is_installed():
        landmark_predictor()


@cache
def hog_detector() -> dlib.fhog_object_detector:
    """dlib's frontal HOG detector (Dalal and Triggs 2005; King 2015); its weights are compiled into dlib."""
    return dlib.get_frontal_face_detector()


@cache
def haar_cascade() -> cv2.CascadeClassifier:
    """OpenCV's frontal Haar cascade (Viola and Jones 2001; Lienhart 2002). Raises ModelError."""
    cascade = cv2.CascadeClassifier(str(locate(HAAR_FRONTAL)))
    if cascade.empty():
        raise ModelError(message("cascade_broken"))
    return cascade


@cache
def mmod_detector() -> dlib.cnn_face_detection_model_v1:
    """dlib's CNN detector (King, Max-Margin Object Detection, 2015); slow without a GPU."""
    return dlib.cnn_face_detection_model_v1(str(locate(MMOD)))


@cache
def yunet() -> YuNet:
    """YuNet (Wu et al. 2023), 2023mar weights. Raises ModelError."""
    return YuNet(locate(YUNET))


@cache
def recognition_net() -> dlib.face_recognition_model_v1:
    """dlib's face recognition net (King 2017), only where an owner has people told apart by it. Raises ModelError."""
    return dlib.face_recognition_model_v1(str(locate(RECOGNITION)))
