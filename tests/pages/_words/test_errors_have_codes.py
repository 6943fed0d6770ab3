"""An error that may reach a screen is a message of the table, so that it can be said in the reader's language."""

from __future__ import annotations

import ast
from typing import Final

import pytest

from pipeline.core import errors
from tests.import_rules import ROOT
from tests.source.parsed import parsed

OURS: Final = {
    name for name, found in vars(errors).items() if isinstance(found, type) and issubclass(found, errors.MoueError)
} | {"RefusedError", "RequestError", "UnknownPictureError", "OutOfStepError"}
WITHOUT_SCREEN: Final = {
    "db/tables/jobs.py": "the end of a job, named by our own code",
    "db/images/images.py": "batches and outcomes of our own run; `processing_failed` tells of them",
    "db/projection/histogram.py": "the bins of a histogram, named by our own pages",
    "db/duplicates/near_pairs.py": "the order of a pair, named by our own code",
    "pipeline/pixels/near_duplicates.py": "the views, named by our own code",
    "pipeline/cli/crawl.py": "the words of a command line, answered there",
    "pipeline/cli/video.py": "the words of a command line, answered there",
    "pages/_server/arguments.py": "the words of the server's command line, refused at its start in the terminal",
    "pages/_server/auth_mode.py": "a setting of the server, refused at its start in the terminal",
    "pages/_server/gate.py": "a setting of the server, refused at its start in the terminal",
}
"""Files that raise plain English, with the reason."""


def plain_words(text: str) -> list[int]:
    """The lines that raise an error of ours made of a string. A string in its message's parameters is none."""
    return [
        node.lineno
        for node in ast.walk(parsed(text))
        if isinstance(node, ast.Raise)
        and isinstance(node.exc, ast.Call)
        and ast.unparse(node.exc.func).rpartition(".")[2] in OURS
        and any(
            isinstance(part, ast.Constant | ast.JoinedStr) and not isinstance(getattr(part, "value", ""), int)
            for argument in node.exc.args
            for part in ([argument, argument.left] if isinstance(argument, ast.BinOp) else [argument])
        )
    ]


FILES: Final = sorted(p for top in ("db", "pipeline", "pages") for p in (ROOT / top).rglob("*.py"))


def test_errors_are_messages_of_the_table() -> None:
    found = {p.relative_to(ROOT).as_posix(): plain_words(p.read_text("utf-8")) for p in FILES}
    assert len(found) > 200
    assert {path: lines for path, lines in found.items() if lines and path not in WITHOUT_SCREEN} == {}
    assert [path for path in WITHOUT_SCREEN if not found[path]] == [], "take it out of WITHOUT_SCREEN"


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("raise UsageError('no such thing')", [1]),
        ("raise errors.StorageError(f'{file} is damaged') from e", [1]),
        ("raise RequestError(400, 'not JSON')", [1]),
        ("raise UsageError(message('view_name', most=3))", []),
        ("raise RequestError(400, message('request_not_json'))", []),
        ("raise ValueError('nobody sees it')", []),
    ],
)
def test_what_counts_as_plain_words(text: str, lines: list[int]) -> None:
    assert plain_words(text) == lines
