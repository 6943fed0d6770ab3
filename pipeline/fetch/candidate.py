"""One image that a search engine or a list points at, before it is fetched."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.core.records import Provenance


@dataclass(frozen=True, slots=True)
class ImageCandidate:
    """What is known of an image on the web. proposal: a class name. person: who is on it, as a list says.

    thumbnail_url, width, height (pixels): as the engine says, "" and 0 where it does not.
    """

    provenance: Provenance
    proposal: str | None = None
    thumbnail_url: str = ""
    width: int = 0
    height: int = 0
    person: str = ""

    @property
    def url(self) -> str:
        """Of the image itself."""
        return self.provenance.image_url

    @classmethod
    def at(cls, url: str) -> ImageCandidate:
        """An image of which nothing but its address is known."""
        return cls(Provenance(url))
