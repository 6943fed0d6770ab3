"""Small helpers that the pages share: words, numbers, who is asking, the header, errors."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from db.team.blind import undecided_for
from pages._components import account
from pages._components.account import PageLink, language_corner, sign_in_form
from pages._server import auth_mode, gate, identity, permission, spaces, workspace
from pages._words import as_sentence, count, glossary, mark, per_cent, recorded, t
from pages._words.purpose import PURPOSES
from pipeline.core.errors import MoueError, refused_place
from pipeline.core.messages import Message
from pipeline.core.roles import Action

_NO_NAME: Final = {
    "": mark("The proxy before Moue passed no name. Ask whoever runs it to check `MOUE_AUTH_HEADER`."),
    "peer": mark("Names are taken from trusted proxies alone, and this request came from none. Ask whoever runs Moue "
                 "to list the proxy in `MOUE_TRUSTED_PROXIES`."),
    "secret": mark("The proxy before Moue did not prove itself. Ask whoever runs it to send `MOUE_PROXY_SECRET`."),
    "several": mark("The proxy before Moue passed more than one name. Ask whoever runs it to replace the header that "
                    "browsers send."),
}  # fmt: skip
"""What is shown where no name was taken, by the gate's reason."""
_ASKED: Final = "page_asked"
_MARKDOWN: Final = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~$:^])")


def require_annotator() -> str:
    """The signed-in annotator's name; shows the sign-in form and stops the page where there is none."""
    name = identity.identify(st.context.cookies, st.context.headers)
    if name is not None:
        permission.settle_owner(name)
        return name
    mode = auth_mode.mode()
    if mode != "local":
        language_corner(asked=mode == "oidc" and not getattr(st.user, "is_logged_in", False))
    if mode == "oidc":
        _sign_in_with_provider()
    elif mode == "header":
        _say_why_nobody()
    else:
        sign_in_form(base_path())
    st.stop()


def require_known() -> None:
    """Before anything of the server is shown that is of no workspace: stops the page for somebody whom the proxy, or
    the provider, does not know. In local mode anybody is known."""
    language_corner()
    mode = auth_mode.mode()
    if mode == "header" and not gate.admitted_name(st.context.headers):
        _say_why_nobody()
        st.stop()
    if mode == "oidc" and not _is_logged_in():
        st.stop()


def _welcome() -> DeltaGenerator:
    """What Moue is, for somebody who is not known yet, in the place of the sign-in form; how to go on goes below it."""
    place = st.container(key="stranger")
    place.header("Moue", anchor=False)
    place.markdown(t(account.WHAT))
    return place


def _say_why_nobody() -> None:
    _welcome().error(t(_NO_NAME[gate.refused_because(st.context.headers)]))


def _is_logged_in() -> bool:
    """Whether the provider knows this person; shows the button that leads there if not."""
    if getattr(st.user, "is_logged_in", False):
        return True
    _welcome().button(t("Sign in"), on_click=st.login, type="primary")
    return False


def _sign_in_with_provider() -> None:
    if not _is_logged_in():
        return
    issuer, subject = str(st.user.get("iss") or ""), str(st.user.get("sub") or "")
    if not issuer or not subject:
        st.error(t("The provider does not say who you are: it sends no issuer or no subject."))
        return
    name = str(st.user.get("name") or st.user.get("email") or "")
    sign_in_form(base_path(), ticket=identity.ticket(identity.ProviderIdentity(issuer, subject, name)))


def why_not(action: Action) -> str:
    """Why the reader's role does not allow this, as a sentence; "" where it does."""
    name = identity.identify(st.context.cookies, st.context.headers)
    why = None if name is None else permission.refusal(name, action)
    return "" if why is None else recorded.sentence(why)


def button(
    label: str, action: Action, *, disabled: bool = False, help: str | None = None, why: str | None = None, **more: Any
) -> bool:
    """`st.button`, which tells why where the reader's role does not allow what it does.

    Whoever acts on it calls `permission.require`: to be disabled is only a look. why: what `why_not` said, where a page
    has asked already.
    """
    why = why_not(action) if why is None else why
    return st.button(label, disabled=disabled or bool(why), help=why or help, **more)


def percentage(part: int, whole: int) -> str:
    """A percentage that is 100 % only when it is all, and 0 % only when it is none."""
    if not whole:
        return per_cent("0")
    exact = 100 * part / whole
    return per_cent(f"{min(99, max(1, round(exact))) if 0 < part < whole else round(exact)}")


def format_time(iso: str | None) -> str:
    """A stored UTC time as the reader's own clock shows it."""
    if not iso:
        return ""
    moment = datetime.fromisoformat(iso.replace("Z", "+00:00"))
    with suppress(ZoneInfoNotFoundError, ValueError):  # a browser may name a zone that this machine does not know
        moment = moment.astimezone(ZoneInfo(st.context.timezone or "UTC"))
    return f"{moment:%Y-%m-%d %H:%M}"


