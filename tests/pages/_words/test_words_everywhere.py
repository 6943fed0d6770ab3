"""That no page, script or style shows a text of its own: everything goes through `t`, `mark` or `count`."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from pages import _words
from tests.source.parsed import parsed

PAGES = Path(_words.__file__).parents[1]
SHOWN = {
    "Page", "badge", "button", "caption", "checkbox", "code", "color_picker", "dialog", "error", "expander",
    "file_uploader", "form_submit_button", "header", "info", "link_button", "markdown", "metric", "multiselect",
    "next_step", "number_input", "page_title", "pills", "popover", "radio", "segmented_control", "select_slider",
    "selectbox", "set_page_config", "slider", "spinner", "status", "subheader", "success", "text", "text_area",
    "text_input", "title", "toast", "toggle", "warning",
}  # fmt: skip
WORDY = {"body", "caption", "display_text", "help", "label", "page_title", "placeholder", "text", "title"}
TRANSLATED = {"t", "mark", "count", "translate", "why_not", "words_of"}
EXCEPTIONS = {
    "Moue": "the name of the product",
    "/home/ada/photos": "a path",
    "/home/ada/talk.mp4": "a path",
    "https://example.org/photo.jpg": "an address",
    "socks5://127.0.0.1:1080": "an address",
    "ada@example.org": "an address",
    "train": "a folder of the export",
    "val": "a folder of the export",
}
"""Texts that are shown as they stand, and why."""
MARKS = re.compile(r":material/\w+:|:\w+\[|\$\{[^}]*\}")

Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Module


def named(file: Path) -> str:
    return str(file.relative_to(PAGES))


def says(text: str) -> bool:
    return text.strip(" ·") not in EXCEPTIONS and re.search(r"[A-Za-z]{2}", MARKS.sub("", text)) is not None


def literals(
    node: ast.AST | None, known: dict[str, list[ast.expr]], seen: frozenset[str] = frozenset()
) -> Iterator[str]:
    """The texts that an expression may become, without those that are translated. known: what names were given."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.Name) and node.id not in seen:
        for given in known.get(node.id, ()):
            yield from literals(given, known, seen | {node.id})
    elif isinstance(node, ast.Call):
        if called(node) not in TRANSLATED:
            within = [node.func.value] if isinstance(node.func, ast.Attribute) else []
            for part in (*within, *node.args):
                yield from literals(part, known, seen)
    elif isinstance(node, ast.IfExp):
        yield from literals(node.body, known, seen)
        yield from literals(node.orelse, known, seen)
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
        return  # a path
    elif isinstance(node, ast.JoinedStr | ast.FormattedValue | ast.BinOp | ast.BoolOp | ast.List | ast.Tuple):
        for part in ast.iter_child_nodes(node):
            yield from literals(part, known, seen)


def called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def own_nodes(scope: Function) -> Iterator[ast.AST]:
    """What stands in a function, without the functions in it."""
    waiting: list[ast.AST] = list(scope.body)
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            waiting.extend(ast.iter_child_nodes(node))


def given_in(scope: Function) -> dict[str, list[ast.expr]]:
    known: dict[str, list[ast.expr]] = {}
    for node in own_nodes(scope):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            known.setdefault(node.targets[0].id, []).append(node.value)
    return known


def bare_in(source: str) -> Iterator[tuple[int, str]]:
    """(line, text) of each text that is shown untranslated."""
    tree = parsed(source)
    scopes: list[Function] = [tree]
    scopes += [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    for scope in scopes:
        known = given_in(scope)
        for node in own_nodes(scope):
            for shown in shown_by(node):
                yield from ((shown.lineno, text) for text in literals(shown, known) if says(text))


def shown_by(node: ast.AST) -> Iterator[ast.expr]:
    if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("_log."):
        return  # the log, which no page shows
    if isinstance(node, ast.Call):
        if called(node) in SHOWN and isinstance(node.func, ast.Attribute) and called(node) != "Page":
            yield from node.args[:1]
        if called(node) in SHOWN or isinstance(node.func, ast.Attribute):
            yield from (word.value for word in node.keywords if word.arg in WORDY)
    elif isinstance(node, ast.Dict) and any("column_config" in ast.unparse(value) for value in node.values):
        yield from (key for key in node.keys if key is not None)


@pytest.mark.parametrize(
    "file", [file for file in sorted(PAGES.rglob("*.py")) if file.parent.name != "_routes"], ids=named
)
def test_no_page_shows_a_text_of_its_own(file: Path) -> None:
    assert list(bare_in(file.read_text("utf-8"))) == []


@pytest.mark.parametrize(
    ("source", "texts"),
    [
        ('st.button("Go on")', ["Go on"]), ('st.button(t("Go on"))', []), ('st.caption(f"{n} faces")', [" faces"]),
        ('def f():\n label = f"all {n}"\n st.button(label)', ["all "]), ('st.button(x, help="why")', ["why"]),
        ('st.markdown(f":material/check: {t(x)}")', []), ('cell.button("A" if b else "Down")', ["Down"]),
        ('_log.warning("in the log")', []),
        ('st.dataframe(x, column_config={"Name": st.column_config.Column()})', ["Name"]),
        ('st.caption(_ui.escaped("two words"))', ["two words"]), ('st.button(label=t("x"), help="y " + "no")', ["no"]),
    ],
)  # fmt: skip
def test_what_counts_as_a_text_of_its_own(source: str, texts: Sequence[str]) -> None:
    assert [text for _, text in bare_in(source)] == texts


SCRIPT = re.compile(
    r"""(?:\.(?:textContent|title|alt|placeholder)\s*=\s*|setAttribute\("(?:aria-label|title|alt|placeholder)",\s*"""
    r"""|\bannounce\(\s*|\bmake\("\w+", "[\w -]*", )(["`])(?P<text>.*?)\1"""
)


def bare_in_script(source: str) -> list[str]:
    found = [match["text"] for match in SCRIPT.finditer(source) if says(match["text"])]
    return found + re.findall(r"(?<![\w.])t\([`'][^`']*", source)  # the dictionary's test reads "…" alone


@pytest.mark.parametrize("file", sorted(PAGES.rglob("*.js")), ids=named)
def test_no_script_shows_a_text_of_its_own(file: Path) -> None:
    assert bare_in_script(file.read_text("utf-8")) == []


def test_what_counts_as_a_script_s_text_of_its_own() -> None:
    script = (
        'a.title = "Keys"; b.textContent = `${n} left`; c.alt = ""; announce(t("fine")); announce("Oh no"); '
        'd.title = t("fine"); e(t(`not`))'
    )
    assert bare_in_script(script) == ["Keys", "${n} left", "Oh no", "t(`not"]


@pytest.mark.parametrize("file", sorted(PAGES.rglob("*.css")), ids=named)
def test_no_style_shows_a_text_of_its_own(file: Path) -> None:
    texts = re.findall(r'content:\s*"([^"]*)"', file.read_text("utf-8"))
    assert [text for text in texts if says(text)] == []
