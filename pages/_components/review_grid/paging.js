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

  arrived() {
    clearTimeout(this.timer)
    this.asked = false
    this.wanted = null
  }

  turn(to) {
    const { data } = this.app.model
    if (this.wanted) return true
    if (this.app.turnPart({ next: 1, prev: -1 }[to])) return true
    if (to === "next" && !data.has_next && this.app.toolbar.leftBefore()) to = "first"
    else if ((to === "next" && !data.has_next) || (to === "prev" && !data.has_prev)) {
      this.app.announce(to === "next" ? t("this is the last page") : t("this is the first page"))
      return true
    }
    return this.ask("turn", { to, first: data.first, last: data.last })
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
