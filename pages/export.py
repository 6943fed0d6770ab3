"""Export: what leaves?"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pandas as pd
import streamlit as st

from db import classes, queries
from pages import _release, _tables, _ui, _workspace
from pipeline.errors import MoueError
from pipeline.export import ExportPlan, Shape, is_export, plan

SHAPES: Final = {"folder": "Folder on this server", "zip": "Zip to download"}
DEFAULT_NAME: Final = "train_val_data"
_MADE: Final = "export_made"
FEW: Final = 20
SIZES: Final = (0, 64, 96, 112, 128, 160, 224, 256)


def _settings() -> tuple[float, int, Shape]:
    with st.expander("Options", icon=":material/tune:"):
        val = st.slider("Share of the photos for val", 5, 50, 20, 5, format="%d %%", key="val", width=320)
        seed = st.number_input("Seed of the split", 0, 2**31 - 1, 0, key="seed", width=160)
        st.caption("The same decisions, share and seed give the same files, byte for byte.")
        size = st.selectbox("Size of the crops", SIZES, format_func=_size_words, key="size", width=320)
        least = st.number_input("Leave out crops below, in pixels", 0, 4096, 0, key="min_side", width=240)
    return val / 100, int(seed), Shape(size or None, int(least))


def _size_words(size: int) -> str:
    return f"{size} x {size} pixels" if size else "As they are, unresized"


def _preview(chosen: ExportPlan) -> None:
    train, val = chosen.counts["train"], chosen.counts["val"]
    rows = [(name, train[name], val[name], train[name] + val[name]) for name in chosen.class_names]
    in_train, in_val = sum(train.values()), sum(val.values())
    rows.append(("All", in_train, in_val, in_train + in_val))
    number = st.column_config.NumberColumn(format="localized", width=100)
    config = {"Class": st.column_config.TextColumn(width=160), "train": number, "val": number, "Both": number}
    table = pd.DataFrame(rows, columns=list(config))
    st.dataframe(table, hide_index=True, column_config=config, key="preview", width=480)


def warnings(chosen: ExportPlan, counts: queries.Counts) -> list[str]:
    """What may be exported and is worth a thought, in plain words."""
    found = []
    if counts.undecided:
        found.append(f"{_ui.count(counts.undecided, 'face')} still wait for a decision and stay out.")
    if counts.unsure:
        found.append(f"{_ui.count(counts.unsure, 'face')} marked unsure stay out.")
    if chosen.left_out:
        found.append(f"{_ui.count(chosen.left_out, 'accepted face')} are below the least side and stay out.")
    by_class = {name: sum(chosen.counts[split][name] for split in chosen.counts) for name in chosen.class_names}
    present = {name: number for name, number in by_class.items() if number}
    few = [f"{name} ({number})" for name, number in present.items() if number < FEW]
    if few:
        found.append(f"Fewer than {FEW} faces: {', '.join(few)}. A network learns little from so few.")
    if present and max(present.values()) >= 5 * min(present.values()):
        most, least = max(present, key=present.__getitem__), min(present, key=present.__getitem__)
        found.append(f"Unbalanced: {present[most]:,} of {most}, {present[least]:,} of {least}.")
    return found


def _target(name: str) -> tuple[Path, bool]:
    """Where the folder goes, and whether an earlier export there may be replaced."""
    usual = _workspace.root() / "releases" / (name.strip() or DEFAULT_NAME)
    typed = st.text_input("Folder, where it shall not be the one shown", placeholder=str(usual), key="out")
    out = Path(typed.strip()).expanduser().absolute() if typed.strip() else usual
    overwrite = is_export(out) and st.checkbox("Replace the earlier export that is there", key="overwrite")
    return out, overwrite


def _write(chosen: ExportPlan, shape: str, name: str, out: Path, overwrite: bool, who: str) -> None:
    store = _workspace.get_store()
    try:
        with st.spinner(f"Writing {_ui.count(len(chosen.rows), 'crop')} …"):
            name = _release.check_name(name)
            if shape == "zip":
                st.session_state[_MADE] = _release.to_zip(store, chosen, name, who)
            else:
                st.session_state[_MADE] = _release.to_folder(store, chosen, name, out, who, overwrite=overwrite)
    except MoueError as e:
        st.session_state.pop(_MADE, None)
        st.error(
            _ui.plain(
                _ui.sentence(str(e).replace("give --overwrite to replace it", "tick the box above to replace it"))
            )
        )


def _made() -> None:
    made: _release.Made | None = st.session_state.get(_MADE)
    if made is None:
        return
    st.success(f"{_ui.count(made.files, 'crop')} in {_ui.plain(str(made.path))}", icon=":material/check:")
    if made.path.suffix == ".zip":
        st.link_button("Download the zip", f"{_ui.base()}api/release/{made.release_id}", icon=":material/download:")


def main() -> None:
    who = _ui.require_annotator()
    store = _workspace.get_store()
    counts = store.read(queries.counts)
    st.header("Export")
    st.set_page_config(page_title=f"Export · {counts.accepted:,} accepted · Moue")
    if not counts.accepted:
        st.info("No face is accepted yet, so there is nothing to export. Decide on some first.")
        _tables.releases(store)
        _ui.next_step("Review" if counts.faces else "Collect", "review.py" if counts.faces else "collect.py")
        return
    preview = st.container()
    val, seed, how = _settings()
    names = [spec.name for spec in store.read(classes.list_classes)]
    chosen = plan(store.read(queries.accepted_items), names, val, seed, how)
    with preview:
        _preview(chosen)
        for problem in chosen.problems:
            st.error(_ui.plain(_ui.sentence(problem)), icon=":material/block:")
        for warning in warnings(chosen, counts):
            st.caption(f":material/info: {_ui.plain(warning)}")
    name = st.text_input("Name", DEFAULT_NAME, key="name", width=320)
    shape = st.segmented_control(
        "As", SHAPES, format_func=SHAPES.__getitem__, default="folder", key="shape", required=True
    )
    out, overwrite = _target(name) if shape == "folder" else (Path(), False)
    label = f"Export {_ui.count(len(chosen.rows), 'crop')}"
    if st.button(label, type="primary", disabled=bool(chosen.problems), key="export"):
        _write(chosen, shape, name, out, overwrite, who)
    _made()
    _tables.releases(store)
    if counts.undecided:
        _ui.next_step("Review", "review.py", f"{_ui.count(counts.undecided, 'face')} to decide on")
    else:
        _ui.next_step("Overview", "overview.py")


main()
