// Mouse and finger on the grid. Mouse: a click goes to a card, a drag draws a rubber band over many. Finger: a tap goes
// to a card, a long press shows its whole photo; scrolling and pinching stay the browser's.
// Uses the app's actions (review_grid.js), the model's selection and the grid's geometry (cards.js).

const BAND_FROM_PX = 6 // a smaller move is a click of an unsteady hand
const EDGE_PX = 28
const FASTEST_PX = 24 // of scrolling a frame
const LONG_PRESS_MS = 450
const TAP_PX = 10

class Pointer {
  constructor(app) {
    this.app = app
    this.model = app.model
    this.grid = app.grid
    this.list = app.grid.list
    this.band = null // a mouse button is down; a rubber band once `node` is there
    this.press = null // one finger is down
    this.fingers = new Set()
    this.touched = false
    const { list } = this
    list.onpointerdown = (event) => (event.pointerType === "mouse" ? this.grab(event) : this.touch(event))
    list.onpointermove = (event) => (event.pointerType === "mouse" ? this.drag(event) : this.slide(event))
    list.onpointerup = (event) => (event.pointerType === "mouse" ? this.release(event) : this.lift(event))
    list.onpointercancel = (event) => (event.pointerType === "mouse" ? this.finish() : this.letGo(event))
    list.ondblclick = (event) => event.target.closest(".card") && !this.touched && app.dialogs.large.toggle()
    list.oncontextmenu = (event) => this.touched && event.preventDefault() // a long press is ours
  }

  dispose() {
    this.finish()
    clearTimeout(this.press?.timer)
  }

  get banding() {
    return Boolean(this.band?.node)
  }

  cardAt(event) {
    const card = event.target.closest(".card")
    return card && Number(card.dataset.at)
  }

  /** In the list's own pixels, which scroll with it; never beyond its edges. */
  listPoint({ clientX, clientY }) {
    const box = this.list.getBoundingClientRect()
    const within = (value, most) => Math.min(most, Math.max(0, value))
    return { x: within(clientX - box.left, box.width), y: within(clientY - box.top, box.height) }
  }

  // ---- mouse
  grab(event) {
    if (event.button !== 0) return
    this.touched = false
    event.preventDefault()
    this.list.focus({ preventScroll: true })
    const { model } = this
    const { selected, focus, anchor } = model
    const adds = event.ctrlKey || event.metaKey
    const at = this.cardAt(event)
    this.band = {
      from: this.listPoint(event), event, pressed: [event.clientX, event.clientY], before: { selected, focus, anchor },
      kept: adds || event.shiftKey ? new Set(selected) : new Set(), shown: "",
    }
    if (at === null) return
    if (adds) model.toggleSelected(at)
    else if (event.shiftKey) this.app.move(at, true)
    else this.app.goOnly(at)
  }

  drag(event) {
    const { band } = this
    if (!band) return
    band.event = event
    if (!band.node) {
      const [x, y] = band.pressed
      if (Math.hypot(event.clientX - x, event.clientY - y) < BAND_FROM_PX) return
      this.list.setPointerCapture(event.pointerId)
      band.node = make("div", "band")
      this.list.append(band.node)
      band.frame = requestAnimationFrame(() => this.autoScroll())
    }
    this.updateBand()
  }

  /** Draw the band to where the pointer is, and select what it touches. */
  updateBand() {
    const { band } = this
    const to = this.listPoint(band.event)
    const { style } = band.node
    style.transform = `translate(${Math.min(band.from.x, to.x)}px,${Math.min(band.from.y, to.y)}px)`
    style.width = `${Math.abs(to.x - band.from.x)}px`
    style.height = `${Math.abs(to.y - band.from.y)}px`
    const { chosen, near, far } = this.grid.within(band.from, to)
    const shown = `${chosen[0]} ${chosen.at(-1)} ${chosen.length} ${near}`
    if (shown === band.shown) return
    band.shown = shown
    this.model.select([...band.kept, ...chosen], near ?? band.before.focus, far)
  }

  /** Near the upper or lower edge the grid scrolls on, the faster the farther. */
  autoScroll() {
    const { band } = this
    const { scroller } = this.grid
    const box = scroller.getBoundingClientRect()
    const { clientY } = band.event
    const beyond = Math.max(0, clientY - (box.bottom - EDGE_PX)) - Math.max(0, box.top + EDGE_PX - clientY)
    const before = scroller.scrollTop
    if (beyond) scroller.scrollTop += Math.sign(beyond) * Math.min(FASTEST_PX, Math.ceil(Math.abs(beyond) / 3))
    if (scroller.scrollTop !== before) this.updateBand()
    band.frame = requestAnimationFrame(() => this.autoScroll())
  }

  release(event) {
    if (!this.band || event.button !== 0) return
    const { banding } = this
    const plain = !event.shiftKey && !event.ctrlKey && !event.metaKey
    this.finish()
    if (!banding && plain && this.cardAt(event) === null && this.model.selected.size) this.app.goOnly(this.model.focus)
  }

  /** What the band holds stays selected. */
  finish() {
    if (!this.band) return
    cancelAnimationFrame(this.band.frame)
    this.band.node?.remove()
    this.band = null
  }

  /** As if the button had never been pressed. */
  cancel() {
    const { selected, focus, anchor } = this.band.before
    this.finish()
    this.model.select(selected, focus, anchor)
    return true
  }

  // ---- finger
  touch(event) {
    this.touched = true
    this.fingers.add(event.pointerId)
    if (this.fingers.size > 1) return this.forget() // two fingers scroll or pinch
    const at = this.cardAt(event)
    this.press = { at, x: event.clientX, y: event.clientY, long: false }
    if (at !== null) this.press.timer = setTimeout(() => this.longPress(at), LONG_PRESS_MS)
    return undefined
  }

  slide(event) {
    const { press } = this
    if (!press || press.long) return
    if (Math.hypot(event.clientX - press.x, event.clientY - press.y) > TAP_PX) this.forget()
  }

  longPress(at) {
    this.press.long = true
    this.model.select(this.model.selected, at)
    this.app.peek(true)
  }

  lift(event) {
    const { press } = this
    this.letGo(event)
    if (!press || press.long) return
    this.list.focus({ preventScroll: true })
    this.tap(press.at)
  }

  letGo(event) {
    this.fingers.delete(event.pointerId)
    this.forget()
  }

  forget() {
    clearTimeout(this.press?.timer)
    if (this.press?.long) this.app.peek(false)
    this.press = null
  }

  /** First there, then selected; while something is selected, a tap adds or removes, as in a phone's gallery. */
  tap(at) {
    const { model, app } = this
    if (at === null) {
      if (model.selected.size) app.goOnly(model.focus)
    } else if (model.selected.size) model.toggleSelected(at)
    else if (at === model.focus) model.select([at], at)
    else app.move(at, false)
  }
}
