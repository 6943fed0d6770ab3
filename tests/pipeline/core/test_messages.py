"""The table of messages, and that reasons are made of it alone."""

from __future__ import annotations

import ast
import errno
import json
import os
import pickle
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from pipeline.core.errors import UndecodableError, UsageError
from pipeline.core.message_table import TEMPLATES, VERBATIM
from pipeline.core.messages import Message, holes, message, message_of, verbatim, within
from pipeline.core.templates.system import SYSTEM
from tests.source.parsed import parsed

ROOT = Path(__file__).parents[3]
FILES = sorted(file for top in ("pipeline", "db", "models", "pages") for file in (ROOT / top).rglob("*.py"))
DECODE_ERRORS = {"DecodeError", "UndecodableError", "TooLargeError", "UnsupportedError", "UnavailableError"}


Called = tuple[str, ast.Call, str]
"""(where, call, name of what is called)."""


def all_calls() -> Iterator[Called]:
    for file in FILES:
        for node in ast.walk(parsed(file.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                yield f"{file.relative_to(ROOT)}:{node.lineno}", node, name


@pytest.fixture(scope="module")
def calls() -> list[Called]:
    """Read when it is asked for: whoever only collects the tests need not parse 700 files."""
    return list(all_calls())


def test_a_message_is_its_template_filled() -> None:
    one = message("file_too_large", size=np.int64(1234567), most=9)
    assert (one.text, str(one)) == ("the file has 1,234,567 bytes, more than the cap of 9",) * 2
    assert one == message_of("", one.code, one.json_params()) == pickle.loads(pickle.dumps(one))
    assert message("keeper_frontal_alone", n=float("inf")).params == {"n": "inf"}
    assert message("unwritable", what=Path("/x"), why="no").params == {"what": "/x", "why": "no"}


def test_the_system_s_words_have_codes() -> None:
    why = OSError(errno.ENOENT, os.strerror(errno.ENOENT), "/x")
    one = message("path_unreadable", file="/x", why=why.strerror or why)
    assert one.params["why"] == Message("os_no_such_file")
    assert os.strerror(errno.ENOENT) in one.text


@pytest.mark.skipif(sys.platform != "linux", reason="the words of another system")
def test_they_are_those_that_it_says() -> None:
    said = {os.strerror(number) for number in errno.errorcode}
    ours = SYSTEM["os_irregular"]  # of what no call refuses
    assert [words for words in SYSTEM.values() if words not in said] == [ours]


def test_a_text_fills_the_hole_of_a_number() -> None:
    assert Message("file_over_cap", {"most": "…"}).text == "the file has more bytes than the cap of …"


def test_a_list_of_texts_stays_one() -> None:
    one = message("class_name_unknown", name="x", names=("smile", "pout", 3))
    assert one.params["names"] == ("smile", "pout", "3")
    assert "smile, pout, 3" in one.text
    kept = json.loads(json.dumps(one.json_params()))
    assert kept["names"] == ["smile", "pout", "3"]
    assert one == message_of("", one.code, kept) == pickle.loads(pickle.dumps(one))
    assert one.map_scalars(lambda text: f"<{text}>").params["names"] == ("<smile>", "<pout>", "<3>")
    assert message("class_name_unknown", name="x", names=()).params["names"] == ""
    assert message_of("words", one.code, {"name": "x", "names": ["a", "\ud800"]}) == verbatim("words")
    assert message_of("words", one.code, {"name": "x", "names": ["a", 3]}) == verbatim("words")


@pytest.mark.parametrize(
    ("name", "told"), [(os.fsdecode(b"\xff\xe9.png"), r"\xff\xe9.png"), ("\ud83d.png", r"\ud83d.png")]
)
def test_a_name_that_is_no_unicode_can_be_stored_and_sent(name: str, told: str) -> None:
    said = message("file_exists", file=Path("a", name))
    assert said.text.encode().decode().startswith(f"a/{told} ")
    assert message_of(said.text, said.code, said.json_params()) == said
    assert message("filter_outcome", outcome=name, names=(name, "b")).params == {"outcome": told, "names": (told, "b")}
    assert message_of(f"no {name}", "of another Moue", {}).text == f"no {told}"


def test_a_list_is_cut_as_its_text_would_be() -> None:
    names = ["abc", "de", "", "f" * 300]
    for most in range(1, 320):
        whole, cut = ", ".join(names), ", ".join(within(names, most))
        assert whole.startswith(cut)
        assert most - 2 <= len(cut) <= most or cut == whole
    assert within([]) == ()


def joined(tree: ast.AST) -> bool:
    return any(
        isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "join"
        and isinstance(node.func.value, ast.Constant) and node.func.value.value == ", "
        for node in ast.walk(tree)
    )  # fmt: skip


def english_lists(scope: ast.FunctionDef) -> Iterator[int]:
    """The lines of the messages of which a parameter was joined in the call, or in the same function under a name."""
    texts = {
        target.id for node in ast.walk(scope) if isinstance(node, ast.Assign) and joined(node.value)
        for target in node.targets if isinstance(target, ast.Name)
    }  # fmt: skip
    for call in ast.walk(scope):
        if not isinstance(call, ast.Call) or getattr(call.func, "id", "") not in ("message", "os_message"):
            continue
        if joined(call) or texts & {node.id for node in ast.walk(call) if isinstance(node, ast.Name)}:
            yield call.lineno


def test_no_parameter_is_a_list_that_was_joined_in_english() -> None:
    """A tuple is joined where it is told, by the language."""
    texts = {file: file.read_text("utf-8") for file in FILES}
    joining = [file for file, text in texts.items() if '", ".join' in text]  # to walk through all takes 10 s
    assert len(texts) > 400
    assert len(joining) > 10
    functions = [
        (file, node) for file in joining for node in ast.walk(parsed(texts[file])) if isinstance(node, ast.FunctionDef)
    ]
    assert [f"{file.relative_to(ROOT)}:{line}" for file, node in functions for line in english_lists(node)] == []


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ('raise UsageError(message("a", names=", ".join(names)))', [2]),
        ('told = ", ".join(names)\n    raise UsageError(message("a", names=told))', [3]),
        ('told = tuple(names)\n    raise UsageError(message("a", names=told))', []),
        ('print(", ".join(names))\n    raise UsageError(message("a", names=names))', []),
    ],
)
def test_how_a_joined_list_is_found(body: str, found: list[int]) -> None:
    [scope] = parsed(f"def f(names):\n    {body}\n").body
    assert isinstance(scope, ast.FunctionDef)
    assert list(english_lists(scope)) == found


