"""Collect, photos of the web: image searches, and lists of addresses."""

from __future__ import annotations

import filecmp
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import streamlit as st
from streamlit.elements.lib.mutable_expander_container import ExpanderContainer

from pages import _ui
from pages._collect import google_engines, uploaded
from pages._components.bookmarklet import bookmarklet
from pages._server import jobs, permission, uploads, workspace
from pages._server.uploads import WaitingUpload
from pages._ui import choices, detector_options
from pages._ui.detector_options import Detection
from pages._words import mark, recorded, t
from pipeline.core.durable import flush, make_folder
from pipeline.core.errors import MoueError, NotAllowedError, UsageError
from pipeline.core.messages import message
from pipeline.core.names import find_name
from pipeline.core.ranges import PARALLEL, PHOTOS, RETRIES, TIMEOUT
from pipeline.crawl.engines.registry import ENGINES
from pipeline.crawl.keywords import Keyword, parse_file, parse_typed
from pipeline.crawl.url_list import read_list
from pipeline.fetch.request import FetchLimits

USUAL: Final = ("bing", "duckduckgo")
NUMBER: Final = 200
SAFE: Final = {"strict": mark("Strict"), "moderate": mark("Moderate"), "off": mark("Off")}
SIZES: Final = {"": mark("Any size"), "small": mark("Small"), "medium": mark("Medium"), "large": mark("Large")}
LICENCES: Final = {
    "": mark("Any licence"), "cc": mark("Creative Commons"), "commercial": mark("Commercial use allowed"),
    "public": mark("Public domain"),
}  # fmt: skip
FILTERS: Final = {
    "safe": mark("safe search"), "face_only": mark("faces only"), "size": mark("size"), "licence": mark("licence"),
}  # fmt: skip
USUAL_FILTERS: Final[dict[str, Any]] = {"safe": "moderate", "size": "", "licence": "", "face_only": False}
_DRAWER: Final = "web-drawer"
"""Of searches and lists: how the web is reached is asked once for both, and holds in the other one, too."""
RIGHTS: Final = mark(
    "Each photo keeps where it is from: page, address, author and licence, as far as they are told. Photos belong to "
    "their owners; Openverse and Wikimedia Commons name a licence for each."
)


def search(known: Sequence[str]) -> None:
    """Keywords, engines, how many; everything else has a default. known: the classes' names."""
    keywords = _keywords(known)
    engines = st.pills(
        t("Image searches"), google_engines.usable_engines(), selection_mode="multi",
        default=USUAL, format_func=lambda name: ENGINES[name].label, key="search-engines",
    )  # fmt: skip
    google_engines.explain()
    with st.container(horizontal=True, gap="medium"):
        total = st.number_input(t("Photos in all"), *PHOTOS.ends, NUMBER, 50, key="search-total", width=200)
        each = st.number_input(
            t("At most a keyword"), *PHOTOS.ends, None, 50, key="search-each", width=200,
            placeholder=t("an equal part"),
            help=t("An engine has about 1,000 photos of one search; then the next engine goes on."),
        )  # fmt: skip
    with _drawer() as box:
        if choices.was_opened(box, _DRAWER):
            params = {**_filters(engines), **_way(), **_processing("search")}
        else:
            params = {**USUAL_FILTERS, **_usual_way(), **_as_params(detector_options.usual())}
    st.caption(t(RIGHTS))
    if not _ui.button(t("Search"), "collect", type="primary", key="start-search") or keywords is None:
        return
    if not keywords:
        st.error(t("Type a keyword, or give a file with some."))
    elif not engines:
        st.error(t("Choose an image search."))
    else:
        pairs = [[one.text, one.proposal] for one in keywords]
        _start({**params, "keywords": pairs, "engines": list(engines), "total": int(total), "each": each})


def addresses(known: Sequence[str]) -> None:
    """A list of addresses, pasted or as a file."""
    pasted = st.text_area(
        t("Addresses, one a line"), key="list-text", height=120, placeholder="https://example.org/photo.jpg"
    )
    st.markdown(t("Or a list as a file: text, CSV or JSONL with the columns url, class, licence, page, title, author"))
    given = uploaded.box("list")
    st.markdown(t("Or a page of image results, saved as HTML or MHTML, or collected while you open results:"))
    bookmarklet()
    params: dict[str, Any] = {"class_name": _class(known, "list-class")}
    with _drawer() as box:
        if choices.was_opened(box, _DRAWER):
            params |= {**_way(), **_processing("list")}
        else:
            params |= {**_usual_way(), **_as_params(detector_options.usual())}
    st.caption(t(RIGHTS))
    if _ui.button(t("Fetch"), "collect", type="primary", key="start-list"):
        try:
            permission.require("collect")
            with st.spinner(t("Reading the list …")):
                paths = _kept(pasted, given)
        except (UsageError, NotAllowedError) as e:
            st.error(_ui.escaped(recorded.sentence(e.message)))
            return
        _start({**params, "lists": [str(path) for path in paths]})


def _drawer() -> ExpanderContainer:
    return choices.drawer(t("Options"), ":material/tune:", _DRAWER)


def _keywords(known: Sequence[str]) -> tuple[Keyword, ...] | None:
    """What was typed and given; None where it is wrong, which is told."""
    typed = st.text_area(
        t("Keywords, separated by commas or lines"), key="search-keywords", height=96,
        placeholder=t("pouting face, duck face"),
    )  # fmt: skip
    given = choices.file_uploader(
        t("Or a text file: a keyword a line; a class may stand behind a tab"),
        ["txt", "tsv", "csv", "json", "jsonl"],
        "search-file",
    )
    chosen = _class(known, "search-class")
    try:
        found = parse_typed(typed)
        if given:
            found = (*found, *parse_file(given.getvalue(), given.name))
    except UsageError as e:
        st.error(_ui.escaped(recorded.sentence(e.message)))
        return None
    unknown = sorted({one.proposal for one in found if one.proposal and find_name(one.proposal, known) is None})
    if unknown:
        st.error(t("There is no class called “{name}”. Make it on Classes first.", name=_ui.escaped(unknown[0])))
        return None
    return tuple(Keyword(one.text, one.proposal or chosen) for one in found)


