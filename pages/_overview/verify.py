"""Overview's check of the whole workspace: `python -m pipeline verify`, from the page."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import streamlit as st

from db.store.store import Store
from pages import _ui
from pages._server import permission
from pages._server.command import command_line, environment
from pages._ui import choices
from pages._words import count, recorded, t
from pipeline.core.errors import NotAllowedError, StorageError, last_message
from pipeline.core.messages import Message, message, message_of

_SHOWN: Final = 50
_SECONDS: Final = 3600


def section(store: Store) -> None:
    """A drawer with the button and what the last check of this session found."""
    with choices.drawer(t("Check the workspace"), ":material/fact_check:", "check-drawer") as box:
        if not choices.was_opened(box, "check-drawer"):
            return
        st.caption(t("Reads every decision, crop and original again and compares it with what was recorded."))
        if _ui.button(t("Check everything"), "verify", key="check"):
            with st.spinner(t("Reading every file …")):
                try:
                    permission.require("verify")
                    st.session_state["findings"] = verify(store.root)
                except (StorageError, NotAllowedError) as e:
                    st.error(_ui.escaped(recorded.sentence(e.message)))
                    return
        found = st.session_state.get("findings")
        if found is None:
            return
        images, findings, notes = found
        if notes:
            st.info(t("An interrupted run left {files}: the next one takes up or removes what it left.",
                      files=count(len(notes), "file")))  # fmt: skip
            _list(notes)
        if not findings:
            st.success(t("{photos} checked, nothing is wrong.", photos=count(images, "photo")))
            return
        values = {"findings": count(len(findings), "finding"), "photos": count(images, "photo")}
        st.error(t("{findings} in {photos}.", **values))
        _list(findings)


def _list(told: Sequence[Message]) -> None:
    lines = [recorded.translate(one) for one in told[:_SHOWN]]
    st.text("\n".join(lines + (["…"] if len(told) > _SHOWN else [])))


def verify(root: Path) -> tuple[int, list[Message], list[Message]]:
    """Number of images, findings and notes. A process of its own, so that hashing does not hold up the other pages.

    Raises StorageError where the check itself fails.
    """
    command = command_line("verify", "--workspace", str(root), "--json")
    try:
        done = subprocess.run(
            command,
            env=environment(),
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
        figures = json.loads(done.stdout)
    except (OSError, subprocess.TimeoutExpired) as e:
        raise StorageError(message("verify_not_run", why=e)) from e
    except json.JSONDecodeError as e:
        why = last_message(done.stderr)
        raise StorageError(message("verify_failed", why=why) if why else message("verify_failed_silently")) from e
    findings, notes = (
        [
            message_of(text, one["code"], one["params"])
            for text, one in zip(figures[f"{kind}s"], figures[f"{kind}_messages"], strict=True)
        ]
        for kind in ("finding", "note")
    )
    return int(figures["images"]), findings, notes
