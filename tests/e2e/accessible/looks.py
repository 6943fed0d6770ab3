"""What can be seen to be wrong by a program, besides the rules of axe, in any state of any page."""

from __future__ import annotations

from typing import Any, Final

from pages._components.streamlit_labels import AROUND, LABELS
from tests.e2e.test_accessible import violations
from tests.e2e.test_language_browser import ENGLISH, NAMED, NO_LANGUAGE, TEXTS

_FAR: Final = 20
_FAR_APART: Final = """far => [...document.querySelectorAll("[data-testid=stHorizontalBlock]")].filter(row => {
  const tops = new Set([...row.children].filter(one => one.checkVisibility()).map(one => one.offsetTop))
  return tops.size > 1 && parseFloat(getComputedStyle(row).rowGap) > far
}).map(row => row.innerText)"""
"""Rows that break into lines, and these lie far apart: the texts in them."""
_BLUE: Final = """[...document.querySelectorAll("[data-testid=stMain] a[href]")].filter(one => one.checkVisibility()
  && ["rgb(0, 0, 238)", "rgb(158, 158, 255)"].includes(getComputedStyle(one).color)).map(one => one.innerText)"""
"""Links in the colour that a browser gives them where nobody chose one."""
_ICONS: Final = """[...document.querySelectorAll("[aria-label$=' icon']:not([aria-hidden=true])")]
  .filter(one => one.checkVisibility()).map(one => one.getAttribute("aria-label"))"""
"""What a screen reader would read of Streamlit's icons beside the words: "how_to_vote icon"."""
_CODE: Final = """[...document.querySelectorAll("pre")].map(one => one.innerText).join("\\n")"""


def wrong(page: Any, language: str) -> list[str]:
    """What is broken in the state that the page is in. language: en or zh."""
    found = violations(page)
    found += [f"far apart: {row}" for row in page.evaluate(_FAR_APART, _FAR)]
    found += [f"the browser's own colour: {link}" for link in page.evaluate(_BLUE)]
    found += [f"read aloud: {icon}" for icon in page.evaluate(_ICONS)]
    if language != "en":
        code = page.evaluate(_CODE)
        texts = [text for text in page.evaluate(TEXTS) if text not in code and not text.startswith("ImageFolder:")]
        found += [f"English: {text}" for text in texts if ENGLISH.search(NO_LANGUAGE.sub("", text))]
        found += [f"English: {name}" for name in page.evaluate(NAMED) if _is_streamlits(name)]
    return found


def _is_streamlits(name: str) -> bool:
    around = [theirs.split("{name}") for theirs in AROUND]
    return name in LABELS or any(name.startswith(first) and name.endswith(last) for first, last in around)
