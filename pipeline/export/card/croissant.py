"""`croissant.json`: what a release holds, for machines (Croissant 1.0 with its part on responsible use).

The format: https://docs.mlcommons.org/croissant/docs/croissant-spec.html. It asks for a date of publication, which is
left out: no byte of a release depends on a clock.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from pipeline.core.names import UNKNOWN_LICENCE
from pipeline.export.card.facts import CardFacts

NAME: Final = "croissant.json"
_CONTEXT: Final[dict[str, Any]] = {
    "@language": "en", "@vocab": "https://schema.org/", "citeAs": "cr:citeAs", "column": "cr:column",
    "conformsTo": "dct:conformsTo", "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/", "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"}, "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty", "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract", "field": "cr:field", "fileProperty": "cr:fileProperty", "fileObject": "cr:fileObject",
    "fileSet": "cr:fileSet", "format": "cr:format", "includes": "cr:includes", "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath", "key": "cr:key", "md5": "cr:md5", "parentField": "cr:parentField", "path": "cr:path",
    "recordSet": "cr:recordSet", "references": "cr:references", "regex": "cr:regex", "repeated": "cr:repeated",
    "replace": "cr:replace", "samplingRate": "cr:samplingRate", "sc": "https://schema.org/",
    "separator": "cr:separator", "source": "cr:source", "subField": "cr:subField", "transform": "cr:transform",
}  # fmt: skip
"""As the specification prints it: a reader warns of any other."""
_WHOLE: Final = frozenset({"crop_x", "crop_y", "crop_width", "crop_height"})
_REAL: Final = frozenset({"box_x1", "box_y1", "box_x2", "box_y2", "crop_angle", "filled"})
_PRIVACY: Final = (
    "Mouths of people, cut from photos: some can be recognised by them. Of no person anything else is recorded; the"
    " rights in the photos stay with their owners."
)


@dataclass(frozen=True, slots=True)
class Described:
    """What a croissant.json tells. name, version: of the release. splits: their names. columns: of manifest.csv, whose
    SHA-256 (hex) is manifest_sha256. suffix: of the pictures in `<split>/<class>/`, `.png` or `.jpg`; "" where they lie
    in other places."""

    name: str
    version: str
    splits: Sequence[str]
    columns: Sequence[str]
    manifest_sha256: str
    suffix: str
    facts: CardFacts
    limits: Sequence[str]


def croissant_bytes(told: Described) -> bytes:
    """UTF-8 JSON-LD with sorted keys."""
    manifest = {
        "@type": "cr:FileObject", "@id": "manifest.csv", "name": "manifest.csv", "contentUrl": "manifest.csv",
        "encodingFormat": "text/csv", "sha256": told.manifest_sha256,
    }  # fmt: skip
    said: dict[str, Any] = {
        "@context": _CONTEXT, "@type": "sc:Dataset", "name": told.name, "version": told.version,
        "conformsTo": ["http://mlcommons.org/croissant/1.0", "http://mlcommons.org/croissant/RAI/1.0"],
        "description": "Mouths of people in photos, each with the expression that people agreed on.",
        "keywords": ["mouth", "facial expression", "image classification"], "isLiveDataset": False,
        "license": _licences(told.facts), "rai:personalSensitiveInformation": _PRIVACY,
        "rai:dataLimitations": list(told.limits),
        "rai:dataCollection": "People decided on the class of each face; README.md says by which rule.",
        "distribution": [manifest], "recordSet": [_faces(told.columns)],
    }  # fmt: skip
    if told.suffix:
        said["distribution"].append(_pictures(told))
        said["recordSet"].append(_images())
    return (json.dumps(said, ensure_ascii=False, sort_keys=True, indent=1) + "\n").encode()


def _licences(facts: CardFacts) -> list[str]:
    names = [name for name, _ in facts.licences if name != UNKNOWN_LICENCE]
    unknown = any(name == UNKNOWN_LICENCE for name, _ in facts.licences) or not names
    return [*names, *(["unknown: the rights stay with the photos' owners"] if unknown else [])]


def _faces(columns: Sequence[str]) -> dict[str, Any]:
    return {
        "@type": "cr:RecordSet", "@id": "faces", "name": "faces", "description": "One row a file, from manifest.csv.",
        "key": {"@id": "faces/file"}, "field": [_column(name) for name in columns],
    }  # fmt: skip


def _column(name: str) -> dict[str, Any]:
    kind = "sc:Integer" if name in _WHOLE else "sc:Float" if name in _REAL else "sc:Text"
    source = {"fileObject": {"@id": "manifest.csv"}, "extract": {"column": name}}
    return {"@type": "cr:Field", "@id": f"faces/{name}", "name": name, "dataType": kind, "source": source}


def _pictures(told: Described) -> dict[str, Any]:
    kind = "image/png" if told.suffix == ".png" else "image/jpeg"
    return {
        "@type": "cr:FileSet", "@id": "pictures", "name": "pictures", "encodingFormat": kind,
        "includes": [f"{split}/*/*{told.suffix}" for split in told.splits],
    }  # fmt: skip


def _images() -> dict[str, Any]:
    fields = [
        _of_file("file", "sc:Text", {"fileProperty": "fullpath"}),
        _of_file("image", "sc:ImageObject", {"fileProperty": "content"}),
        _of_file("split", "sc:Text", {"fileProperty": "fullpath"}, "^([^/]+)/"),
        _of_file("class", "sc:Text", {"fileProperty": "fullpath"}, "^[^/]+/([^/]+)/"),
    ]
    return {
        "@type": "cr:RecordSet", "@id": "images", "name": "images", "description": "The pictures with their classes.",
        "key": {"@id": "images/file"}, "field": fields,
    }  # fmt: skip


def _of_file(name: str, kind: str, extract: dict[str, str], regex: str = "") -> dict[str, Any]:
    source: dict[str, Any] = {"fileSet": {"@id": "pictures"}, "extract": extract}
    if regex:
        source["transform"] = {"regex": regex}
    return {"@type": "cr:Field", "@id": f"images/{name}", "name": name, "dataType": kind, "source": source}
