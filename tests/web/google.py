"""Google's page of image results, as far as a program can see it: scripts, small copies, a large picture on a click."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Final

from tests.web import engines as played
from tests.web.proxy import Answer, Asked, Site

PIXELS: Final = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
GOOGLE_PAGE: Final = """<!doctype html><meta charset=utf-8><title>q - Google Search</title>
<header><a href="/"><img src="/thumb?logo" width=92 height=80></a></header>
<div id=grid></div><aside id=side></aside><div style="height:1500px"></div><div id=end style="height:9px"></div>
<script>
const rows = ROWS, named = NAMED, any = () => "x" + Math.random().toString(36).slice(2, 8)
let shown = 0
function more() {
  for (const row of rows.slice(shown, shown + 12)) {
    const make = (tag) => document.createElement(tag), tile = make("div"), link = make("a"), small = make("img")
    tile.className = any(); link.className = any(); tile.style = "display:inline-block;margin:8px"
    link.role = "button"; link.tabIndex = 0
    small.src = "https://encrypted-tbn0.gstatic.com/thumb?q=" + rows.indexOf(row); small.alt = row.title
    small.width = 180; small.height = 140
    link.onclick = () => setTimeout(() => open(row, link), 60)
    link.append(small); tile.append(link); grid.append(tile)
  }
  shown += 12
}
function open(row, link) {
  const of = encodeURIComponent
  if (named) {
    link.href = "/imgres?imgurl=" + of(row.image) + "&imgrefurl=" + of(row.page) + "&h=480&w=640"
    return
  }
  const out = document.createElement("a"), large = document.createElement("img")
  out.href = row.page; out.target = "_blank"; large.src = row.image; large.alt = row.title
  large.style = "width:420px;height:420px"; out.append(large); side.replaceChildren(out)
}
side.style = "position:fixed;right:0;top:0;pointer-events:none"
document.addEventListener("click", (event) => { if (event.target.closest("a[href]")) event.preventDefault() })
more()
new IntersectionObserver((seen) => {
  if (seen.some((one) => one.isIntersecting) && shown < rows.length) more()
}).observe(end)
</script>"""


def google(total: int, *, named: bool = False, robot: Callable[[], bool] = lambda: False) -> Site:
    """A page of results that scripts fill: thumbnails of its own hosts, and the large picture once one is clicked.

    named: whether a click also writes the image's address into its link, as `/imgres?imgurl=…`. robot: whether only a
    person gets on. The names of its classes are different each time, as the real ones are every few weeks.
    """

    def answer(asked: Asked) -> Answer:
        if asked.path == "/thumb":
            return Answer(PIXELS, kind="image/png")
        if asked.path != "/search":
            return Answer(b"", 404)
        if robot():
            return Answer(
                b"<title>Sorry</title><form id=captcha-form><input type=checkbox>not a robot</form>", kind="text/html"
            )
        name = f"google-{asked.params['q']}"
        rows = json.dumps([
            {"image": played.image_url(name, n), "page": f"https://page.example/{n}", "title": f"Smile {n}"}
            for n in range(total)
        ])  # fmt: skip
        return Answer(GOOGLE_PAGE.replace("ROWS", rows).replace("NAMED", json.dumps(named)).encode(), kind="text/html")

    return answer
