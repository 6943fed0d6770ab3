// The component: toolbar, grid, inspector and status, joined. Streamlit calls the default export on every change of
// `data`; the clean-up of an older call must not take down what a newer one shows.

const SIDES = [72, 96, 112, 128, 144, 160, 192, 224, 256, 320]
const SIDE_KEY = "moue:card-side"
const ADVANCE_KEY = "moue:advance"
const TURN_MS = 15000
const TICK_MS = 2500
const apps = new WeakMap()

class App {
  constructor(root, data) {
    this.root = root
    this.live = root.querySelector(".live")
    this.note = root.querySelector(".note")
    this.queue = queueFor(data.workspace, data.annotator, data.base)
    this.ticked = this.queue.saved
    this.model = new PageModel(this.queue, (which, faces) => this.changed(which, faces), (text, bad) => this.say(text, bad))
    this.model.data = data
    this.model.advance = remembered(ADVANCE_KEY) !== "off"
    this.grid = new Grid(root.querySelector(".scroller"), this.model, data.base)
    this.inspector = new Inspector(root, this.model, data.base)
    this.toolbar = new Toolbar(this)
    this.keys = new Keys(this)
    this.onResize = () => this.fitHeight()
    addEventListener("resize", this.onResize)
    this.watcher = new ResizeObserver(this.onResize)
    this.watcher.observe(document.querySelector("[data-testid=stMainBlockContainer]") ?? document.body)
    this.dialogs = new MutationObserver(() => this.keepGoing())
    this.dialogs.observe(document.body, { childList: true })
    this.setSide(Number(remembered(SIDE_KEY)) || data.card)
    this.hand = new Hand(this)
  }

  dispose() {
    this.keys.dispose()
    this.hand.dispose()
    this.grid.dispose()
    this.inspector.dispose()
    this.model.dispose()
    this.toolbar.dispose()
    this.watcher.disconnect()
    this.dialogs.disconnect()
    removeEventListener("resize", this.onResize)
    clearTimeout(this.turnTimer)
    clearTimeout(this.tickTimer)
    this.queue.flush()
  }

  update(data, trigger) {
    this.trigger = trigger
    if (this.pageKey === data.page_key) return
    const first = this.pageKey === undefined
    this.pageKey = data.page_key
    // The server started again and sends what it would show to a newcomer: the page under the hand stays.
    if (!first && !this.asked && this.model.data.view === data.view && this.model.items.length) return
    clearTimeout(this.turnTimer)
    this.asked = false
    this.wanted = null
    this.hand.finish()
    this.inspector.setMode(this.inspector.mode === "focus" ? "focus" : "")
    this.inspector.faces.known.clear()
    this.fitHeight()
    this.model.load(data)
    this.toolbar.build(data)
    this.grid.reset()
    this.refresh()
    this.inspector.look()
    if (!first) this.say(this.toolbar.where())
    const active = document.activeElement
    if (!active?.closest?.("textarea, input:not([role=combobox])")) this.grid.list.focus({ preventScroll: true })
  }

  /** Streamlit covers the page while its server is away. Decisions go on: they are kept, and the status says so. */
  keepGoing() {
    for (const dialog of document.querySelectorAll("[data-testid=stDialog] [role=dialog]")) {
      if (dialog.querySelector("h2")?.textContent !== "Connection error") continue
      dialog.querySelector("button[aria-label=Close]")?.click()
      this.say("the server does not answer; what you decide is kept here until it is back", true)
    }
  }

  fitHeight() {
    const scrolled = document.querySelector("[data-testid=stMain]")?.scrollTop ?? 0
    const top = this.root.getBoundingClientRect().top + scrolled
    const height = `${Math.max(420, Math.floor(innerHeight - top - 12))}px`
    if (this.root.style.height !== height) this.root.style.height = height
  }

  // ---- what changed is drawn in the same task as the key
  changed(which, faces = []) {
    if (!this.pageKey) return
    this.grid.repaint(which)
    this.inspector.faces.forget(faces)
    this.refresh()
    this.inspector.look()
  }

  refresh() {
    this.toolbar.refresh()
    this.inspector.badge()
    if (this.wanted && !this.queue.pending.length) this.leave()
    else this.tick()
  }

  /** Once the hand rests: let the counts in Streamlit's part of the page be true again. */
  tick() {
    clearTimeout(this.tickTimer)
    if (this.queue.pending.length || this.queue.saved === this.ticked) return
    this.tickTimer = setTimeout(() => {
      this.ticked = this.queue.saved
      this.trigger("tick", this.ticked)
    }, TICK_MS)
  }

