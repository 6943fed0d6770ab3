// Which cards are meant: the one in focus and those selected. Uses nothing; model.js builds on it. No DOM in here.

class Selection {
  constructor(changed) {
    this.changed = changed // (indices | null) => void: these cards (or all) look different
    this.items = []
    this.begin(0)
  }

  begin(focus) {
    this.focus = this.anchor = focus
    this.selected = new Set()
    this.collecting = false // `t` gathers single cards: moving on keeps them
    this.moved()
  }

  moved() {
    this.armed = null // the reject that a reason key would complete
    this.ended = false // the last card is decided: one key too many must not label it anew
    this.since = performance.now()
  }

  targets() {
    return this.selected.size ? [...this.selected].sort((a, b) => a - b) : this.items.length ? [this.focus] : []
  }

  moveTo(at, extend) {
    if (!this.items.length) return
    const before = extend || !this.collecting ? [this.focus, ...this.selected] : [this.focus]
    this.focus = Math.min(this.items.length - 1, Math.max(0, at))
    if (extend) this.selectRange(this.anchor, this.focus)
    else if (!this.collecting) this.clearSelection()
    this.moved()
    this.changed(new Set([...before, this.focus, ...(extend ? this.selected : [])]))
  }

  selectRange(from, to) {
    this.selected = new Set()
    this.collecting = false
    for (let at = Math.min(from, to); at <= Math.max(from, to); at++) this.selected.add(at)
  }

  /** Exactly these are selected, as a rubber band or a finger has it; the next range begins at `anchor`. */
  select(chosen, focus, anchor = focus) {
    const before = [this.focus, ...this.selected]
    this.selected = new Set(chosen)
    this.collecting = false
    this.focus = focus
    this.anchor = anchor
    this.moved()
    this.changed(new Set([...before, focus, ...chosen]))
  }

  clearSelection() {
    this.selected = new Set()
    this.collecting = false
    this.anchor = this.focus
  }

  selectAll() {
    this.selectRange(0, this.items.length - 1)
    this.changed(null)
  }

  toggleSelected(at) {
    if (!this.selected.size) this.selected.add(this.focus)
    this.flip(at)
    this.focus = this.anchor = at
    this.ended = false
    this.changed(null)
  }

  /** Take the card in focus in, or out, and go to the next one. */
  collect() {
    const { focus, items } = this
    if (!items.length) return
    this.flip(focus)
    this.collecting = this.selected.size > 0
    this.focus = this.anchor = Math.min(items.length - 1, focus + 1)
    this.moved()
    this.changed([focus, this.focus])
  }

  flip(at) {
    if (!this.selected.delete(at)) this.selected.add(at)
  }
}
