// The component: its parts joined, and the actions that keys and pointer call. A key press goes this way:
//   _shared/keys.js (its name) → review_keys.js (its action) → here → model.js over selection.js (decided and shown) →
//   _shared/decision_queue.js (POST /api/decisions, kept in _shared/journal.js) → results.js (the server's word) →
//   cards.js, toolbar.js, inspector.js (drawn). What others decide comes by polling.js to results.js.
// Uses everything above it in __init__.py; Streamlit calls the default export on every change of `data`.

const SIDES = [72, 96, 112, 128, 144, 160, 192, 224, 256, 320]
const SIDE_KEY = "moue:card-side"
const ADVANCE_KEY = "moue:advance"

class App {
  constructor(root, data) {
    this.root = root
    this.queue = queueFor(data.workspace, data.annotator, data.base)
    this.announcer = new Announcer(root.querySelector(".live"), this.queue)
    this.notice = new Notice(root.querySelector(".note"), this.announcer)
    const trigger = (name, value) => this.trigger(name, value)
    this.refreshTimer = new RefreshTimer(this.queue, trigger)
    const announce = (text, bad) => this.announce(text, bad)
    this.model = new PageModel(this.queue, (which, faces) => this.changed(which, faces), announce)
    this.model.data = data
    this.model.partTurned = () => this.grid.reset()
    this.model.advance = remembered(ADVANCE_KEY) !== "off"
    this.grid = new Grid(root.querySelector(".scroller"), this.model, data.base)
    Object.assign(this.model.onScreen, { look: () => this.grid.look(), grown: () => this.refresh() })
    this.inspector = new Inspector(this, root, this.model, data.base)
    this.overlays = new Overlays(() => this.grid.list)
    this.guidelines = new Guidelines(this, root.querySelector(".guide"), data.base)
    this.compare = new Compare(this, root.querySelector(".compare"), data.base)
    this.model.differing = new Differing(this.model, `${data.workspace}:${data.annotator}`, () => this.differs.refresh())
    this.differs = new DifferingCard(root.querySelector(".differs"), this.model.differing, data.base)
    this.arrivals = new Arrivals(this.model, trigger, (text) => this.announcer.announce(text))
    this.paging = new Paging(this)
    this.dialogs = new Dialogs(this)
    this.place = new Place(this)
    this.toolbar = new Toolbar(this)
    this.keys = new ReviewKeys(this)
    this.polling = new Polling(this, data.base)
    this.claims = new Claims(this, data.base)
    this.onResize = () => this.fitHeight()
    addEventListener("resize", this.onResize)
    this.watcher = new ResizeObserver(this.onResize)
    this.watcher.observe(document.querySelector("[data-testid=stMainBlockContainer]") ?? document.body)
    this.setSide(Number(remembered(SIDE_KEY)) || data.card)
    this.pointer = new Pointer(this)
    this.hover = new Hover(this)
  }

  dispose() {
    const parts = ["keys", "pointer", "hover", "grid", "inspector", "model", "toolbar", "paging", "polling", "claims", "announcer", "notice", "place"]
    for (const part of parts) this[part].dispose()
    this.watcher.disconnect()
    removeEventListener("resize", this.onResize)
    this.refreshTimer.dispose()
    this.queue.flush()
  }

  update(data, trigger) {
    this.trigger = trigger
    if (this.pageKey === data.page_key) return void (this.arrivals.heard(data.came) && this.refresh())
    const first = this.pageKey === undefined
    this.pageKey = data.page_key
    // The server started again and sends what it would show to a newcomer: the page that is worked on stays.
    if (!first && !this.paging.asked && this.model.data.view === data.view && this.model.items.length) return
    const stay = this.paging.arrived()
    this.arrivals.begin()
    this.pointer.finish()
    this.hover.leave()
    this.peek(false)
    this.inspector.faces.known.clear()
    this.fitHeight()
    this.model.load(data, stay)
    this.toolbar.build(data)
    this.grid.reset()
    this.place.arrived()
    this.refresh()
    this.inspector.scheduleLoad()
    this.polling.begin(data.seq, data.newest_face)
    if (!first) this.announce(this.toolbar.rangeText())
    this.claims.begin(data)
    if (this.inspector.mode === "focus") return
    if (!document.activeElement?.closest?.("textarea, input:not([role=combobox])")) this.grid.list.focus({ preventScroll: true })
  }

