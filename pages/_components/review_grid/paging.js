// From one page to another, or to another order: only when everything is saved. Streamlit brings the next page.
// Uses the app, its queue and its toolbar.

const TURN_MS = 15000

class Paging {
  constructor(app) {
    this.app = app
    this.wanted = null // ["turn" | "like", value]: asked for, and waiting until all is saved
    this.asked = false // Streamlit was told
  }

  dispose() {
    clearTimeout(this.timer)
  }

  /** A page has come; the face that keeps the focus on it, if it is on it. */
  arrived() {
    const { stay } = this
    clearTimeout(this.timer)
    this.asked = false
    this.wanted = this.stay = null
    return stay
  }

  turn(to) {
    const { data } = this.app.model
    if (this.wanted) return true
    if (this.app.turnPart({ next: 1, prev: -1 }[to])) return true
    if (to === "next") to = this.following()
    if (to === "again") return this.again()
    if (!to || (to === "prev" && !data.has_prev)) {
      this.app.announce(to ? t("this is the first page") : t("this is the last page"))
      return true
    }
    return this.ask("turn", { to, first: data.first, last: data.last })
  }

  /** What comes behind this page: "" where nothing does. */
  following() {
    const { arrivals, toolbar } = this.app
    if (arrivals.offered()) return "again"
    if (arrivals.hasNext()) return "next"
    return toolbar.leftBefore() ? "first" : ""
  }

  /** The same page with what has come meanwhile, from where it began; the focus stays on its face. */
  again() {
    const { data, items, focus } = this.app.model
    if (this.wanted) return true
    this.stay = items[focus]?.id
    return this.ask("turn", { to: "again", first: data.has_prev ? data.first : "" })
  }

  /** The next faces for this person alone. */
  mine() {
    return this.wanted ? true : this.ask("turn", { to: "mine" })
  }

  /** The faces whose mouths are most like the focused one's come first. order: by "looks", or by shape: "like". */
  like(order) {
    const item = this.app.model.items[this.app.model.focus]
    return !item || this.wanted ? true : this.ask("like", `${order}:${item.id}`)
  }

  ask(...wanted) {
    const { app } = this
    this.wanted = wanted
    app.model.pageTurning = true
    if (app.queue.pending.length) app.announce(t("the page turns when everything is saved"))
    app.refresh()
    return true
  }

  /** Called whenever something was saved. */
  go() {
    if (!this.wanted || this.app.queue.pending.length) return false
    const { app, wanted } = this
    this.wanted = null
    this.asked = true
    app.refreshTimer.markFresh() // the answer brings the counts, too
    this.timer = setTimeout(() => {
      app.model.pageTurning = this.asked = false
      app.announce(t("the next page did not come; try again"), true)
    }, TURN_MS)
    app.trigger(...wanted)
    return true
  }
}
