// Which faces of the page have been on the screen: Enter decides on others, too. How many is told
// before, more than a screenful is asked about once, and the log keeps of which it was so. No DOM in here: the grid
// (cards.js) says what is on the screen.

class OnScreen {
  constructor(model) {
    this.model = model
    this.look = () => {} // the grid's: says by `note` what is on the screen now
    this.grown = () => {} // another face came onto the screen
    this.begin()
  }

  /** Another page is shown. */
  begin() {
    this.shown = new Set()
    this.screenful = 0 // faces; 0 until the grid said anything
    this.asked = false
  }

  note(screenful, ids) {
    const before = this.shown.size
    this.screenful = screenful
    for (const id of ids) this.shown.add(id)
    if (this.shown.size > before) this.grown()
  }

  /** Those of the cards that have never been on the screen. */
  missing(targets) {
    return this.screenful ? targets.filter((at) => !this.shown.has(this.model.items[at].id)) : []
  }

  /** Whether to decide on `targets` waits for a second Enter, which is said; once a page, or class of it. */
  asksFirst(targets) {
    this.look()
    const n = this.missing(targets).length
    if (this.asked || n <= this.screenful) return false
    this.asked = true
    const values = { n: count(n), all: count(targets.length) }
    this.model.announce(t("{n} of these {all} have not been on the screen: Enter again decides on them all the same", values))
    return true
  }

  /** What the op of a card says besides `said`. A batch's faces are all looked at; one that was not is none of them. */
  mark(at, said) {
    if (!this.missing([at]).length) return said
    const context = { ...said.context, off_screen: true }
    if (context.confirmed) context.confirmed = { ...context.confirmed, in_batch: undefined } // JSON leaves it out
    return { ...said, context }
  }

  /** `text`, what Enter does, with how many of its faces nobody saw here. */
  told(text, targets) {
    const n = this.missing(targets).length
    return n ? t("{what} · {n} not seen", { what: text, n: count(n) }) : text
  }
}
