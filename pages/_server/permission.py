"""What the person who asks may do here, by their role: one door for routes, pages and fragments."""

from __future__ import annotations

from functools import partial

import streamlit as st

from db.store.store import Db
from db.tables import roles as roles_table
from db.tables.annotators import ensure_annotator
from pages._server import identity, workspace
from pipeline.core import roles
from pipeline.core.errors import NotAllowedError, SignInError
from pipeline.core.messages import Message, message
from pipeline.core.roles import Action, Role


def role_of(annotator: str) -> Role:
    """Read each time (0.01 ms): a role that was taken away holds from the next request on."""
    return workspace.get_store().read(lambda db: roles_table.role_of(db, annotator))


def refusal(annotator: str, action: Action) -> Message | None:
    """Why the person may not do it, None where they may."""
    return roles.refusal(role_of(annotator), action)


def require(action: Action) -> str:
    """The name of the person whose page this is. Called by whatever changes something, where it changes it.

    A button that is not offered can still be pressed, by a page from before or a made-up message. Raises SignInError
    and NotAllowedError.
    """
    name = identity.identify(st.context.cookies, st.context.headers)
    if name is None:
        raise SignInError(message("sign_in_first"))
    if (why := refusal(name, action)) is not None:
        raise NotAllowedError(why)
    return name


def settle_owner(annotator: str) -> None:
    """Let the workspace note at the first visit who owns it and who made it: a proxy or a provider signs people in, and
    nothing else writes then."""
    store = workspace.get_store()
    if store.read(partial(_is_settled, annotator=annotator)):
        return

    def note(db: Db) -> None:
        if not roles_table.has_owner(db):
            roles_table.settle_owner(db, ensure_annotator(db, annotator))
        if not _is_settled(db, annotator):
            roles_table.note_maker(db, ensure_annotator(db, annotator))

    store.write(note)


def _is_settled(db: Db, annotator: str) -> bool:
    if not roles_table.has_owner(db):
        return False
    return roles_table.has_maker(db) or roles_table.role_of(db, annotator) != "owner"
