"""Our rules are in the head of each document that a browser opens, and nothing else is touched."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path

import pytest
import streamlit
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from pages._ui import head
from pages._ui.head import BASE_SCRIPT, Head, css, links, scripts

PAGE = "<html><head><title>x</title></head><body>" + "é" * 2000 + "</body></html>"
DOCUMENT = {"accept": "text/html,*/*", "sec-fetch-dest": "document"}
ENGLISH = '<meta name="moue-language" content="en">'
STYLED = PAGE.replace("<title>", f"{ENGLISH}{BASE_SCRIPT}{scripts()}<title>").replace(
    "</head>", f"{links()}<style>{css()}</style></head>"
)


async def page(_request: Request) -> Response:
    return HTMLResponse(PAGE, headers={"etag": '"1"', "last-modified": "Thu, 01 Jan 2026 00:00:00 GMT", "x-kept": "1"})


async def in_parts(_request: Request) -> Response:
    return StreamingResponse(iter([PAGE[:20], PAGE[20:60], PAGE[60:]]), media_type="text/html")


async def missing(_request: Request) -> Response:
    return HTMLResponse(PAGE, 404)


async def data(_request: Request) -> Response:
    return JSONResponse({"a": "</head>"})


async def conditional(request: Request) -> Response:
    return Response(status_code=304) if "if-none-match" in request.headers else HTMLResponse(PAGE)


@pytest.fixture
def client() -> TestClient:
    views = (page, in_parts, missing, data, conditional)
    routes = [Route(f"/{one.__name__}", one) for one in views]
    return TestClient(Starlette(routes=routes, middleware=[Middleware(Head), Middleware(GZipMiddleware)]))


@pytest.mark.parametrize(
    ("path", "root", "location"),
    [
        ("/a/b", "", "../page-not-found?address=a%2Fb"), ("/a/b/", "", "../../page-not-found?address=a%2Fb%2F"),
        ("/nö//x", "", "../../page-not-found?address=n%C3%B6%2F%2Fx"),
        ("/w/faces/a/b?c=1", "/w/faces", "../page-not-found?address=a%2Fb"),
        ("/classes", "", None), ("/classes/", "", None), ("/", "", None), ("/w/faces/classes", "/w/faces", None),
    ],
)  # fmt: skip
def test_streamlit_s_page_is_not_given_below_the_level_it_works_at(path: str, root: str, location: str | None) -> None:
    async def whatever(_request: Request) -> Response:
        return HTMLResponse('<html><head><title>x</title></head><body><div id="root"></div></body></html>')

    routes = [Route("/{rest:path}", whatever)]
    client = TestClient(Starlette(routes=routes, middleware=[Middleware(Head)]), root_path=root)
    answer = client.get(path, headers=DOCUMENT, follow_redirects=False)
    assert (answer.status_code, answer.headers.get("location")) == ((307, location) if location else (200, None))
    assert (BASE_SCRIPT in answer.text) is (location is None)


@pytest.mark.parametrize("path", ["/page", "/in_parts"])
def test_a_document_has_the_rules_in_its_head(client: TestClient, path: str) -> None:
    answer = client.get(path, headers={**DOCUMENT, "accept-encoding": "gzip"})
    assert answer.text == STYLED
    assert int(answer.headers["content-length"]) == len(STYLED.encode())
    assert {"etag", "last-modified", "content-encoding"}.isdisjoint(answer.headers)


def test_the_page_s_own_component_is_loaded_before_it_is_asked_for() -> None:
    async def whatever(_request: Request) -> Response:
        return HTMLResponse(PAGE)

    client = TestClient(Starlette(routes=[Route("/{rest:path}", whatever)], middleware=[Middleware(Head)]))
    found = {
        page: re.findall(
            r'"modulepreload" href="\./api/script/(\w+)\.\w{16}\.js"', client.get(page, headers=DOCUMENT).text
        )
        for page in ("/review", "/clean", "/duplicates", "/", "/export")
    }
    assert found == {
        "/review": ["review_grid"],
        "/clean": ["photo_list"],
        "/duplicates": ["duplicate_groups"],
        "/": [],
        "/export": [],
    }


def test_the_scripts_that_are_put_in_may_run(client: TestClient) -> None:
    """The policy of all answers names no script but Streamlit's own."""
    answer = client.get("/page", headers=DOCUMENT)
    allowed = answer.headers["content-security-policy"]
    found = re.findall(r"<script>(.*?)</script>", answer.text, re.DOTALL)
    assert len(found) >= 3
    for one in found:
        assert base64.b64encode(hashlib.sha256(one.encode()).digest()).decode() in allowed


@pytest.mark.parametrize(
    ("headers", "language"),
    [
        ({}, "en"), ({"accept-language": "zh-CN,zh;q=0.9"}, "zh"), ({"cookie": "a=b; moue_language=zh"}, "zh"),
        ({"cookie": "moue_language=en", "accept-language": "zh"}, "en"),
        ({"cookie": 'moue_language="><script>', "accept-language": "fr"}, "en"),
    ],
)  # fmt: skip
def test_our_scripts_are_told_the_reader_s_language(client: TestClient, headers: dict[str, str], language: str) -> None:
    told = re.findall(
        r'<meta name="moue-language" content="([^"]*)">', client.get("/page", headers={**DOCUMENT, **headers}).text
    )
    assert told == [language]


