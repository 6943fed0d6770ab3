"""Whether the ring around what is in focus can be seen whole."""

from __future__ import annotations

from typing import Any, Final

_CUT: Final = """() => {
  const within = (root) => [...root.querySelectorAll("*")].flatMap(
    (one) => one.shadowRoot ? [...one.shadowRoot.querySelectorAll("button, input, textarea, a[href], [tabindex]")] : [])
  const above = (one) => one.parentElement ?? one.getRootNode().host
  const cut = (one) => {
    one.focus({ preventScroll: true })
    const { outlineStyle, outlineWidth, outlineOffset } = getComputedStyle(one)
    const ring = parseFloat(outlineWidth) + parseFloat(outlineOffset)
    if (!one.matches(":focus-visible") || outlineStyle === "none" || ring <= 0) return ""
    const { left, top, right, bottom } = one.getBoundingClientRect()
    for (let box = above(one); box; box = above(box)) {
      const { overflowX, overflowClipMargin } = getComputedStyle(box)
      if (overflowX === "visible") continue
      const spare = overflowX === "clip" ? parseFloat(overflowClipMargin) || 0 : 0
      const edges = box.getBoundingClientRect()
      const [x, y] = [edges.left + box.clientLeft, edges.top + box.clientTop]
      const room = [left - x, x + box.clientWidth - right, top - y, y + box.clientHeight - bottom]
      const { scrollLeft, scrollTop } = box
      const more = [scrollLeft, box.scrollWidth - box.clientWidth - scrollLeft, scrollTop,
        box.scrollHeight - box.clientHeight - scrollTop]
      const short = [0, 1, 2, 3].filter((side) => room[side] + spare + 0.5 < ring)
      if (room.some((px) => px < -0.5) || short.some((side) => more[side] >= 1)) return "" // the browser scrolls to it
      if (short.length) return `${one.outerHTML.slice(0, 90)} in .${box.className}`
    }
    return ""
  }
  const shown = within(document).filter((one) => !one.disabled && one.checkVisibility({ visibilityProperty: true }))
  return [...new Set(shown.map(cut).filter(Boolean))]
}"""


def cut_rings(page: Any) -> list[str]:
    """What in our own components is cut off of its ring by a box around it. The focus moves."""
    page.keyboard.press("Tab")  # else a focus that a script sets shows no ring
    return list(page.evaluate(_CUT))
