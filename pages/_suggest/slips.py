"""Suggestions, Possible slips: the labels that are probably wrong, one after another, to be kept or changed."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

import streamlit as st

from db.projection.consensus import ADJUDICATION
from db.store.store import Db
from db.suggest import slips
from db.suggest.slips import QueuedSlip
from db.tables import roles
from db.tables.classes import list_classes
from db.tables.consensus_rules import DEFAULT, current_rule
from pages import _ui
from pages._components.possible_slips import possible_slips
from pages._server import workspace
from pages._words import t

SIZE: Final = 24
MOST_CLASSES: Final = 6
"""Classes whose crops are shown beside a slip: the two in question, then in their order."""
KEY: Final = "suggest_slips"
_PAGE: Final = "suggest_slips_page"
_MORE: Final = "suggest_slips_more"


def show(who: str) -> None:
    """Draw the section."""
    store = workspace.get_store()
    rule, settles = store.read(lambda db: (current_rule(db), roles.may(db, who, "adjudicate")))
    _ui.page_title(t("Suggestions"), t("Possible slips"))
    st.caption(
        t("Labels that Moue doubts: the look of the mouth, another person or a near copy of the photo says otherwise. "
          "Keep or change each; nothing changes by itself, and what you keep is not asked again unless its label "
          "changes.")
    )  # fmt: skip
    if rule.name != DEFAULT.name and not settles:
        st.info(t("What counts here is not the newest answer, so a reviewer goes through these."))
        return
    data = _batch(who, "" if rule.name == DEFAULT.name else ADJUDICATION)
    if data["items"]:
        possible_slips(data, key=KEY, on_more=_more)
        return
    st.success(t("No label is doubted now. They are looked at anew with each training."))
    _ui.next_step(t("Review"), "review.py")


def _more() -> None:
    st.session_state[_MORE] = st.session_state[KEY].more


def _batch(who: str, kind: str) -> dict[str, Any]:
    """The batch that is worked on: the same bytes until all of it is answered, or the person comes back."""
    kept = st.session_state.get(_PAGE)
    after = st.session_state.pop(_MORE, None)
    still_there = KEY in st.session_state  # gone from the session once another section was shown
    if kept is not None and kept["who"] == (who, kind) and after is None and still_there and kept["data"]["items"]:
        return dict(kept["data"])
    data = workspace.get_store().read(lambda db: _load(db, who, -1 if after is None else int(after)))
    # what waits in the browser must not reach another workspace on the same port
    key = hashlib.sha256(str(workspace.root()).encode()).hexdigest()[:12]
    data |= {"annotator": who, "kind": kind, "base": _ui.base_path(), "workspace": key, "page_key": uuid.uuid4().hex}
    st.session_state[_PAGE] = {"who": (who, kind), "data": data}
    return data


def _load(db: Db, who: str, after: int) -> dict[str, Any]:
    found = slips.batch(db, who, SIZE, after)
    active = [one.id for one in list_classes(db)]
    known = list_classes(db, archived=True)
    return {
        "left": found.left,
        "classes": [{**asdict(one), "archived": one.id not in active} for one in known],
        "items": [_item(one, active) for one in found.items],
    }


def _item(one: QueuedSlip, active: list[int]) -> dict[str, Any]:
    told: Mapping[str, Any] = asdict(one)
    shown = dict.fromkeys([one.class_id, one.suggested, *active])
    kinds = [
        {"class_id": number, "examples": [asdict(example) for example in one.examples.get(number, ())]}
        for number in list(shown)[:MOST_CLASSES]
    ]
    return {
        **{name: told[name] for name in ("place", "decision", "class_id", "suggested", "others", "box", "size")},
        "id": one.face_id, "sha": one.sha256, "v": one.crop_version, "kinds": kinds,
        "probability": round(one.probability, 4), "suggested_probability": round(one.suggested_probability, 4),
    }  # fmt: skip
