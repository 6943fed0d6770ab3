"""A message as a parameter of another one: kept with its code, said in one English sentence."""

from __future__ import annotations

import ast
import json
import pickle
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.base.messages import from_columns, to_columns
from pipeline.core.errors import EngineError, UnavailableError, UsageError
from pipeline.core.message_table import TEMPLATES, VERBATIM
from pipeline.core.messages import MOST_LEVELS, Message, holes, message, message_of, verbatim
from pipeline.fetch.session import ForbiddenHostError
from tests.pipeline.core.test_messages import all_calls

INNER = message("file_too_large", size=1234, most=9)
SENTENCE = "the file has 1,234 bytes, more than the cap of 9"


def nested(levels: int) -> Message:
    """levels: messages inside each other."""
    found = message("file_empty")
    for _ in range(levels - 1):
        found = message("processing_failed", why=found)
    return found


@pytest.mark.parametrize(
    "why",
    [
        INNER, UsageError(INNER), UnavailableError(INNER), EngineError(INNER, blocked=True), ForbiddenHostError(INNER),
        OSError(INNER), socket.gaierror(socket.EAI_AGAIN, INNER),
    ],
    ids=lambda why: type(why).__name__,
)  # fmt: skip
def test_a_message_inside_keeps_its_code(why: object) -> None:
    outer = message("unlisted", why=why)
    assert outer.params == {"why": INNER}
    assert outer.text == str(outer) == f"it cannot be listed: {SENTENCE}"
    assert pickle.loads(pickle.dumps(outer)) == outer


@pytest.mark.parametrize("why", [UsageError("plain words"), verbatim("as it is"), "text"], ids=repr)
def test_words_of_others_stay_text(why: object) -> None:
    assert message("unlisted", why=why).params == {"why": str(why)}


def test_several_messages_in_one_hole() -> None:
    outer = message("export_refused", problems=(INNER, message("file_empty")))
    assert outer.text == f"nothing was exported: {SENTENCE}; the file is empty"
    assert json.loads(json.dumps(outer.json_params())) == {
        "problems": [
            {"code": "file_too_large", "params": {"size": 1234, "most": 9}},
            {"code": "file_empty", "params": {}},
        ]
    }
    assert from_columns(*to_columns(outer)) == outer


def test_scalars_are_changed_at_any_depth() -> None:
    outer = message("frame_refused", n=2, total=3, why=message("export_refused", problems=(INNER,)))
    changed = outer.map_scalars(lambda value: f"<{value}>")
    assert changed.text == (
        "frame <2> of <3>: nothing was exported: the file has <1234> bytes, more than the cap of <9>"
    )


@pytest.mark.parametrize("levels", [1, 2, MOST_LEVELS, MOST_LEVELS + 1, 4 * MOST_LEVELS])
def test_there_is_an_end_to_the_depth(levels: int) -> None:
    """Whatever lies deeper is English text; nothing is lost, and what is kept can be read again."""
    deep = nested(levels)
    assert deep.text == "processing failed: " * (levels - 1) + "the file is empty"
    assert from_columns(*to_columns(deep)) == deep
    depth, part = 1, deep
    while isinstance(inner := part.params.get("why"), Message):
        depth, part = depth + 1, inner
    assert depth <= MOST_LEVELS
    assert message("export_refused", problems=(deep,)).text == f"nothing was exported: {deep.text}"


def test_old_rows_have_text_that_stays() -> None:
    words = '{"code": "file_empty", "params": {}}'
    old = from_columns("it cannot be listed: x", "unlisted", json.dumps({"why": words}))
    assert old == Message("unlisted", {"why": words})
    assert from_columns("it rained", "", "{}") == verbatim("it rained")


def below(inner: object, levels: int) -> str:
    """JSON written by hand: as deep as somebody likes."""
    return '{"why": {"code": "unlisted", "params": ' * levels + json.dumps(inner) + "}}" * levels