def format_duration(seconds: float) -> str:
    """`40 s`, `3 min`, `1 h 20 min`."""
    whole = max(0, round(seconds))
    if whole < 60:
        return t("{n} s", n=whole)
    minutes = round(whole / 60)
    if minutes < 60:
        return t("{n} min", n=minutes)
    return t("{hours} h {minutes} min", hours=minutes // 60, minutes=f"{minutes % 60:02d}")


def page_title(*parts: str) -> None:
    """The tab's title: page and count; of several workspaces, which one."""
    st.set_page_config(page_title=" · ".join((*parts, *filter(None, [workspace.current()]), "Moue")))


def page_head(page: str, *, anchor: Literal[False] | None = None) -> None:
    """The title of the page at this address, its words explained behind a `?`, and the line that says what it is for.

    anchor: False for a title that no link leads to.
    """
    about = PURPOSES[page]
    st.header(t(about.title), anchor=anchor, help=words_of(page))
    st.caption(t(about.line))


def words_of(page: str, *, purpose: bool = False) -> str | None:
    """The words of a page and what they mean, for a `help=`; None where none needs it. purpose: also the line that says
    what the page is for, where it has no room of its own."""
    terms = [glossary.BY_SLUG[slug] for slug in PURPOSES[page].terms]
    told = [f"**{t(term.name)}** · {as_sentence(t(term.meaning))}" for term in terms]
    told = [t(PURPOSES[page].line), *told] if purpose else told
    return "\n\n".join([*told, f"[{t('All words')}]({base_path()}words)"]) if told else None


def undecided() -> int:
    """How many faces are left to the reader: with those that others alone have answered, where opinions are
    independent. Review lists as many."""
    who = require_annotator()
    return workspace.get_store().read(lambda db: undecided_for(db, who))


def to_review() -> bool:
    """The button at a page's end that leads to what is left to the reader; False: nothing is."""
    if left := undecided():
        next_step(t("Review"), "review.py", to_decide_on(left))
    return left > 0


def to_decide_on(undecided: int) -> str:
    """The number of undecided faces in words, shown beside the button that opens Review."""
    return t("{faces} to decide on", faces=count(undecided, "face"))


def join_words(words: Iterable[str]) -> str:
    """`cut to another shape, smaller`, with the language's own comma."""
    return t(", ").join(words)


def next_step(label: str, page: str, why: str = "", **parameters: str) -> None:
    """The button that ends each page. parameters: of the address to which it leads."""
    st.space("small")
    with st.container(horizontal=True, vertical_alignment="center", key="next-step"):
        if st.button(label, type="primary", icon=":material/arrow_forward:", icon_position="right", key="next"):
            st.switch_page(page, query_params=parameters)
        if why:
            st.caption(why)


def header(name: str, pages: Sequence[PageLink]) -> None:
    """The bar on top: the pages, and at the right name and workspace."""
    mode = auth_mode.mode()
    account.header(
        name,
        workspace.root(),
        base_path(),
        pages,
        on_page=_note_page,
        several=workspace.several() is not None,
        can_leave=mode != "header",
        after=f"{base_path()}auth/logout" if mode == "oidc" else "",
    )


def _note_page() -> None:
    st.session_state[_ASKED] = st.session_state[account.HEADER].page


def asked_page() -> str | None:
    """The path of the page that was just chosen in the header; None where none was. Told once."""
    path: str | None = st.session_state.pop(_ASKED, None)
    return path


def prepare() -> None:
    """Have the browser load what draws HTML before there is any: it would show a grey bar of another height first."""
    st.html("<style>:root {}</style>")


def report_error(error: Exception) -> bool:
    """Show an error of ours as the sentence that it is, beside what the page showed so far; also of a place that is
    closed to Moue, or whose disk fails."""
    if isinstance(error, OSError) and (said := refused_place(error)) is not None:
        error = said
    if isinstance(error, MoueError):
        st.error(escaped(recorded.sentence(error.message)), icon=":material/error:")
        return True
    return False


def show_out_of_place(problem: Message, *, named: bool) -> None:
    """All that is shown while the workspace is not at its place; the page loads itself anew when it is back.

    named: the reader has signed in, and may know where it lies.
    """
    told = problem if named else problem.map_scalars(lambda value: Path(str(value)).name)
    st.error(escaped(recorded.sentence(told)), icon=":material/error:")
    st.html('<span class="moue-out-of-place"></span>')


def escaped(text: str) -> str:
    """Somebody's text as text: no Markdown, no HTML, no Streamlit directive in it is obeyed."""
    return _MARKDOWN.sub(r"\\\1", text)


def base_path() -> str:
    """The path below which this workspace lives, with a slash at both ends."""
    return spaces.base_path()
