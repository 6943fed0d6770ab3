// Faces that have come into the list since the page was read, as photos are collected. They move nothing under a hand:
// a page that is full has a next one, one that is not offers them by a button. polling.js tells that some came,
// Streamlit how many of them pass the filters, with its counts. No DOM in here.

const ARRIVALS_MS = 8000 // a run of Streamlit's part of the page, while photos come one after another

class Arrivals {
  /** trigger(name, value): asks Streamlit to run the page. said(text): for who does not see the button. */
  constructor(model, trigger, said) {
    Object.assign(this, { model, trigger, said })
    this.count = 0
    this.asked = -Infinity
  }

  /** Another page is shown. */
  begin() {
    this.count = 0
  }

  /** There are newer faces, up to the number `newest`: whether the server is asked about them now. */
  ask(newest) {
    const now = performance.now()
    if (this.model.data.batch || this.model.pageTurning || now - this.asked < ARRIVALS_MS) return false
    this.asked = now
    this.trigger("tick", `faces ${newest}`)
    return true
  }

  /** So many of the list have come; whether that is news. */
  heard(count) {
    if (count === this.count) return false
    const first = !this.count
    this.count = count
    if (first && this.offered()) this.said(this.text())
    return true
  }

  /** How many a press shows here: none where they come with the next page. */
  offered() {
    const { items, size, has_next: more } = this.model.data
    return more || items.length >= size ? 0 : this.count
  }

  text() {
    const n = this.offered()
    return n === 1 ? t("1 more has come") : t("{n} more have come", { n: count(n) })
  }

  /** Whether there is a page behind this one, by now. */
  hasNext() {
    return this.model.data.has_next || this.count > 0
  }
}
