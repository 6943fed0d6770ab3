"""Compare: which detector sees more?"""

from __future__ import annotations

from typing import Final

import streamlit as st

from db.reads.counts import workspace_counts
from pages import _ui
from pages._compare import comparison
from pages._compare.comparison import Run
from pages._server import permission, workspace
from pages._ui import detector_options
from pages._words import count, mark, recorded, t
from pipeline.core.errors import MoueError
from pipeline.faces.detect import DETECTORS

_RUN: Final = "compare_run"
_SAMPLES: Final = (12, 24, 48, 96, 192)
_SHOWN: Final = 96
EVERY_SECONDS: Final = 0.5
NOTE: Final = mark(
    "Detection alone, on one core; decoding is the same for both. Two boxes are the same face from an IoU of .5. "
    "A face that only one of them finds may also be none: look before you choose."
)


def _detector(letter: str, default: str) -> str:
    names = list(DETECTORS)
    label = t("Detector {letter}", letter=letter)
    name = st.selectbox(label, names, index=names.index(default), key=f"compare-{letter.lower()}")
    st.caption(detector_options.about(DETECTORS[name]))
    return name


def _choices(images: int, busy: bool) -> None:
    """The two detectors, the sample, and Run."""
    left, right = st.columns(2, width=1616)  # two boxes as wide as they may be, beside each other
    with left:
        a = _detector("A", "yunet")
    with right:
        b = _detector("B", "hog")
    sizes = [size for size in _SAMPLES if size < images] or [_SAMPLES[0]]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        sample = st.selectbox(
            t("Photos, drawn evenly from all"), sizes, index=min(1, len(sizes) - 1), key="compare-sample", width=240
        )
        usable = not busy and a != b
        if _ui.button(
            t("Run"), "reprocess", type="primary", icon=":material/compare:", disabled=not usable, key="compare-run"
        ):
            _start(a, b, int(sample))
        if a == b:
            st.caption(t("Choose two different detectors."))


def _start(a: str, b: str, sample: int) -> None:
    try:
        permission.require("reprocess")
        st.session_state[_RUN] = comparison.start(workspace.root(), a, b, sample)
    except MoueError as e:
        st.error(_ui.escaped(recorded.sentence(e.message)))
        return
    st.rerun()


@st.fragment(run_every=EVERY_SECONDS)
def _live(run: Run) -> None:
    """Follow the run; the whole page runs again when it has ended."""
    ended = run.ended
    photos = run.photos()
    if ended:
        st.rerun()
        return
    total = photos[-1]["total"] if photos else 0
    with st.container(border=True):
        words = t("**{n} of {all}** photos", n=f"{len(photos):,}", all=f"{total:,}")
        st.progress(len(photos) / total if total else 0.0, words if photos else t("Loading the two detectors …"))
        if st.button(t("Stop"), icon=":material/stop_circle:", key="compare-stop"):
            run.stop()


def _result(run: Run) -> None:
    photos = run.photos()
    if run.failure:
        st.error(_ui.escaped(recorded.sentence(run.failure)), icon=":material/error:")
    if not photos:
        return
    found = comparison.summary(photos)
    if len(photos) < photos[-1]["total"]:
        whole = count(int(photos[-1]["total"]), "photo")
        st.warning(t("Stopped after {n} of {photos}.", n=f"{len(photos):,}", photos=whole))
    st.subheader(t("{a} against {b}, {photos}", a=run.a, b=run.b, photos=count(found.photos, "photo")))
    with st.container(horizontal=True, gap="large"):
        st.metric(t("Faces found by both"), f"{found.both:,}", width="content")
        st.metric(t("Only A, {detector}", detector=run.a), f"{found.only_a:,}", width="content")
        st.metric(t("Only B, {detector}", detector=run.b), f"{found.only_b:,}", width="content")
        st.metric(t("{detector}, photos a second", detector=run.a), comparison.rate_told(found.rate_a), width="content")
        st.metric(t("{detector}, photos a second", detector=run.b), comparison.rate_told(found.rate_b), width="content")
    st.caption(t(NOTE))
    if found.failed:
        st.caption(t("{photos} could not be read any more.", photos=count(found.failed, "photo")))
    _photos(run, photos, found.differ)


def _photos(run: Run, photos: list[dict[str, object]], differ: int) -> None:
    """The photos where they differ first, those with most to see before the others."""
    intact = [photo for photo in photos if not photo["failure"]]
    ranked = sorted(intact, key=lambda p: -(len(_list(p["only_a"])) + len(_list(p["only_b"]))))
    if differ:
        st.markdown(t("**They differ on {photos}** of {all}.", photos=count(differ, "photo"), all=f"{len(intact):,}"))
    elif intact:
        st.markdown(t("They find the same faces on all of these photos."))
    every = st.toggle(t("Show also where they agree"), key="compare-all") if differ < len(intact) else False
    shown = [photo for photo in ranked if every or comparison.differs(photo)][:_SHOWN]
    if shown:
        st.caption(t("A, orange and solid: only {a}. B, blue and dashed: only {b}. AB, white and thin: both.",
                     a=run.a, b=run.b))  # fmt: skip
        st.html(comparison.gallery(shown, run.a, run.b))


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def main() -> None:
    _ui.require_annotator()
    _ui.page_head("compare")
    counts = workspace.get_store().read(workspace_counts)
    images = counts.by_outcome.get("added", 0) + counts.by_outcome.get("no_face", 0)
    if not images:
        st.info(
            t("There are no photos yet to compare on. Point Moue at a folder of photos, or load the sample photos.")
        )
        _ui.next_step(t("Collect photos"), "collect.py")
        return
    run: Run | None = st.session_state.get(_RUN)
    busy = run is not None and not run.ended
    _choices(images, busy)
    if run is not None and busy:
        _live(run)
    elif run is not None:
        _result(run)
    if not busy:
        why = t("Clean runs another detector over all photos; decisions stay")
        _ui.next_step(t("Choose a detector"), "clean.py", why)


main()
