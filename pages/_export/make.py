"""Export, Make: what leaves, and how; what was written, and how it is loaded."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import streamlit as st

from db.reads.counts import Counts, workspace_counts
from db.store.store import Store
from pages import _ui
from pages._export import options, planned, preview, selection, writing
from pages._server import permission, workspace
from pages._server.exports import runs
from pages._ui import black_bars, tables
from pages._words import count, mark, recorded, t
from pipeline.actions.release.accepted import check_name
from pipeline.core.errors import MoueError, UsageError
from pipeline.core.names import clean_name
from pipeline.export.options import ExportOptions
from pipeline.export.preview import Preview
from pipeline.export.split import SplitPlan
from pipeline.export.target import holds_export
from pipeline.files.typed_path import shown_path

SHAPES: Final = {"folder": mark("Folder on this server"), "zip": mark("Zip to download")}
DEFAULT_NAME: Final = "train_val_data"


def _target(name: str) -> tuple[Path | None, bool]:
    """Where the folder goes, None where none may go there; whether an earlier export there may be replaced."""
    usual = workspace.root() / "releases" / (name.strip() or DEFAULT_NAME)
    typed = st.text_input(t("Another folder than the one shown (optional)"), placeholder=str(usual), key="out")
    try:
        out = shown_path(typed) if typed.strip() else workspace.root() / "releases" / check_name(name)
        if (why := runs.refusal(workspace.root(), out)) is not None:
            raise UsageError(why)
        if typed.strip() and str(out) != typed.strip():
            st.caption(t("It goes to {path}", path=_ui.escaped(str(out))))
        there = _holds_export(out)
    except MoueError as e:
        st.error(_ui.escaped(recorded.sentence(e.message)))
        return None, False
    overwrite = there and st.checkbox(t("Replace the earlier export that is there"), key="overwrite")
    return out, overwrite


def _holds_export(out: Path) -> bool:
    """Raises ExportError where other files are there. What cannot be looked at is refused when it is written to."""
    try:
        return holds_export(out)
    except OSError:
        return False


def _begin(chosen: _Chosen, name: str, out: Path | None, *, overwrite: bool) -> None:
    try:
        who = permission.require("export")
        store = workspace.get_store()
        runs.start(store, who, name, chosen.split_plan, chosen.options, out=out, overwrite=overwrite)
    except MoueError as e:
        st.error(_ui.escaped(recorded.sentence(e.message)))
        return
    st.rerun()


@dataclass(frozen=True, slots=True)
class _Chosen:
    """What is asked for, and what would be written: None while that is being planned."""

    split_plan: SplitPlan
    options: ExportOptions
    preview: Preview | None


def _chosen(store: Store, counts: Counts) -> _Chosen | None:
    """Asks for the options; None while it is not known what they offer. Raises MoueError."""
    line = clean_name(st.session_state.get("name", DEFAULT_NAME))
    rejects = bool(st.session_state.get(selection.REJECTS, "").strip())
    with st.spinner(t("Comparing photos that were not compared yet")):
        plans = planned.planned(store, counts, line, with_rejected=rejects)
        offered = plans.offered()
    if offered is None:
        options.show_waiting()
        return None
    split_plan, how = options.settings(offered)
    return _Chosen(split_plan, how, plans.preview(split_plan, how))


def _run(
    store: Store, chosen: _Chosen | None, name: str, out: Path | None, *, overwrite: bool, refused: bool, who: str
) -> None:
    """The button, or the export that runs in its place; and how one's own last one ended."""
    run = runs.newest(store)
    if writing.running(run):
        return
    found = None if chosen is None else chosen.preview
    label = t("Export") if found is None else t("Export {crops}", crops=count(found.crops, "crop"))
    held = found is None or bool(found.problems) or refused
    if st.button(label, type="primary", disabled=held, key="export") and chosen is not None:
        _begin(chosen, name, out, overwrite=overwrite)
    if run is not None and run.annotator == who:
        writing.ended(run)


def show(who: str) -> None:
    """Draw the section."""
    store = workspace.get_store()
    counts = store.read(workspace_counts)
    _ui.page_title(t("Export"), t("{n} accepted", n=f"{counts.accepted:,}"))
    if not counts.accepted:
        st.info(t("No face is accepted yet, so there is nothing to export. Decide on some first."))
        tables.releases(store)
        if counts.faces:
            _ui.next_step(t("Review"), "review.py")
        else:
            _ui.next_step(t("Collect"), "collect.py")
        return
    if locked := _ui.why_not("export"):
        st.info(_ui.escaped(locked), icon=":material/lock:")
        tables.releases(store)
        return
    black_bars.line(store, "export-bars")
    shown, refused = st.container(), False
    try:
        chosen = _chosen(store, counts)
    except MoueError as e:  # what is below and above stays where it is: the reason stands beside what was asked for
        st.error(_ui.escaped(recorded.sentence(e.message)), icon=":material/block:")
        chosen, refused = None, True
    with shown:
        if refused:
            preview.show_unknown(counts, None)
        elif chosen is None or chosen.preview is None:
            preview.show_waiting(counts, None if chosen is None else chosen.split_plan)
        else:
            preview.show(chosen.preview, counts)
    name = st.text_input(t("Name"), DEFAULT_NAME, key="name", width=320)
    shape = st.segmented_control(
        t("As"), SHAPES, format_func=lambda one: t(SHAPES[one]), default="folder", key="shape", required=True
    )
    folder, overwrite = _target(name) if shape == "folder" else (None, False)
    refused = refused or (shape == "folder" and folder is None)
    _run(store, chosen, name, folder, overwrite=overwrite, refused=refused, who=who)
    tables.releases(store)
    if not _ui.to_review():
        _ui.next_step(t("Overview"), "overview.py")
