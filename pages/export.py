"""Export: what leaves?"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pandas as pd
import streamlit as st

from db import classes, queries
from pages import _recorded, _release, _tables, _ui, _workspace
from pages._words import mark, t
from pipeline.errors import MoueError
from pipeline.export import ExportPlan, Shape, is_export, plan

SHAPES: Final = {"folder": mark("Folder on this server"), "zip": mark("Zip to download")}
DEFAULT_NAME: Final = "train_val_data"
_MADE: Final = "export_made"
FEW: Final = 20
SIZES: Final = (0, 64, 96, 112, 128, 160, 224, 256)


def _settings() -> tuple[float, int, Shape]:
    with st.expander(t("Options"), icon=":material/tune:"):
        val = st.slider(t("Share of the photos for val"), 5, 50, 20, 5, format="%d %%", key="val", width=320)
        seed = st.number_input(t("Seed of the split"), 0, 2**31 - 1, 0, key="seed", width=160)
        st.caption(t("The same decisions, share and seed give the same files, byte for byte."))
        size = st.selectbox(t("Size of the crops"), SIZES, format_func=_size_words, key="size", width=320)
        least = st.number_input(t("Leave out crops below, in pixels"), 0, 4096, 0, key="min_side", width=240)
    return val / 100, int(seed), Shape(size or None, int(least))


def _size_words(size: int) -> str:
    return t("{n} x {n} pixels", n=size) if size else t("As they are, unresized")


def _preview(chosen: ExportPlan) -> None:
    train, val = chosen.counts["train"], chosen.counts["val"]
    rows = [(name, train[name], val[name], train[name] + val[name]) for name in chosen.class_names]
    in_train, in_val = sum(train.values()), sum(val.values())
    rows.append((t("All"), in_train, in_val, in_train + in_val))
    number = st.column_config.NumberColumn(format="localized", width=100)
    config = {t("Class"): st.column_config.TextColumn(width=160), "train": number, "val": number, t("Both"): number}
    table = pd.DataFrame(rows, columns=list(config))
    st.dataframe(table, hide_index=True, column_config=config, key="preview", width=480)


def warnings(chosen: ExportPlan, counts: queries.Counts) -> list[str]:
    """What may be exported and is worth a thought, in plain words."""
    found = []
    if counts.undecided:
        found.append(t("{faces} still wait for a decision and stay out.", faces=_ui.count(counts.undecided, "face")))
    if counts.unsure:
        found.append(t("{faces} marked unsure stay out.", faces=_ui.count(counts.unsure, "face")))
    if chosen.left_out:
        left = _ui.count(chosen.left_out, "accepted face")
        found.append(t("{faces} are below the least side and stay out.", faces=left))
    by_class = {name: sum(chosen.counts[split][name] for split in chosen.counts) for name in chosen.class_names}
    present = {name: number for name, number in by_class.items() if number}
    few = [f"{name} ({number})" for name, number in present.items() if number < FEW]
    if few:
        names = ", ".join(few)
        found.append(t("Fewer than {n} faces: {names}. A network learns little from so few.", n=FEW, names=names))
    if present and max(present.values()) >= 5 * min(present.values()):
        most, least = max(present, key=present.__getitem__), min(present, key=present.__getitem__)
        told = {"most": most, "n": f"{present[most]:,}", "least": least, "m": f"{present[least]:,}"}
        found.append(t("Unbalanced: {n} of {most}, {m} of {least}.", **told))
    return found


def _target(name: str) -> tuple[Path, bool]:
    """Where the folder goes, and whether an earlier export there may be replaced."""
    usual = _workspace.root() / "releases" / (name.strip() or DEFAULT_NAME)
    typed = st.text_input(t("Folder, where it shall not be the one shown"), placeholder=str(usual), key="out")
    out = Path(typed.strip()).expanduser().absolute() if typed.strip() else usual
    overwrite = is_export(out) and st.checkbox(t("Replace the earlier export that is there"), key="overwrite")
    return out, overwrite


def _write(chosen: ExportPlan, shape: str, name: str, out: Path, overwrite: bool, who: str) -> None:
    store = _workspace.get_store()
    try:
        with st.spinner(t("Writing {crops} …", crops=_ui.count(len(chosen.rows), "crop"))):
            name = _release.check_name(name)
            if shape == "zip":
                st.session_state[_MADE] = _release.to_zip(store, chosen, name, who)
            else:
                st.session_state[_MADE] = _release.to_folder(store, chosen, name, out, who, overwrite=overwrite)
    except MoueError as e:
        st.session_state.pop(_MADE, None)
        told = str(e).replace("give --overwrite to replace it", t("tick the box above to replace it"))
        st.error(_ui.plain(_ui.sentence(told)))


def _made() -> None:
    made: _release.Made | None = st.session_state.get(_MADE)
    if made is None:
        return
    told = t("{crops} in {place}", crops=_ui.count(made.files, "crop"), place=_ui.plain(str(made.path)))
    st.success(told, icon=":material/check:")
    if made.path.suffix == ".zip":
        st.link_button(t("Download the zip"), f"{_ui.base()}api/release/{made.release_id}", icon=":material/download:")


def main() -> None:
    who = _ui.require_annotator()
    store = _workspace.get_store()
    counts = store.read(queries.counts)
    st.header(t("Export"))
    _ui.page_title(t("Export"), t("{n} accepted", n=f"{counts.accepted:,}"))
    if not counts.accepted:
        st.info(t("No face is accepted yet, so there is nothing to export. Decide on some first."))
        _tables.releases(store)
        if counts.faces:
            _ui.next_step(t("Review"), "review.py")
        else:
            _ui.next_step(t("Collect"), "collect.py")
        return
    preview = st.container()
    val, seed, how = _settings()
    names = [spec.name for spec in store.read(classes.list_classes)]
    chosen = plan(store.read(queries.accepted_items), names, val, seed, how)
    with preview:
        _preview(chosen)
        for problem in chosen.problems:
            st.error(_ui.plain(_ui.sentence(_recorded.told(problem))), icon=":material/block:")
        for warning in warnings(chosen, counts):
            st.caption(f":material/info: {_ui.plain(warning)}")
    name = st.text_input(t("Name"), DEFAULT_NAME, key="name", width=320)
    shape = st.segmented_control(
        t("As"), SHAPES, format_func=lambda one: t(SHAPES[one]), default="folder", key="shape", required=True
    )
    out, overwrite = _target(name) if shape == "folder" else (Path(), False)
    label = t("Export {crops}", crops=_ui.count(len(chosen.rows), "crop"))
    if st.button(label, type="primary", disabled=bool(chosen.problems), key="export"):
        _write(chosen, shape, name, out, overwrite, who)
    _made()
    _tables.releases(store)
    if counts.undecided:
        _ui.next_step(t("Review"), "review.py", _ui.to_decide_on(counts.undecided))
    else:
        _ui.next_step(t("Overview"), "overview.py")


main()
