// Mouse, touch and keys on the map: they turn into moves, zooms, a lasso or a box. The app does what they mean.

const STEP = 0.1 // of the map's width, for an arrow
const BOX_STEP = 0.02

class Gestures {
  constructor(app, canvas) {
    Object.assign(this, { app, canvas, path: null, box: null, drag: null })
    const on = (name, call) => canvas.addEventListener(name, (event) => call.call(this, event))
    on("pointerdown", this.down)
    on("pointermove", this.move)
    on("pointerup", this.up)
    on("pointercancel", this.cancel)
    on("pointerleave", () => app.hover(null))
    on("keydown", this.key)
    canvas.addEventListener("wheel", (event) => this.wheel(event), { passive: false })
  }

  place(event) {
    const frame = this.canvas.getBoundingClientRect()
    const ratio = this.canvas.width / frame.width
    return [(event.clientX - frame.left) * ratio, (event.clientY - frame.top) * ratio]
  }

  down(event) {
    if (event.button) return
    this.canvas.setPointerCapture(event.pointerId)
    const at = this.place(event)
    this.drag = { from: at, last: at, adds: event.shiftKey }
    this.box = null
    if (this.app.mode === "lasso") this.path = [at]
  }

  move(event) {
    const at = this.place(event)
    if (!this.drag) return this.app.hover(at)
    const { from, last } = this.drag
    this.drag.last = at
    if (this.path) {
      const end = this.path.at(-1)
      if (Math.hypot(at[0] - end[0], at[1] - end[1]) > 2) this.path.push(at)
    } else if (this.app.mode === "box") this.box = [...from, ...at]
    else return this.app.pan(at[0] - last[0], at[1] - last[1])
    return this.app.drawAbove()
  }

  up() {
    const { path, box, drag } = this
    this.cancel()
    if (!drag) return
    if (path?.length > 2) this.app.select(path, drag.adds)
    else if (box) this.app.select(cornersOf(box), drag.adds)
  }

  cancel() {
    this.path = this.box = this.drag = null
    this.app.drawAbove()
  }

  wheel(event) {
    event.preventDefault()
    this.app.zoom(Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.002)), ...this.place(event))
  }

  key(event) {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return
    const names = [event.key ?? "", keyName(event)] // as typed, else as it stands on the board
    if (!names.some((name) => this.act(name, event.shiftKey))) return
    event.preventDefault()
    event.stopPropagation()
  }

  act(key, shift) {
    const arrow = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[key]
    if (arrow) return this.arrow(arrow, shift)
    const { app } = this
    const action = {
      "+": () => app.act("zoom:in"), "=": () => app.act("zoom:in"), "-": () => app.act("zoom:out"), 0: () => app.act("zoom:all"),
      l: () => app.act("mode:lasso"), v: () => app.act("mode:move"), b: () => this.startBox(), Enter: () => this.enter(shift),
      Escape: () => (this.box ? this.cancel() : app.act("clear")),
    }[key.length === 1 ? key.toLowerCase() : key]
    action?.()
    return Boolean(action)
  }

  startBox() {
    const { width, height } = this.canvas
    this.app.act("mode:box")
    this.box = [width * 0.4, height * 0.4, width * 0.6, height * 0.6]
    this.app.boxMoved(this.box)
  }

  arrow([across, down], shift) {
    const { width } = this.canvas
    if (!this.box) this.app.pan(-across * width * STEP, -down * width * STEP)
    else {
      const [x, y] = [across * width * BOX_STEP, down * width * BOX_STEP]
      const [left, top, right, low] = this.box
      if (shift) this.box = [left, top, Math.max(left + 4, right + x), Math.max(top + 4, low + y)]
      else this.box = [left + x, top + y, right + x, low + y]
      this.app.boxMoved(this.box)
    }
    return true
  }

  enter(shift) {
    if (!this.box) return this.app.act("open")
    const box = this.box
    this.cancel()
    return this.app.select(cornersOf(box), shift)
  }
}

function cornersOf([left, top, right, low]) {
  return [[left, top], [right, top], [right, low], [left, low]]
}
