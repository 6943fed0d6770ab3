"""What a release keeps of its pictures' options, and what one of an earlier version meant."""

from __future__ import annotations

import pytest

from pipeline.export.pictures.options import PictureOptions


@pytest.mark.parametrize(
    ("options", "kept"),
    [
        (PictureOptions(), {}),
        (PictureOptions(jpeg_quality=50), {}),
        (PictureOptions(encoding="jpeg"), {"encoding": "jpeg", "jpeg_quality": 95}),
        (PictureOptions("photo", grey=True), {"content": "photo", "grey": True}),
        (PictureOptions("face"), {"content": "face", "fits": True}),
        (PictureOptions("face", fits=False), {"content": "face", "fits": False}),
        (PictureOptions("face", 1.25), {"content": "face", "margin": 1.25}),
        (PictureOptions(margin=2.0, level_eyes=True), {"margin": 2.0, "level_eyes": True}),
    ],
)
def test_only_what_tells_something_is_kept(options: PictureOptions, kept: dict[str, object]) -> None:
    assert options.params == kept
    assert PictureOptions.from_params(kept).params == kept


def test_whole_faces_of_a_release_of_before_are_cut_as_they_were() -> None:
    assert PictureOptions.from_params({"content": "face", "size": 64}) == PictureOptions("face", fits=False)
    assert PictureOptions.from_params({"size": 64}) == PictureOptions()