def _class(known: Sequence[str], key: str) -> str | None:
    return st.selectbox(
        t("Class that these photos propose"), known, index=None, key=key, width=320, placeholder=t("no class"),
        help=t("A proposal is never a decision."),
    )  # fmt: skip


def _filters(engines: Sequence[str]) -> dict[str, Any]:
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        safe = _choice(t("Safe search"), SAFE, "search-safe", 1)
        size = _choice(t("Size"), SIZES, "search-size")
        licence = _choice(t("Licence"), LICENCES, "search-licence")
        face_only = st.checkbox(t("Faces only"), key="search-face")
    asked = {"safe": safe != "moderate", "size": bool(size), "licence": bool(licence), "face_only": face_only}
    for name in engines:
        missing = [t(FILTERS[one]) for one, wanted in asked.items() if wanted and one not in ENGINES[name].filters]
        if missing:
            st.caption(
                t("{engine} has no filter for {what}.", engine=ENGINES[name].label, what=_ui.join_words(missing))
            )
    return {"safe": safe, "size": size, "licence": licence, "face_only": face_only}


def _choice(label: str, options: dict[str, str], key: str, index: int = 0) -> str:
    return st.selectbox(label, list(options), index, format_func=lambda one: t(options[one]), key=key, width=200)


def _way() -> dict[str, Any]:
    """How the web is reached."""
    usual = FetchLimits()
    with st.container(horizontal=True, gap="medium"):
        proxy = st.text_input(
            t("Proxy"), key="web-proxy", width=320, placeholder="socks5://127.0.0.1:1080",
            help=t("http:// or socks5://. The check that an address is a public one then ends at the proxy."),
        )  # fmt: skip
        parallel = st.number_input(t("Requests at once"), *PARALLEL.ends, usual.parallel, key="web-parallel", width=160)
        timeout = st.number_input(
            t("Seconds a photo"), 1, int(TIMEOUT.most), int(usual.total_s), key="web-timeout", width=160
        )
        retries = st.number_input(t("Retries"), *RETRIES.ends, usual.retries, key="web-retries", width=120)
    contact = st.text_input(
        t("Contact that the servers may see"), os.environ.get("MOUE_CONTACT", ""), key="web-contact", width=320,
        placeholder="ada@example.org", help=t("Wikimedia and Openverse ask for one: an e-mail address or a page."),
    )  # fmt: skip
    noai = st.checkbox(t("Fetch what its owner keeps from AI, too (X-Robots-Tag: noai)"), key="web-noai")
    return {
        "proxy": proxy.strip(), "parallel": int(parallel), "timeout": float(timeout), "retries": int(retries),
        "contact": contact.strip(), "ignore_noai": noai,
    }  # fmt: skip


def _usual_way() -> dict[str, Any]:
    """What `_way` gives where nobody changed anything."""
    usual = FetchLimits()
    return {
        "proxy": "", "parallel": usual.parallel, "timeout": float(int(usual.total_s)), "retries": usual.retries,
        "contact": os.environ.get("MOUE_CONTACT", "").strip(), "ignore_noai": False,
    }  # fmt: skip


def _processing(key: str) -> dict[str, Any]:
    return _as_params(detector_options.choose(f"{key}-detector"))


def _as_params(chosen: Detection) -> dict[str, Any]:
    return {"detector": chosen.detector, "options": [list(pair) for pair in chosen.options], "faces": chosen.faces,
            "landmarks": chosen.landmarks}  # fmt: skip


def _kept(pasted: str, given: Sequence[WaitingUpload]) -> list[Path]:
    """The lists as files of the workspace, each read once to its end before any is taken. Raises UsageError."""
    found = [one.folder / name for one in given for name in one.names]
    with tempfile.TemporaryDirectory(dir=_lists()) as folder:
        if pasted.strip() or not found:
            is_table = "\t" in pasted.strip().partition("\n")[0]
            found.append(Path(folder, "addresses.tsv" if is_table else "addresses.txt"))
            found[-1].write_text(pasted, "utf-8")
        for path in found:
            _check(path)
        kept = [_take(path) for path in found]
    for one in given:
        uploads.remove(one.folder)
    return kept


def _lists() -> Path:
    folder = workspace.root() / "lists"
    make_folder(folder, inside=workspace.root())
    return folder


def _check(path: Path) -> None:
    """Raises UsageError that names the line."""
    try:
        if not sum(1 for _ in read_list(path)):
            raise UsageError(message("list_empty", file=path))
    except UsageError as e:
        raise UsageError(
            e.message.map_scalars(lambda said: said.replace(str(path), path.name) if isinstance(said, str) else said)
        ) from e


def _take(given: Path) -> Path:
    """Move a list to the others, durably; one that is there already stays the one."""
    path, number = _lists() / given.name, 1
    while os.path.exists(path) and not filecmp.cmp(path, given, shallow=False):
        number += 1
        path = path.with_name(f"{given.stem} ({number}){given.suffix}")
    flush(given)
    os.replace(given, path)
    flush(path.parent)
    return path


def _start(params: dict[str, Any]) -> None:
    try:
        jobs.start_crawl(workspace.get_store(), params, permission.require("collect"))
    except MoueError as e:
        st.error(_ui.escaped(recorded.sentence(e.message)))
        return
    st.rerun()
