"""What an export would hold, before it is written: counts by class and split, what moves, what is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

import streamlit as st

from db.reads.counts import Counts
from db.tables.classes import list_classes
from pages import _ui
from pages._export import options, planned
from pages._server import workspace
from pages._ui import consensus
from pages._ui.html_table import figures_table, scrolled
from pages._words import count, recorded, t
from pipeline.core.messages import Message
from pipeline.export.preview import Preview
from pipeline.export.split import DEFAULT_PLAN, SplitPlan


def show(chosen: Preview, counts: Counts) -> None:
    """The counts, what is wrong with them and what is worth a thought."""
    _counts(chosen)
    consensus.line(counts)
    _moves(chosen)
    ids = {spec.name: spec.id for spec in workspace.get_store().read(list_classes)} if chosen.problems else {}
    for problem in chosen.problems:
        st.error(_ui.escaped(recorded.sentence(problem)), icon=":material/block:")
        _remedies(problem, ids)
    for warning in options.warnings(chosen, counts):
        st.caption(f":material/info: {_ui.escaped(warning)}")


def show_unknown(counts: Counts, split_plan: SplitPlan | None) -> None:
    """The table without its figures, as high as it is with them."""
    splits = (split_plan or DEFAULT_PLAN).splits
    columns = [*splits, t("Both") if len(splits) == 2 else t("Together")]
    rows = [{t("Class"): name, **dict.fromkeys(columns, "…")} for name in [*counts.by_class, t("All")]]
    st.html(figures_table(rows, name=t("Crops by class and split")))
    consensus.line(counts)


def show_waiting(counts: Counts, split_plan: SplitPlan | None) -> None:
    """The same until it is planned."""
    show_unknown(counts, split_plan)
    st.caption(t("Planning the splits"))
    planned.wait()


def _remedies(problem: Message, ids: Mapping[str, int]) -> None:
    """Where a class that stops the export is helped: among its faces, or, where it has none, among those that may be
    of it; or on Classes, where it is put away. ids: the classes in use, by name."""
    class_id = ids.get(str(problem.params.get("name")))
    if class_id is None:
        return
    empty = problem.code == "export_class_empty"
    asked = {"state": "undecided", "suggested": class_id} if empty else {"state": f"class:{class_id}"}
    label = t("Look for some in Review") if empty else t("See its faces in Review")
    with st.container(horizontal=True):
        st.link_button(label, f"{_ui.base_path()}review?{urlencode(asked)}", icon=":material/grid_view:")
        st.link_button(t("Archive it on Classes"), f"{_ui.base_path()}classes", type="tertiary")


def _counts(chosen: Preview) -> None:
    by_class = [(name, {split: chosen.counts[split][name] for split in chosen.counts}) for name in chosen.class_names]
    by_class.append((t("All"), {split: sum(of_split.values()) for split, of_split in chosen.counts.items()}))
    together = t("Both") if len(chosen.counts) == 2 else t("Together")
    rows = [{t("Class"): name, **each, together: sum(each.values())} for name, each in by_class]
    st.html(figures_table(rows, name=t("Crops by class and split")))


def _moves(chosen: Preview) -> None:
    """Which photos leave the split where an earlier release has them, one by one; of new ones how many."""
    if chosen.moved_new:
        photos = count(chosen.moved_new, "new photo")
        told = t("{photos} put into another split than chance drew, so that each class has its share.", photos=photos)
        st.caption(told)
    if not chosen.moved_placed:
        return
    photos = count(chosen.moved_placed, "photo")
    with st.expander(t("Not where the release before has them: {photos}", photos=photos), icon=":material/move_down:"):
        rows = [
            {t("Photo"): one.photo, t("From split"): one.before, t("To split"): one.after,
             t("Why"): recorded.sentence(one.why)}
            for one in chosen.moved
        ]  # fmt: skip
        name = t("Photos in another split than before")
        st.html(scrolled(figures_table(rows, name=name), name))
        if chosen.moved_placed > len(chosen.moved):
            st.caption(t("The first {n} are shown.", n=f"{len(chosen.moved):,}"))
