// Where the person is: the page's first face, the one in focus and what is open over the grid. Kept in the address,
// for a reload and the browser's Back, and in a cookie, for another day. Uses remembered.js; read by _review/place.py.

const PLACE_MS = 300 // a run of keys writes once
const PLACE_DAYS = 180
const PLACE = ["from", "at", "open"]

class Place {
  constructor(app) {
    this.app = app
    this.first = true
    this.onHide = () => this.write()
    addEventListener("pagehide", this.onHide)
  }

  dispose() {
    clearTimeout(this.timer)
    removeEventListener("pagehide", this.onHide)
  }

  /** A page is shown: the first one where the person left it. */
  arrived() {
    if (this.first) this.restore()
    this.first = false
    this.moved()
  }

  restore() {
    const { app } = this
    const address = new URLSearchParams(location.search)
    const kept = new URLSearchParams(remembered(this.key()) ?? "")
    const place = address.has("at") ? address : kept
    if (place.get("at")) app.model.goTo([place.get("at")])
    app.grid.reveal()
    if (place.get("open") === "focus" && app.model.items[app.model.focus]?.id === place.get("at")) app.dialogs.large.open()
  }

  key() {
    const { workspace, annotator } = this.app.model.data
    return `moue:place:${workspace}:${annotator}`
  }

  /** The focus went on. */
  moved() {
    clearTimeout(this.timer)
    this.timer = setTimeout(() => this.write(), PLACE_MS)
  }

  write() {
    clearTimeout(this.timer)
    const { model, inspector } = this.app
    const item = model.items?.[model.focus]
    if (!item || !this.app.root.isConnected) return
    const said = { from: model.data.first, at: item.id, open: inspector.mode === "focus" ? "focus" : "" }
    const url = new URL(location.href)
    for (const name of PLACE) said[name] ? url.searchParams.set(name, said[name]) : url.searchParams.delete(name)
    if (url.search === location.search) return
    history.replaceState(history.state, "", url)
    remember(this.key(), new URLSearchParams(said).toString())
    const { workspace, annotator, base } = model.data
    const value = `${encodeURIComponent(annotator)}|${encodeURIComponent(url.search)}`
    document.cookie = `moue_place_${workspace}=${value}; path=${base}; max-age=${PLACE_DAYS * 86400}; samesite=lax`
  }
}