  say(text, bad = false) {
    this.note.textContent = text
    this.note.classList.toggle("bad", bad)
    this.live.textContent = text
  }

  // ---- actions of keys and mouse; each returns true: the key was ours
  move(to, extend) {
    this.model.moveTo(to, extend)
    this.grid.reveal()
    return true
  }

  done() {
    this.grid.reveal()
    return true
  }

  label(spec) {
    if (!this.model.proposes()) this.model.brush = { verdict: "accept", class_id: spec.id, reason: null }
    this.model.apply("accept", spec.id)
    return this.done()
  }

  reject(reason = null) {
    this.model.apply("reject", null, reason)
    return this.done()
  }

  because(reason) {
    this.model.because(reason)
    return this.done()
  }

  unsure() {
    this.model.apply("unsure")
    return this.done()
  }

  undo() {
    this.model.undo()
    return this.done()
  }

  redo() {
    this.model.redo()
    return this.done()
  }

  rest() {
    const left = this.model.undecided().length
    if (!left) this.turn("next")
    else if (!this.model.restOfPage()) this.say("label one face first: Enter then repeats its class for the rest of the page")
    return this.done()
  }

  selectAll() {
    this.model.selectAll()
    this.say(`${count(this.model.items.length)} selected`)
    return true
  }

  peek(on) {
    if (on && !this.inspector.mode) this.inspector.setMode("peek")
    else if (!on && this.inspector.mode === "peek") this.inspector.setMode("")
    return true
  }

  toggleFocus() {
    this.inspector.setMode(this.inspector.mode === "focus" ? "" : "focus")
    return true
  }

  toggleAdvance() {
    this.model.advance = !this.model.advance
    remember(ADVANCE_KEY, this.model.advance ? "on" : "off")
    this.say(this.model.advance ? "moves on after a decision" : "stays after a decision")
    this.toolbar.refresh()
    return true
  }

  grow(by) {
    if (this.inspector.mode === "focus") return this.inspector.zoom(by)
    const at = SIDES.indexOf(this.grid.wanted) + by
    if (SIDES[at]) this.setSide(SIDES[at])
    return true
  }

  setSide(side) {
    const nearest = SIDES.reduce((best, one) => (Math.abs(one - side) < Math.abs(best - side) ? one : best))
    remember(SIDE_KEY, nearest)
    this.grid.resize(nearest)
    this.toolbar.showSide(nearest)
  }

  helpOpen() {
    return !this.toolbar.help.hidden
  }

  toggleHelp() {
    this.toolbar.help.hidden = !this.toolbar.help.hidden
    return true
  }

  closeHelp() {
    this.toolbar.help.hidden = true
    return true
  }

  /** Esc: one step back; not ours when there is nowhere to go. */
  back() {
    if (this.hand.banding) return this.hand.cancel()
    if (this.helpOpen()) return this.closeHelp()
    if (this.inspector.mode) {
      this.inspector.setMode("")
      return true
    }
    if (this.model.armed) {
      this.model.armed = null
      this.toolbar.refresh()
      return true
    }
    if (!this.model.selected.size) return false
    this.move(this.model.focus, false)
    return true
  }

  // ---- page turn: only when everything is saved
  turn(to) {
    const { data } = this.model
    if (this.wanted) return true
    if (to === "next" && !data.has_next && this.toolbar.leftBefore()) to = "first"
    else if ((to === "next" && !data.has_next) || (to === "prev" && !data.has_prev)) {
      this.say(to === "next" ? "this is the last page" : "this is the first page")
      return true
    }
    this.wanted = to
    this.model.turning = true
    if (this.queue.pending.length) this.say("the page turns when everything is saved")
    this.refresh()
    return true
  }

  leave() {
    const to = this.wanted
    const { first, last } = this.model.data
    this.wanted = null
    this.asked = true
    this.ticked = this.queue.saved
    this.turnTimer = setTimeout(() => {
      this.model.turning = this.asked = false
      this.say("the next page did not come; try again", true)
    }, TURN_MS)
    this.trigger("turn", { to, first, last })
  }
}

export default function review({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".moue")
  let app = apps.get(parentElement)
  if (app && (app.root !== root || app.queue !== queueFor(data.workspace, data.annotator, data.base))) {
    app.dispose()
    app = null
  }
  if (!app) {
    app = new App(root, data)
    apps.set(parentElement, app)
  }
  app.update(data, setTriggerValue)
  const call = (app.calls = (app.calls ?? 0) + 1)
  return () => {
    if (app.calls !== call) return
    app.dispose()
    apps.delete(parentElement)
  }
}