def test_of_another_moue_the_words_alone_are_known() -> None:
    assert message_of("it rained", "weather", {}) == verbatim("it rained")
    assert message_of("too big", "file_over_cap", {"limit": 3}) == verbatim("too big")


def test_an_error_says_its_message_in_english_and_keeps_it() -> None:
    error = pickle.loads(pickle.dumps(UndecodableError(message("file_empty"))))
    assert (str(error), error.message) == ("the file is empty", Message("file_empty"))
    assert UsageError("plain words").message == verbatim("plain words")


def test_a_call_fills_every_hole_of_its_template(calls: list[Called]) -> None:
    literal = [(w, c) for w, c, n in calls if n == "message" and c.args and isinstance(c.args[0], ast.Constant)]
    assert literal
    for where, call in literal:
        given = {keyword.arg for keyword in call.keywords}
        assert given == holes(TEMPLATES[ast.literal_eval(call.args[0])]), where


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("a", "'a'"), (r"images\a.jpg", r"'images\a.jpg'"), ("l'été", '"l\'été"'), ("a\nb", r"'a\nb'"),
        ("a\u200bb", r"'a\u200bb'"), ("", "''"),
    ],
)  # fmt: skip
def test_a_quoted_name_is_told_as_people_write_it(name: str, told: str) -> None:
    assert message("class_name_unknown", name=name, names=("b",)).text == f"no class is called {told}; there are b"


def test_every_code_is_used() -> None:
    texts = "".join(file.read_text("utf-8") for file in FILES if not file.name.startswith(("message_", "m00")))
    assert {code for code in TEMPLATES if code != VERBATIM and f'"{code}"' not in texts} == set()


@pytest.mark.parametrize("kind", ["errors", "outcomes", "failures"])
def test_no_reason_is_a_literal(kind: str, calls: list[Called]) -> None:
    said: dict[str, list[tuple[str, ast.expr]]] = {
        "errors": [(w, c.args[0]) for w, c, name in calls if name in DECODE_ERRORS | {"ExportError"} and c.args],
        "outcomes": [(w, c.args[2]) for w, c, name in calls if name == "ImageOutcome" and len(c.args) > 2],
        "failures": [(w, k.value) for w, c, _ in calls for k in c.keywords if k.arg in ("failure", "reason")],
    }
    assert said[kind]
    shown = [w for w, value in said[kind] if isinstance(value, ast.JoinedStr)]
    shown += [w for w, value in said[kind] if kind != "failures" and isinstance(value, ast.Constant)]
    assert shown == []


@pytest.mark.parametrize("code", [code for code in sorted(TEMPLATES) if code.startswith("class_")])
def test_a_class_that_is_there_stands_in_quotes_not_as_python_writes_it(code: str) -> None:
    """Of a name that is refused for its signs each is to be seen: there Python's way is right."""
    assert (
        code in ("class_name_no_folder", "class_name_invisible", "class_name_unknown")
        or "{name!r}" not in TEMPLATES[code]
    )
