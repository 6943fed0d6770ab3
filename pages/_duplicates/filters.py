"""The row above the groups: which ones, how many at once; and what to say where there are none."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, Literal, cast

import streamlit as st

from db.duplicates import groups, left_off, near_pairs, not_duplicates
from db.reads.counts import Counts
from db.store.store import Db
from pages._ui import choices
from pages._words import count, mark, sentences, t
from pipeline.pixels.near_matches import MOST_PAIRS

State = Literal["open", "resolved", "conflicts", "all", "apart"]

SIZES: Final = (25, 10, 50, 100)
STATES: Final[Mapping[State, str]] = {
    "open": mark("Open"),
    "resolved": mark("Resolved"),
    "conflicts": mark("Label conflicts"),
    "all": mark("All"),
    "apart": mark("Not the same"),
}
FIRST: Final = "duplicates_state"
"""The key of the first widget: gone from the session once another page was shown."""
_SIZE: Final = "duplicates_size"
_CHOSEN: Final = "duplicates_chosen"


def look_up(db: Db) -> dict[State, int]:
    """How many groups each choice shows; for `apart` the pairs that are not the same."""
    found = groups.count_groups(db)
    return {
        "open": found["open"],
        "resolved": found["resolved"],
        "conflicts": found["conflicts"],
        "all": found["all"],
        "apart": not_duplicates.count_not_duplicates(db),
    }


def choose(bar: st.delta_generator.DeltaGenerator, numbers: Mapping[State, int]) -> tuple[State, int]:
    """Draw the filter and the page size into `bar`; both are kept in the URL, and in the session for the next visit."""
    sizes = [str(size) for size in SIZES]
    _enter(FIRST, "show", list(STATES))
    _enter(_SIZE, "size", sizes)
    # what is chosen stays on offer, though the last one may just have gone
    states = [state for state in STATES if state != "apart" or numbers["apart"] or st.session_state[FIRST] == "apart"]
    with bar:
        state = st.pills(
            t("Show"),
            states,
            required=True,
            format_func=lambda one: f"{t(STATES[one])} {numbers[one]:,}",
            key=choices.keep(FIRST),
            label_visibility="collapsed",
        )
        st.space("stretch")
        size = st.selectbox(
            t("Groups a page"),
            sizes,
            format_func=lambda one: t("{n} a page", n=one),
            key=_SIZE,
            label_visibility="collapsed",
            width=160,
        )
    _keep("show", state or "open", "open")
    _keep("size", size, sizes[0])
    return state or "open", int(size)


def note_exact_copies(counts: Counts) -> None:
    """Say that exact copies are no question."""
    files = counts.by_outcome.get("already_present", 0)
    if files:
        message = count(files, "file")
        st.caption(t("{files} had the very bytes of another one: exact copies are one image already.", files=message))


def tell_pending(db: Db) -> tuple[int, int]:
    """Photos that are not compared with all others yet, and those of which not every near copy is noted."""
    return near_pairs.uncompared(db), left_off.incomplete(db)


def note_pending(waiting: int, incomplete: int) -> None:
    """Say what these groups do not know."""
    if waiting:
        told = t(
            "{photos} not compared with the others yet: their copies are missing here.", photos=count(waiting, "photo")
        )
        st.info(sentences(told, t("The next run does it, and so does an export or `python -m pipeline duplicates`.")))
    if incomplete:
        told = t(
            "{photos} with more near copies than are noted of one photo (the {n} nearest): such photos, as the frames"
            " of a still film, may lie in several groups. An export keeps them together.",
            photos=count(incomplete, "photo"), n=MOST_PAIRS,
        )  # fmt: skip
        st.caption(told)


def none_found(counts: Counts, waiting: int) -> None:
    """No near copies at all. waiting: so many photos are not compared yet, which is told above."""
    if not waiting:
        found = t("No near copies among {photos}.", photos=count(counts.images, "photo"))
        st.info(sentences(found, t("New photos are compared with all the others when they are collected.")))


def nothing_passes(state: State, numbers: Mapping[State, int]) -> None:
    """No group passes the filter: what to look at instead."""
    if state == "open":
        st.success(t("Every group is resolved: {groups}.", groups=count(numbers["resolved"], "group")))
    elif state == "conflicts":
        st.success(t("No copies carry different labels."))
    else:
        st.info(t("No group is like that any more."))
    if state != "open" and numbers["open"]:
        st.button(_show(count(numbers["open"], "open group")), on_click=_back_to("open"))
    elif state == "open" and numbers["conflicts"]:
        st.button(_show(count(numbers["conflicts"], "label conflict")), on_click=_back_to("conflicts"))


def _show(groups: str) -> str:
    return t("Show the {groups}", groups=groups)


def _back_to(state: State) -> Callable[[], None]:
    def back() -> None:
        st.session_state[FIRST] = state

    return back


def _enter(key: str, name: str, options: Sequence[str]) -> None:
    """The choice in the URL, or that of the last visit, when the page is entered; later what the person chose."""
    if key not in st.session_state:
        kept = st.session_state.setdefault(_CHOSEN, {})
        wanted = st.query_params.get(name, kept.get(name, ""))
        st.session_state[key] = wanted if wanted in options else options[0]
    else:
        # written again, so that its label is shown anew: the count in it may have changed
        st.session_state[key] = cast(str, st.session_state[key])


def _keep(name: str, value: str, default: str) -> None:
    st.session_state[_CHOSEN][name] = value
    if value == default:
        st.query_params.pop(name, None)
    else:
        st.query_params[name] = value