  /** Another class of the same page; false where there is none in that direction. */
  turnPart(by) {
    const { model } = this
    const to = model.part + by
    if (!model.parts?.[to] || model.pageTurning) return false
    model.turnTo(to)
    this.changed(null)
    this.announce(this.toolbar.rangeText())
    return true
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
    this.inspector.scheduleLoad()
  }

  /** Once for all that one key changes, before the next frame. */
  refresh() {
    if (this.stale) return
    this.stale = true
    queueMicrotask(() => {
      this.stale = false
      this.toolbar.refresh()
      this.inspector.badge()
      this.differs.refresh()
      this.place.moved()
      if (!this.paging.go()) this.refreshTimer.restart()
    })
  }

  announce(text, bad = false) {
    this.notice.announce(text, bad)
  }

  // ---- actions of keys and mouse; each returns true: the key was ours
  move(to, extend) {
    this.model.moveTo(to, extend)
    this.grid.reveal()
    if (this.inspector.mode === "focus") this.announcer.announce(this.grid.nameOf(this.model.focus))
    return true
  }

  /** There, and nothing is selected any more. */
  goOnly(to) {
    this.model.collecting = false
    return this.move(to, false)
  }

  collect() {
    this.model.collect()
    return this.done()
  }

  done() {
    this.grid.reveal()
    return true
  }

  label(spec) {
    if (this.model.locked()) return this.done()
    if (!this.model.proposes()) this.model.brush = { verdict: "accept", class_id: spec.id, reason: null }
    this.model.apply("accept", spec.id)
    return this.done()
  }

  reject(reason = null) {
    this.model.apply("reject", null, reason)
    return this.done()
  }

  setReason(reason) {
    this.model.setReason(reason)
    return this.done()
  }

  unsure() {
    this.model.apply("unsure")
    return this.done()
  }

  decideAgain() {
    this.model.differing.again()
    return true
  }

  leaveDiffering() {
    this.model.differing.leave()
    return true
  }

  undo() {
    this.model.undo()
    return this.done()
  }

  redo() {
    this.model.redo()
    return this.done()
  }

  restOfPage() {
    if (!this.model.unclaimed().length) this.paging.turn("next")
    else if (this.model.confirming.on) this.confirm()
    else if (!this.model.restOfPage()) {
      this.announce(t("label one face first: Enter then repeats its class for the rest of the page"))
    }
    return this.done()
  }

  /** With auto-advance a page that is done by it makes room for the next one, as a card does. */
  confirm() {
    const { model } = this
    const { confirming } = model
    if (confirming.confirm()) {
      if (model.advance && !model.locked() && !model.unclaimed().length) this.paging.turn("next")
      return
    }
    const values = { n: count(model.unclaimed().length), p: count(confirming.threshold) }
    this.announce(t("no face of {n} reaches {p} %: label them by key, lower the threshold, or go on (n)", values))
  }

  selectAll() {
    this.model.selectAll()
    this.announcer.announce(t("{n} selected", { n: count(this.model.items.length) })) // the line below tells it until they are not
    return true
  }

  peek(on) {
    if (on && !this.inspector.mode) this.setMode("peek")
    else if (!on && this.inspector.mode === "peek") this.setMode("")
    return true
  }

  /** "focus" by dialogs.large alone. */
  setMode(mode) {
    this.inspector.setMode(mode)
    this.place.moved()
    return true
  }

  /** A face has an open note, or none any more. */
  noted(id, open) {
    const at = this.model.index?.get(id)
    if (at === undefined || Boolean(this.model.items[at].noted) === open) return
    this.model.items[at].noted = open
    this.grid.repaint([at])
  }

  toggleAdvance() {
    this.model.advance = !this.model.advance
    remember(ADVANCE_KEY, this.model.advance ? "on" : "off")
    this.announce(this.model.advance ? t("moves on after a decision") : t("stays after a decision"))
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

  /** Esc: one step back; not ours when there is nowhere to go. */
  back() {
    if (this.pointer.banding) return this.pointer.cancel()
    if (this.overlays.back()) return true
    if (this.inspector.mode) return this.setMode("")
    if (this.model.armed) {
      this.model.armed = null
      this.toolbar.refresh()
      return true
    }
    return this.model.selected.size ? this.goOnly(this.model.focus) : false
  }
}

export default function review({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".moue")
  useWords(data.words)
  useLocale(data.language)
  translate(root)
  root.classList.add("drawn")
  root.lang = locale
  const queue = queueFor(data.workspace, data.annotator, data.base)
  return showInApp(parentElement, root, queue, () => new App(root, data), (app) => app.update(data, setTriggerValue))
}
