"""What the pictures of a release show, and how they are encoded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final, Literal, get_args

from pipeline.core.errors import ExportError
from pipeline.core.messages import message
from pipeline.core.ranges import JPEG_QUALITY, MARGIN, USUAL_JPEG_QUALITY

Shows = Literal["mouth", "face", "photo"]
Suffix = Literal[".png", ".jpg"]
"""Of the pictures of a release: what every reader knows (Keras knows no WebP)."""
Encoding = Literal["png", "jpeg"]
CONTENTS: Final[tuple[Shows, ...]] = get_args(Shows)
ENCODINGS: Final[tuple[Encoding, ...]] = get_args(Encoding)
FACE_MARGIN: Final = 1.25
"""Of faces where none is said: with chin and hair."""


@dataclass(frozen=True, slots=True)
class PictureOptions:
    """content: the mouth as it was reviewed, the whole face, or the whole photo. margin: side over the mouth's longer
    edge, or over that of the face's box; None: as it was reviewed, and FACE_MARGIN. level_eyes: turned with the eye
    line. grey: one channel. jpeg_quality: 1 to 100. fits: FACE_MARGIN, where none is said, goes no further than the
    photo; releases of before had its edge repeated there, and are made again so."""

    content: Shows = "mouth"
    margin: float | None = None
    level_eyes: bool = False
    grey: bool = False
    encoding: Encoding = "png"
    jpeg_quality: int = USUAL_JPEG_QUALITY
    fits: bool = True

    @property
    def from_photos(self) -> bool:
        """Whether they are cut from the originals, and not taken from the reviewed crops."""
        return self.content != "mouth" or self.margin is not None or self.level_eyes

    @property
    def suffix(self) -> Suffix:
        return ".jpg" if self.encoding == "jpeg" else ".png"

    @property
    def params(self) -> dict[str, Any]:
        """What differs from the usual, as a release's options keep it; the quality of JPEGs and `fits` where they tell
        something."""
        found = {one.name: said for one in fields(self) if (said := getattr(self, one.name)) != one.default}
        for name, tells in (
            ("jpeg_quality", self.encoding == "jpeg"),
            ("fits", _fits_tells(self.content, self.margin)),
        ):
            found.pop(name, None)
            if tells:
                found[name] = getattr(self, name)
        return found

    @classmethod
    def from_params(cls, params: Mapping[str, Any]) -> PictureOptions:
        """From what `params` gave; other options are passed over."""
        said = {one.name: params[one.name] for one in fields(cls) if one.name in params}
        if _fits_tells(said.get("content"), said.get("margin")):
            said.setdefault("fits", False)
        return cls(**said)

    def check(self) -> None:
        """Raises ExportError where they cannot be made so."""
        for name, value, known in (("content", self.content, CONTENTS), ("encoding", self.encoding, ENCODINGS)):
            if value not in known:
                raise ExportError(message("export_choice", name=name, value=value, known=tuple(known)))
        if self.content == "photo" and (self.margin is not None or self.level_eyes):
            raise ExportError(message("export_photo_whole"))
        if self.margin is not None and self.margin not in MARGIN:
            raise ExportError(message("export_margin", least=MARGIN.least, most=MARGIN.most, margin=self.margin))
        if self.jpeg_quality not in JPEG_QUALITY:
            least, most = JPEG_QUALITY.least, JPEG_QUALITY.most
            raise ExportError(message("export_quality", least=least, most=most, quality=self.jpeg_quality))


def _fits_tells(content: str | None, margin: float | None) -> bool:
    return content == "face" and margin is None


AS_REVIEWED: Final = PictureOptions()