def test_our_scripts_run_before_the_browser_waits_for_a_style() -> None:
    """A script behind a linked style waits for it, and so does the page behind the script."""
    index = (Path(streamlit.__file__).parent / "static" / "index.html").read_text("utf-8")
    assert index.count("<title>") == 1
    assert index.index("<title>") < index.index('rel="stylesheet"')


def test_other_headers_are_kept(client: TestClient) -> None:
    assert client.get("/page", headers=DOCUMENT).headers["x-kept"] == "1"


def test_a_document_that_the_browser_keeps_is_given_anew(client: TestClient) -> None:
    """It may have the style of an earlier version."""
    answer = client.get("/conditional", headers={**DOCUMENT, "if-none-match": '"1"'})
    assert (answer.status_code, answer.text) == (200, STYLED)


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/page", {"accept": "*/*", "sec-fetch-dest": "empty"}),
        ("/page", {"accept": "application/json"}),
        ("/missing", DOCUMENT),
    ],
)
def test_anything_else_passes_as_it_is(client: TestClient, path: str, headers: dict[str, str]) -> None:
    answer = client.get(path, headers={**headers, "accept-encoding": "identity"})
    assert answer.text == PAGE


def test_json_is_not_searched(client: TestClient) -> None:
    assert client.get("/data", headers=DOCUMENT).json() == {"a": "</head>"}


def test_the_rules_are_those_of_the_shell_and_of_the_pages() -> None:
    assert all(sign in css() for sign in (".st-key-account", ".st-key-review-filters", ".moue-figures", ".moue-plots"))


def test_streamlit_s_script_still_looks_for_the_server_s_address_there() -> None:
    files = (Path(streamlit.__file__).parent / "static" / "static" / "js").glob("*.js")
    told = [text for one in files if "window.__streamlit" in (text := one.read_text("utf-8"))]
    assert told
    assert all("BACKEND_BASE_URL" in text for text in told)


def test_each_widget_s_script_and_what_it_imports_are_there() -> None:
    """A Streamlit that calls one otherwise is told here; the page would only be slower."""
    folder = Path(streamlit.__file__).parent / "static" / "static" / "js"
    for name in {*head._EARLY, "index", *(name for names in head._WIDGETS.values() for name in names)}:
        found = head.with_imports((name,))
        assert any(file.startswith(f"{name}.") for file in found), name
        for file in found:
            text = (folder / file).read_text("utf-8")
            assert {one for one in re.findall(r'(?:\bfrom|\bimport)"\./([^"]+)"', text)} <= found, file


def test_a_page_s_widgets_are_loaded_with_it_and_none_twice() -> None:
    page_links = head.page_links()
    assert re.findall(r"js/Selectbox\.", page_links["review"]) == ["js/Selectbox."]
    assert "TextInput" in page_links["collect"]
    assert "TextInput" not in page_links["review"]
    for page, given in page_links.items():
        files = re.findall(r'href="([^"]+)"', given + links())
        assert len(files) == len(set(files)), page


def test_what_draws_html_is_there_and_loaded_early() -> None:
    """Streamlit names its scripts anew with each version: then the patterns are to be looked at."""
    static = Path(streamlit.__file__).parent / "static"
    found = re.findall(r'href="\./(static/js/[^"]+)"', links())
    names = {name.split("/")[-1].split(".")[0] for name in found}
    assert {"Html", "purify", "BidiComponent", "serialization", "recordbatch", "ButtonGroup", "WidgetLabel"} <= names
    assert all((static / name).is_file() for name in found)


def test_no_rule_is_tried_on_every_element() -> None:
    """A browser finds a rule by what the last part of its selector names. One that ends in `*`, or names things within
    `:is` and `:not` alone, is tried on each element; two such that asked `:has`, too, made most of a page's style."""
    assert [one for one in _selectors(css()) if not _named(one)] == []


@pytest.mark.parametrize(
    ("selector", "named"),
    [
        (".a .b", True), ("main > [x]", True), (".a:has(.b) ~ .c:not(:has(.d, .e))", True), (".a > *", True),
        (".a > :last-child", True), (".a *", False), (".a ~ :not(.b)", False), (":is(.a, .b):focus", False),
    ],
)  # fmt: skip
def test_what_a_selector_names_last(selector: str, named: bool) -> None:
    [found] = _selectors(selector + " { color: red; }")
    assert _named(found) is named


def _selectors(rules: str) -> list[str]:
    """Each selector of a style sheet, without what stands in parentheses: `.a:not(.b, .c) .d` is `.a:not .d`."""
    text = re.sub(r"/\*.*?\*/|@[^{]*", "", rules, flags=re.DOTALL)
    while text != (text := re.sub(r"\([^()]*\)", "", text)):
        pass
    heads = re.findall(r"([^{};]+)\{", text)
    return [one.strip() for head in heads for one in head.split(",") if one.strip()]


def _named(selector: str) -> bool:
    """Whether the last part names an element, class, id or attribute, or is looked for among the children of one."""
    last = re.split(r"[\s>+~]+", re.sub(r"\[[^\]]*\]", "[]", selector))[-1]
    return re.search(r"[.#\[]|^[a-z]", last) is not None or re.search(r">\s*[^\s>]+$", selector) is not None
