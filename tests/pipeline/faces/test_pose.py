"""The head's pose: the same face model, projected by hand at known angles, must come back."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.geometry import Points
from pipeline.faces.landmarks import place_landmarks
from pipeline.faces.pose import FACE_3D, RIGID, Pose, head_pose
from pipeline.faces.yunet import find_yunet
from tests.pipeline.photos import astronaut, bgr_of

# iBUG's left-right partners, as far as the pose looks at them.
PARTNERS = {36: 45, 39: 42, 21: 22, 31: 35, 33: 33}


def turned(yaw: float, pitch: float, roll: float) -> npt.NDArray[np.float64]:
    """Where the face looks, by the axes' definition: x right, y down, z away; each sine written out."""
    y, p, r = (math.radians(a) for a in (yaw, pitch, roll))
    tilt = np.array([[1, 0, 0], [0, math.cos(p), math.sin(p)], [0, -math.sin(p), math.cos(p)]])
    side = np.array([[math.cos(y), 0, -math.sin(y)], [0, 1, 0], [math.sin(y), 0, math.cos(y)]])
    lean = np.array([[math.cos(r), -math.sin(r), 0], [math.sin(r), math.cos(r), 0], [0, 0, 1]])
    return lean @ side @ tilt


def project(yaw: float, pitch: float, roll: float, far: float = 2000.0) -> Points:
    """68 points, the rigid ones where a distant camera sees them, 20 pixels to the centimetre."""
    seen = (FACE_3D - FACE_3D.mean(axis=0)) @ turned(yaw, pitch, roll).T
    points = np.zeros((68, 2), np.float32)
    points[list(RIGID)] = seen[:, :2] / (1 + seen[:, 2:] / far) * 20 + (640, 360)
    return points


def near(pose: Pose, yaw: float, pitch: float, roll: float, within: float = 4.0) -> bool:
    return max(abs(pose.yaw - yaw), abs(pose.pitch - pitch), abs(pose.roll - roll)) < within


@pytest.mark.parametrize(
    ("yaw", "pitch", "roll"),
    [(0, 0, 0), (30, 0, 0), (-30, 0, 0), (0, 25, 0), (0, -25, 0), (0, 0, 40), (0, 0, -40), (35, -15, 20), (-50, 20, 5)],
)
def test_known_angles_come_back(yaw: float, pitch: float, roll: float) -> None:
    pose = head_pose(project(yaw, pitch, roll))
    assert near(pose, yaw, pitch, roll), pose
    assert pose.error < 0.02


def apart(a: float, b: float) -> float:
    """Degrees between two directions."""
    return abs((a - b + 180) % 360 - 180)


@given(yaw=st.floats(-40, 40), pitch=st.floats(-25, 25), roll=st.floats(-180, 180))
def test_a_head_may_hang_down(yaw: float, pitch: float, roll: float) -> None:
    pose = head_pose(project(yaw, pitch, roll))
    assert max(abs(pose.yaw - yaw), abs(pose.pitch - pitch), apart(pose.roll, roll)) < 6, pose
    assert pose.error < 0.02
    assert -180 <= pose.roll <= 180


@pytest.mark.parametrize("roll", [90, -90, 135, 169, 170, 175, 179.9, 180, -180, -171])
def test_a_turn_of_any_size_changes_the_roll_alone(roll: float) -> None:
    upright, hanging = head_pose(project(25, -10, 0)), head_pose(project(25, -10, roll))
    assert max(abs(hanging.yaw - upright.yaw), abs(hanging.pitch - upright.pitch)) < 0.1
    assert apart(hanging.roll, upright.roll + roll) < 0.1


def test_the_signs_by_what_is_seen() -> None:
    """A nose that moved right, up; an eye line that falls to the right: no angle is computed here."""
    frontal = project(0, 0, 0)
    right, up, leaning = frontal.copy(), frontal.copy(), frontal.copy()
    right[[31, 33, 35], 0] += 15
    up[[31, 33, 35], 1] -= 25
    leaning[42:46, 1] += 30
    assert head_pose(right).yaw > 5
    assert head_pose(up).pitch > 5
    assert head_pose(leaning).roll > 3


def mirrored(points: Points, width: float) -> Points:
    out = points.copy()
    for one, other in PARTNERS.items():
        out[one], out[other] = points[other], points[one]
    out[:, 0] = width - out[:, 0]
    return out


angle = st.floats(-35, 35)


@given(yaw=angle, pitch=st.floats(-25, 25), roll=angle)
def test_a_mirrored_face_looks_the_other_way(yaw: float, pitch: float, roll: float) -> None:
    points = project(yaw, pitch, roll)
    one, other = head_pose(points), head_pose(mirrored(points, 1280))
    assert near(other, -one.yaw, one.pitch, -one.roll, within=0.1)


@given(yaw=angle, pitch=st.floats(-25, 25), roll=angle, scale=st.floats(0.1, 20), x=st.floats(-500, 500))
def test_scale_and_place_change_nothing(yaw: float, pitch: float, roll: float, scale: float, x: float) -> None:
    points = project(yaw, pitch, roll)
    one, other = head_pose(points), head_pose((points * scale + (x, -x)).astype(np.float32))
    assert near(other, one.yaw, one.pitch, one.roll, within=0.3)
    assert other.error == pytest.approx(one.error, abs=1e-3)


@given(yaw=angle, pitch=st.floats(-25, 25), turn=st.floats(-60, 60))
def test_turning_the_photo_turns_the_roll_alone(yaw: float, pitch: float, turn: float) -> None:
    points = project(yaw, pitch, 0)
    a = math.radians(turn)
    lean = np.array([[math.cos(a), -math.sin(a)], [math.sin(a), math.cos(a)]])
    middle = points[list(RIGID)].mean(axis=0)
    other = head_pose(((points - middle) @ lean.T + middle).astype(np.float32))
    one = head_pose(points)
    assert near(other, one.yaw, one.pitch, one.roll + turn, within=0.5)


def test_points_that_are_no_face_have_an_error() -> None:
    scrambled = project(0, 0, 0)
    scrambled[list(RIGID)] = scrambled[list(RIGID)][::-1]
    assert head_pose(scrambled).error > 0.1
    assert head_pose(np.full((68, 2), 7, np.float32)) == Pose(0, 0, 0, math.inf)


def test_a_real_face_and_its_mirror_image() -> None:
    bgr = bgr_of(astronaut())
    flipped = np.ascontiguousarray(bgr[:, ::-1])
    one, other = (head_pose(place_landmarks(b, find_yunet(b)[0])) for b in (bgr, flipped))
    assert abs(one.roll) > 2  # her head leans, so a sign that does not flip is seen
    assert near(other, -one.yaw, one.pitch, -one.roll, within=4)
