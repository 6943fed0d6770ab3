"""What the pipeline says in English, in the reader's language: reasons of outcomes and keepers, problems of exports."""

from __future__ import annotations

import re
from typing import Final

from pages._words import dictionary, language, mark, t, tell
from pipeline.core.message_table import TEMPLATES
from pipeline.core.messages import Message, fill
from pipeline.core.records import UNKNOWN_LICENCE

# in this order: of two that fit, the first is meant
_TEMPLATES: Final = (
    mark("{detector} found no face"),
    mark("the course's crop is empty here"),
    mark("the same bytes are stored"),
    mark("the file is empty"),
    mark("the file has {size} bytes, more than the cap of {most}"),
    mark("the picture is larger than the cap of {n} pixels"),
    mark("the picture is {width} x {height} pixels; a side may have {most}"),
    mark("the picture has {width} x {height} pixels, more than the cap of {most}"),
    mark("decoding needs more memory than a worker may use"),
    mark("the image is damaged: its header cannot be read"),
    mark("the image is damaged: {why}"),
    mark("the JPEG is damaged: {why}"),
    mark("this is {what}, not a photo that Moue reads"),
    mark("not an image that Moue reads"),
    mark("the file cannot be read: {why}"),
    mark("the folder cannot be read: {why}"),
    mark("a zip inside a folder is not opened: give it to Moue by itself"),
    mark("the zip cannot be opened: {why}"),
    mark("its process died twice (exit code {n})"),
    mark("it took longer than {n} s twice"),
    mark("its bytes have changed since it was collected"),
    mark("processing failed: {why}"),
    mark("its process ended without a word; start it again to go on"),
    mark("the server that watched the folder has ended; watch it again to take what came meanwhile"),
    mark("the only one with a face that is not rejected"),
    mark("largest mouth: {n} px against {other} px"),
    mark("sharpest: {n} against {other}, mouths alike in size"),
    mark("imported first; mouths alike in size, sharpness and angle"),
    mark("most frontal: turned {n}° against {other}°, mouths alike in size and sharpness"),
    mark("most frontal: turned {n}°, mouths alike in size and sharpness"),
    mark("imported first; no face in any, photos alike in size"),
    mark("largest photo: {size} against {other} px; no face in any"),
    mark("the workspace has no classes"),
    mark("the archived class {name} has accepted faces again ({n}): bring it back, or give them another label"),
    mark("class {name} has no accepted face: accept faces of at least two photos, or archive the class"),
    mark(
        "class {name} has accepted faces of one photo only: accept faces of at least two photos, or archive the class"
    ),
    mark("class {name} has no face for {split}: accept more photos, or take another seed or share"),
    mark("this photo is not in the workspace any more: reload the page"),
    mark("this face is not in the workspace any more: reload the page"),
    mark("this very box is drawn already: nothing was added"),
    mark("there is a face here already: nothing was added. Move its crop if that is off"),
    mark('the name must have 1 to {n} characters, without / \\ : * ? " < > | at all and no dot first'),
    mark("there is nothing at {place}. Give an absolute path of the machine that runs Moue"),
)


def told(reason: Message | str, tongue: str | None = None) -> str:
    """The reason in the reader's language; as it stands where it is none of those that are known."""
    tongue = tongue or language()
    if isinstance(reason, Message):
        return fill(dictionary(tongue).get(TEMPLATES[reason.code], TEMPLATES[reason.code]), reason.params)
    if tongue == "en":
        return reason
    for pattern, template in _PATTERNS:
        if found := pattern.fullmatch(reason):
            return tell(tongue, template, **found.groupdict())
    return reason


def licence(name: str) -> str:
    """As a reader sees it."""
    return t("None known") if name == UNKNOWN_LICENCE else name


def _pattern(template: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", template)  # texts and names take turns
    named = (f"(?P<{part}>.+?)" if at % 2 else re.escape(part) for at, part in enumerate(parts))
    return re.compile("".join(named), re.DOTALL)


_PATTERNS: Final = tuple((_pattern(template), template) for template in _TEMPLATES)
