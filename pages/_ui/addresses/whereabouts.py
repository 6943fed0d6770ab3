"""Where somebody is in a list that is shown page by page, as the address says it. The browser alone writes it there
(`_shared/whereabouts/address_place.js`): a step of the focus costs no run of the page."""

from __future__ import annotations

import hashlib
from typing import Final

import streamlit as st

from db.base import paging
from pages._server import workspace

FROM: Final = "from"
"""The cursor of the page's first row."""
AT: Final = "at"
"""The row in focus."""


def workspace_key() -> str:
    """The name under which a browser keeps what is of this workspace: two servers may share a host name."""
    return hashlib.sha256(str(workspace.root()).encode()).hexdigest()[:12]


def cursor(shown_before: str = "") -> dict[str, str]:
    """Where the page begins that somebody comes back to, as a list of `db.base.paging` takes it: the address says it,
    else what this session showed last."""
    return from_row(st.query_params.get(FROM, "") or shown_before)


def from_row(first: str) -> dict[str, str]:
    """A page that begins with the row of this cursor, as a list of `db.base.paging` takes it; {} for no cursor."""
    behind = paging.just_before(first)
    return {"after": behind} if behind else {}


def forget() -> None:
    """Another list is shown from now on: it begins at its beginning."""
    for name in (FROM, AT):
        st.query_params.pop(name, None)
