// Where the person is: the page's first face, the one in focus and what is open over the grid; in a cookie besides,
// for another day. Uses _shared/whereabouts/address_place.js; read by _review/place.py.

const PLACE_DAYS = 180

class Place extends AddressPlace {
  constructor(app) {
    super(
      () => `moue:place:${app.model.data.workspace}:${app.model.data.annotator}`,
      () => {
        const item = app.model.items?.[app.model.focus]
        if (!item || !app.root.isConnected) return null
        return { from: app.model.data.first, at: item.id, open: app.inspector.mode === "focus" ? "focus" : "" }
      },
      (search) => {
        const { workspace, annotator, base } = app.model.data
        const value = `${encodeURIComponent(annotator)}|${encodeURIComponent(search)}`
        document.cookie = `moue_place_${workspace}=${value}; path=${base}; max-age=${PLACE_DAYS * 86400}; samesite=lax`
      },
    )
    this.app = app
    this.first = true
  }

  /** A page is shown: the first one where the person left it. */
  arrived() {
    if (this.first) this.restore()
    this.first = false
    this.moved()
  }

  restore() {
    const { app } = this
    const place = this.last()
    if (place.get("at")) app.model.goTo([place.get("at")])
    app.grid.reveal()
    if (place.get("open") === "focus" && app.model.items[app.model.focus]?.id === place.get("at")) app.dialogs.large.open()
  }
}
