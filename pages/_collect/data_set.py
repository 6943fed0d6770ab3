"""A labelled data set: where it is, whose labels they are, and what the last import came to."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Final

import streamlit as st

from db.base.paths import to_text
from db.tables.annotators import list_annotators
from db.tables.jobs import names_of_data_sets
from pages import _ui
from pages._collect import data_set_report, uploaded
from pages._collect.typed_path import inspect_path, problem
from pages._server import jobs, permission, workspace
from pages._ui import choices
from pages._words import listed, mark, recorded, t, vocabulary
from pipeline.core.errors import MoueError, UsageError, refused_place
from pipeline.core.messages import message
from pipeline.core.names import find_name
from pipeline.export.readers import registry

KEPT: Final = ("dataset-where", "dataset-path", "dataset-format", "dataset-make", "dataset-mouths", "dataset-copy",
               "dataset-line")  # fmt: skip
"""Keys of what was chosen: it stands while the job runs, and is there where the data set was refused."""
USUAL: Final[dict[str, Any]] = {"as_format": None, "make_classes": False, "mouths": False, "copy": False, "line": ""}
"""What the options hold before anybody touched them."""
_DRAWER: Final = "dataset-drawer"
PLACES: Final = {"path": mark("On this server"), "upload": mark("Upload")}


def keep() -> None:
    """Called in each run, also while the choices are not shown."""
    for key in KEPT:
        if key in st.session_state:
            st.session_state[key] = st.session_state[key]


def show(known: tuple[str, ...], who: str) -> None:
    """Draw it. known: the classes' names. who: the annotator."""
    keep()  # in the run that draws them, too: only then the browser is told
    st.session_state.setdefault("dataset-where", "path")
    where = st.segmented_control(
        t("Where the data set is"), list(PLACES), required=True, key="dataset-where",
        format_func=lambda one: t(PLACES[one]),
    )  # fmt: skip
    path, name = _uploaded() if where == "upload" else _on_server()
    whose = st.text_input(
        t("Whose labels they are"), name[:60], key=f"dataset-whose-{name}", width=320, max_chars=100,
        help=t("Its labels come in as decisions of this name: yours, or one that no person here has. What people "
               "decided is never changed."),
    )  # fmt: skip
    params = _options(known)
    if _ui.button(
        t("Import"), "collect", type="primary", disabled=path is None or not whose.strip(), key="start-import"
    ):
        _start(path, {**params, "labels_of": whose.strip(), "source_name": name if where == "upload" else None}, who)
    data_set_report.show()


def _on_server() -> tuple[Path | None, str]:
    """What was typed, None where there is nothing, and its name."""
    typed = st.text_input(t("Folder, zip or file of the data set"), key="dataset-path", placeholder="/home/ada/photos")
    info = inspect_path(typed, ())
    if info.kind in ("folder", "zip", "file"):
        return info.path, _recognised(info.path, info.kind)
    if info.kind == "nothing":
        st.caption(t("A path of the machine that runs Moue. The files are only read, never changed."))
    else:
        st.error(problem(info))
    return None, ""


def _uploaded() -> tuple[Path | None, str]:
    """The data set that came through the browser and waits: a single file or folder is meant itself."""
    found = uploaded.box("dataset")
    if not found:
        return None, ""
    chosen = found[0]
    if len(found) > 1:
        chosen = st.selectbox(t("Which one"), found, format_func=uploaded.names, key="dataset-upload", width=480)
    path = chosen.folder
    while len(inside := sorted(path.iterdir())) == 1 and (os.path.isfile(inside[0]) or not _has_files(inside[0])):
        path = inside[0]
        if os.path.isfile(path):
            break
    st.caption(t("An upload is removed once it is imported; what is taken lies in the workspace."))
    kind = "folder" if os.path.isdir(path) else "zip" if path.suffix.lower() == ".zip" else "file"
    return path, _recognised(path, kind)


def _has_files(folder: Path) -> bool:
    """Whether files lie in the folder itself: then its name may be a class."""
    return any(os.path.isfile(one) for one in folder.iterdir())


def _recognised(path: Path, kind: str) -> str:
    """Say which format it is; the name of the data set."""
    if kind == "zip":
        st.markdown(f":material/check: {t('A zip: its format is recognised once it is unpacked, and said below.')}")
        return path.stem
    try:
        name = registry.recognise(path)
    except (MoueError, OSError) as e:
        said = e if isinstance(e, MoueError) else refused_place(e)
        if said is None:
            raise
        st.warning(_ui.escaped(recorded.sentence(said.message)), icon=":material/help:")
    else:
        st.markdown(f":material/check: {t('Recognised as {name}.', name=t(vocabulary.DATA_SET_WORDS[name]))}")
    return path.name if kind == "folder" else path.stem


def _options(known: tuple[str, ...]) -> dict[str, Any]:
    with choices.drawer(t("Options"), ":material/tune:", _DRAWER) as box:
        if not choices.was_opened(box, _DRAWER):
            return dict(USUAL)
        format_name = st.selectbox(
            t("Format"), list(registry.READERS), index=None, key="dataset-format", width=320,
            format_func=lambda one: t(vocabulary.DATA_SET_WORDS[one]), placeholder=t("as recognised"),
        )  # fmt: skip
        make = st.checkbox(
            t("Make classes that are not here yet"), key="dataset-make", disabled=bool(_ui.why_not("classes")),
            help=_ui.why_not("classes")
            or t("Else a data set with other classes is refused. There are: {names}.", names=listed(known)),
        )  # fmt: skip
        mouths = st.checkbox(
            t("The pictures are mouths already"), key="dataset-mouths",
            help=t("Each becomes a crop as it is; no face is looked for. A release of Moue says so itself."),
        )  # fmt: skip
        copy = st.checkbox(t("Copy the originals into the workspace"), key="dataset-copy")
        line = st.text_input(
            t("Release that remembers the splits"), key="dataset-line", width=320, placeholder=t("as the data set"),
            help=t("The next export of this name leaves these photos in the splits that the data set has them in."),
        )  # fmt: skip
    return {"as_format": format_name, "make_classes": make, "mouths": mouths, "copy": copy, "line": line.strip()}


def _start(path: Path | None, params: dict[str, Any], who: str) -> None:
    try:
        by = permission.require("collect")
        if params["make_classes"]:
            permission.require("classes")
        check_name(str(params["labels_of"]), who)
        jobs.start_import(workspace.get_store(), {**params, "path": to_text(str(path))}, by)
    except MoueError as e:
        st.error(_ui.escaped(recorded.sentence(e.message)))
        return
    st.rerun()


def check_name(name: str, who: str) -> None:
    """Nobody imports labels as another person's. Raises UsageError."""
    store = workspace.get_store()
    people, before = store.read(lambda db: (list_annotators(db), names_of_data_sets(db)))
    taken = find_name(name, people)
    if taken is not None and taken != who and find_name(taken, before) is None:
        raise UsageError(message("import_other_person", name=taken))