@pytest.mark.parametrize(
    "params",
    [
        "", "{", "null", "[]", "3", '"why"', "{}", '{"why": null}', '{"why": true}', '{"why": []}', '{"why": [3]}',
        '{"why": {}}', '{"why": {"code": "unlisted"}}', '{"why": {"code": 3, "params": {}}}',
        '{"why": {"code": "weather", "params": {}}}', '{"why": {"code": ["unlisted"], "params": {}}}',
        '{"why": {"code": "unlisted", "params": []}}', '{"why": {"code": "unlisted", "params": {"why": null}}}',
        '{"why": [{"code": "file_empty", "params": {}}, 3]}', '{"why": "\\ud83d"}', '{"why": NaN}', '{"why": Infinity}',
        '{"why": 1' + "0" * 400 + "}", '{"why": 1' + "0" * 9000 + "}", below({"why": "x"}, MOST_LEVELS),
        below({"why": "x"}, 300), "[" * 200_000,
    ],
    ids=lambda params: params[:40] or "nothing",
)  # fmt: skip
def test_of_a_row_that_was_tampered_with_the_words_alone_are_shown(params: str) -> None:
    assert from_columns("the words", "unlisted", params) == verbatim("the words")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(sorted(TEMPLATES)),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(("code", "params", "why", "n", "text", "most")), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(st.sampled_from(sorted(TEMPLATES)), json_values)
def test_whatever_stands_in_a_row_is_a_message_that_can_be_said(code: str, params: object) -> None:
    said = message_of("the words", code, params)
    assert isinstance(said.text, str)
    assert said.text.encode()


@given(st.data())
def test_a_message_is_read_as_it_was_written(data: st.DataObject) -> None:
    def any_message(levels: int) -> Message:
        code = data.draw(st.sampled_from(sorted(TEMPLATES)))
        scalars: st.SearchStrategy[object] = st.integers(-(2**62), 2**62) | st.floats() | st.text()
        inner = st.deferred(lambda: st.builds(lambda: any_message(levels - 1))) if levels > 1 else st.nothing()
        values = {name: data.draw(scalars | inner) for name in sorted(holes(TEMPLATES[code]))}
        return message(code, **values)

    written = any_message(3)
    read = from_columns(*to_columns(written))
    assert read.text == written.text
    assert read == written or written.code == VERBATIM


def english(node: ast.expr) -> list[str]:
    """Words of ours among the values that an expression may have: texts with letters and a blank."""
    if isinstance(node, ast.Call):  # a nested message has its own test; a separator is no word
        return [text for part in node.args for text in english(part)] if ast.unparse(node.func) != "message" else []
    if isinstance(node, ast.Constant):
        text = node.value if isinstance(node.value, str) else ""
        return [text] if " " in text.strip() and any(map(str.isalpha, text)) else []
    if isinstance(node, ast.JoinedStr):
        text = "".join(str(part.value) if isinstance(part, ast.Constant) else "" for part in node.values)
        return [text] if any(map(str.isalpha, text)) else []
    parts = [node.body, node.orelse] if isinstance(node, ast.IfExp) else list(ast.iter_child_nodes(node))
    return [text for part in parts if isinstance(part, ast.expr) for text in english(part)]


def test_no_parameter_is_an_english_text_of_ours() -> None:
    calls = [(where, k) for where, call, name in all_calls() if name == "message" for k in call.keywords]
    assert len(calls) > 200
    assert {f"{where}: {text}" for where, keyword in calls for text in english(keyword.value)} == set()


@pytest.mark.parametrize(
    ("expression", "texts"),
    [
        ("x or 'nothing that is read'", ["nothing that is read"]), ("f'{n} bits'", [" bits"]), ("', '.join(a)", []),
        ("message('it has none')", []), ("str(e) or type(e).__name__", []), ("'a b' if x else c", ["a b"]),
        ("'yunet'", []), ("f'{a}-{b}'", []),
    ],
)  # fmt: skip
def test_what_counts_as_an_english_text(expression: str, texts: list[str]) -> None:
    assert english(ast.parse(expression, mode="eval").body) == texts
