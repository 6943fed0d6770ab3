"""Export, Check a release: whether its files are as they were made, and what is not."""

from __future__ import annotations

from typing import Final

import streamlit as st

from db.tables.releases import ReleaseRow, list_releases
from pages import _ui
from pages._server import permission, workspace
from pages._server.exports import checks
from pages._server.exports.checks import Check, Found
from pages._words import count, recorded, t
from pipeline.core.errors import MoueError

EVERY_S: Final = 0.5
_SHOWN: Final = 50
_REFUSED: Final = "release_check_refused"


def show(_who: str) -> None:
    """Draw the section."""
    found = {one.id: one for one in workspace.get_store().read(list_releases)}
    st.caption(t("Reads every file of a release again, and compares it with what was noted when it was made."))
    if not found:
        st.info(t("There is no release to check yet: make one first."))
        return
    chosen = st.selectbox(t("Release"), list(found), format_func=lambda one: _name(found[one]), key="check_release")
    check = checks.newest(workspace.root())
    running = check is not None and not check.found.done()
    _ui.button(
        t("Check its files"), "verify", icon=":material/fact_check:", key="check-release", disabled=running,
        on_click=_begin, args=(found[chosen],),
    )  # fmt: skip
    if refused := st.session_state.pop(_REFUSED, ""):
        st.error(_ui.escaped(refused), icon=":material/block:")
    if check is None:
        return
    if running:
        _wait()
    else:
        _tell(check)


def _name(one: ReleaseRow) -> str:
    return f"{one.title} · {_ui.format_time(one.created_at)}"


def _begin(release: ReleaseRow) -> None:
    try:
        permission.require("verify")
        checks.begin(workspace.root(), release)
    except MoueError as e:
        st.session_state[_REFUSED] = recorded.sentence(e.message)


@st.fragment(run_every=EVERY_S)
def _wait() -> None:
    """Draw the page again once it is known."""
    check = checks.newest(workspace.root())
    if check is None or check.found.done():
        st.rerun()
        return
    st.caption(t("Reading the files of {release} …", release=_ui.escaped(check.title)))


def _tell(check: Check) -> None:
    try:
        found = check.found.result()
    except MoueError as e:
        st.error(
            f"**{_ui.escaped(check.title)}**: {_ui.escaped(recorded.sentence(e.message))}", icon=":material/block:"
        )
        return
    if found.title != check.title:
        st.warning(t("Where {release} was written lies {other} now: that was checked.",
                     release=_ui.escaped(check.title), other=_ui.escaped(found.title)))  # fmt: skip
    values = {"release": _ui.escaped(found.title), "files": count(found.files, "file")}
    if found.findings:
        st.error(t("{release}: {findings} in {files}.", findings=count(len(found.findings), "finding"), **values))
        _list(found)
    else:
        st.success(t("{release}: {files}, all as they were made.", **values), icon=":material/check:")
    if not found.own_sum:
        st.caption(t("Its release.json is an earlier one, without a sum of its own."))


def _list(found: Found) -> None:
    lines = [recorded.translate(one) for one in found.findings[:_SHOWN]]
    st.text("\n".join(lines + (["…"] if len(found.findings) > _SHOWN else [])))
