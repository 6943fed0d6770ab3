// What opens over a component: the focus goes there, stays there with Tab, and goes back to where it was. Several may
// lie over each other. Uses the DOM alone; keys that close one are the component's own (its keys.js), as it has others.

const REACHED = "button:not(:disabled), a[href], input:not(:disabled), textarea, select, [tabindex='0']"

/** The overlays of one component. home: what takes the focus where the element that had it is gone. */
class Overlays {
  constructor(home) {
    this.home = home
    this.open = [] // the last one lies on top
  }

  /** Whatever their order in the document: the style adds it to the z-index. */
  layer() {
    for (const [at, { node }] of this.open.entries()) node.style.setProperty("--layer", at)
  }

  /** Close what lies on top; false where nothing is open. */
  back() {
    return this.open.at(-1)?.close() ?? false
  }
}

class Overlay {
  /** show(on): shows or hides it, where that is more than `hidden`. covers(): whether it lies over the rest now. */
  constructor(overlays, node, { show = (on) => { node.hidden = !on }, covers = () => true } = {}) {
    this.overlays = overlays
    this.node = node
    this.show = show
    node.addEventListener("keydown", (event) => event.key === "Tab" && this.isOpen() && covers() && this.turnAround(event))
  }

  isOpen() {
    return this.overlays.open.includes(this)
  }

  open() {
    if (this.isOpen()) return true
    this.from = focusedWithin(this.node)
    this.overlays.open.push(this)
    this.overlays.layer()
    this.show(true)
    this.node.focus({ preventScroll: true })
    return true
  }

  /** The focus goes back, but for one that another lies over: that one gives it back later. */
  close() {
    const { open } = this.overlays
    const at = open.indexOf(this)
    if (at < 0) return true
    open.splice(at, 1)
    this.show(false)
    const { from } = this
    if (open[at]) open[at].from = from
    else (from?.isConnected && from.checkVisibility() ? from : this.overlays.home()).focus({ preventScroll: true })
    return true
  }

  toggle() {
    return this.isOpen() ? this.close() : this.open()
  }

  /** Tab behind the last element leads to the first one, Shift and Tab before the first to the last. */
  turnAround(event) {
    const reached = [...this.node.querySelectorAll(REACHED)].filter((one) => one.checkVisibility())
    const [first, last] = [reached[0] ?? this.node, reached.at(-1) ?? this.node]
    const now = focusedWithin(this.node)
    const outermost = event.shiftKey ? now === first || now === this.node : now === last
    if (!outermost && now !== null && this.node.contains(now)) return
    event.preventDefault()
    ;(event.shiftKey ? last : first).focus({ preventScroll: true })
  }
}

/** The element that has the focus, of the same document or shadow tree. */
function focusedWithin(node) {
  return node.getRootNode().activeElement
}
