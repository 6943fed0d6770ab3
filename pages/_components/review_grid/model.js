// What the page shows and what a decision does to it: what the server last said (base) and, over it, what is not
// acknowledged yet. Uses selection.js, results.js, the decision queue, the role lock and the words of announce.js. No
// DOM in here.

const UNDECIDED = { verdict: null, class_id: null, reason: null, annotator: null, decision: null }
const LONGEST_VIEW_MS = 600000 // who took longer was away
const REACTION_MS = 300 // what appeared less long before the key was pressed was not seen

class PageModel extends Selection {
  constructor(queue, changed, announce) {
    super(changed)
    this.queue = queue
    this.announce = announce // (text, isError) => void
    this.lock = new RoleLock(announce)
    this.brush = null // { verdict, class_id, reason }: what Enter gives the rest of the page
    this.advance = true
    this.pageTurning = false
    this.results = new Results(this)
    this.confirming = new Confirming(this)
    this.onScreen = new OnScreen(this)
    this.onQueue = (event) => (event.adopted ? this.adopted() : this.results.settle(event.acknowledged))
    queue.listeners.add(this.onQueue)
  }

  dispose() {
    this.queue.listeners.delete(this.onQueue)
  }

  /** stay: a face that keeps the focus where it is on the page; else the first undecided one gets it. */
  load(data, stay = null) {
    this.data = data
    this.classes = new Map(data.classes.map((spec) => [spec.id, spec])) // put-away ones have names, too
    this.active = data.classes.filter((spec) => !spec.archived)
    this.base = new Map(data.items.map((item) => [item.id, pick(item)]))
    this.shown = new Map(this.base)
    for (const record of this.queue.pending) this.overlay(record)
    this.errors = new Map() // face id -> why its decision was not taken
    // face id -> { by, at, seen }: who decided while the page was open, and what was seen before
    this.overtaken = new Map()
    this.claimed = new Map() // face id -> who else has it before them
    this.pageTurning = false
    this.onScreen.begin()
    this.confirming.begin()
    this.parts = this.confirming.parts(data.items) // most often one: the page
    this.showPart(Math.max(0, this.parts.findIndex((items) => items.some((item) => this.isUndecided(item)))))
    if (stay) this.goTo([stay])
    if (this.proposes()) this.brush = { verdict: "reject", class_id: null, reason: data.brush }
    else if (!this.active.some((spec) => spec.id === this.brush?.class_id)) this.brush = null
  }

  /** The cards of one part, and the focus on its first undecided one. */
  showPart(part) {
    this.part = part
    this.onScreen.asked = false
    this.items = this.parts[part]
    this.index = new Map(this.items.map((item, at) => [item.id, at]))
    this.begin(Math.max(0, this.items.findIndex((item) => this.isUndecided(item))))
  }

  /** Another part, which whoever draws the cards hears of. */
  turnTo(part) {
    this.showPart(part)
    this.partTurned?.()
  }

  isUndecided({ id }) {
    return this.shown.get(id).verdict === null
  }

  /** The list shows what falls out of a range: its rejection stays the brush, whatever the exceptions get. */
  proposes() {
    return Boolean(this.data.brush)
  }

  state(at) {
    return this.shown.get(this.items[at].id)
  }

  undecided() {
    return this.items.map((_, at) => at).filter((at) => this.state(at).verdict === null)
  }

  /** The undecided ones that nobody else has before them: a step over many must not take them away from others. */
  unclaimed() {
    return this.undecided().filter((at) => !this.claimedBy(at))
  }

  /** Who else has an undecided face before them, "" for nobody. */
  claimedBy(at) {
    return this.state(at).verdict ? "" : this.claimed.get(this.items[at].id) ?? ""
  }

  setClaimed(claimed) {
    this.claimed = new Map(Object.entries(claimed))
    this.changed(null)
  }

  countUndecided() {
    let number = 0
    for (const item of this.items) if (this.isUndecided(item)) number += 1
    return number
  }

  /** In all parts of the page. */
  countDecided() {
    return this.data.items.reduce((number, item) => number + !this.isUndecided(item), 0)
  }

  overlay(record) {
    for (const [face, state] of record.effects) if (this.shown.has(face)) this.shown.set(face, state)
  }

  /** The decision that the eye had seen on a face: the server stores nothing over another one by somebody else. */
  seen(face) {
    const other = this.overtaken.get(face)
    if (other && performance.now() - other.at < REACTION_MS) return other.seen
    const { verdict, decision } = this.shown.get(face)
    return verdict ? decision : ""
  }

  // ---- deciding
  locked() {
    return this.lock.stops(this.data.locked)
  }

  /** One step over `targets`: shown at once, then queued. more: of a target, what its op says besides. */
  decide(targets, verdict, classId = null, reason = null, step = newId(), more = () => ({})) {
    if (!targets.length) return null
    if (this.pageTurning) {
      this.announce(t("not done: the next page is on its way"))
      return null
    }
    this.onScreen.look()
    const at = performance.now()
    const took = Math.round(Math.min(LONGEST_VIEW_MS, at - this.since) / targets.length)
    this.since = at
    const before = targets.map((target) => [this.items[target].id, this.state(target)])
    const records = targets.map((target) => {
      const { id, sha } = this.items[target]
      const op = { op: "decide", uuid: newId(), step, face_id: id, sha256: sha, verdict, class_id: classId, reason }
      const state = { verdict, class_id: classId, reason, annotator: this.data.annotator, decision: op.uuid }
      const said = this.onScreen.mark(target, more(target))
      return { op: { ...op, took_ms: took, seen: this.seen(id), ...said }, effects: [[id, state]] }
    })
    this.note(step, before, records)
    for (const [face] of before) {
      this.errors.delete(face)
      this.overtaken.delete(face)
    }
    for (const record of records) this.overlay(record)
    this.changed(targets)
    this.queue.push(records)
    return step
  }

  /** Remember a step, to foresee what its undo gives. */
  note(step, before, records) {
    let mine = this.queue.steps.at(-1)
    if (mine?.step !== step) this.queue.steps.push((mine = { step, origin: step, before, after: new Map() }))
    for (const { effects: [[face, state]] } of records) mine.after.set(face, state)
    mine.what = this.describe(records[0].effects[0][1])
    this.queue.undone = [] // the server's rule, too: after a new decision there is nothing to redo
  }

  /** Decide on the selection or the focused card, then move on. */
  apply(verdict, classId = null, reason = null) {
    if (this.locked()) return undefined
    const targets = this.targets()
    if (this.ended && !this.selected.size) {
      return this.announce(t("end of the page: n turns it, an arrow key goes back to a face"))
    }
    const step = this.decide(targets, verdict, classId, reason)
    if (!step) return undefined
    this.armed = verdict === "reject" ? { step, targets } : null
    this.announceStep(this.describe(this.state(targets[0])), targets.length)
    if (this.advance) this.step(targets)
    return undefined
  }

  announceStep(what, faces) {
    this.announce(faces > 1 ? t("{what}: {n} faces, one step", { what, n: count(faces) }) : what)
  }

  step(targets) {
    const before = [this.focus, ...this.selected]
    this.ended = targets.at(-1) === this.items.length - 1
    this.focus = Math.min(this.items.length - 1, targets.at(-1) + 1)
    this.clearSelection()
    this.changed([...before, this.focus])
  }

  /** The second key after a reject. */
  setReason(reason) {
    const { step, targets } = this.armed
    this.armed = null
    this.decide(targets, "reject", null, reason, step)
    this.announce(this.describe(this.state(targets[0])))
  }

  restOfPage() {
    if (this.locked()) return true
    const targets = this.unclaimed()
    if (!targets.length || !this.brush) return false
    if (this.onScreen.asksFirst(targets)) return true
    const { verdict, class_id, reason } = this.brush
    this.decide(targets, verdict, class_id, reason)
    this.clearSelection()
    this.changed(null)
    this.announceStep(this.describe(this.brush), targets.length)
    return true
  }

  /** The server takes back the person's last step; what that gives is foreseen where this tab made it. */
  undo() {
    if (this.pageTurning || this.locked()) return
    const uuid = newId()
    const last = this.queue.steps.pop()
    if (last) this.queue.undone.push({ ...last, undo: uuid })
    this.replay({ op: "undo", uuid, step: last?.step }, last, last?.before ?? [])
  }

  /** The server makes the step anew that the person took back last, unless they decided something since. */
  redo() {
    if (this.pageTurning || this.locked()) return
    const step = newId()
    const last = this.queue.undone.pop()
    if (last) {
      const before = last.before.map(([face, state]) => [face, this.shown.get(face) ?? state])
      this.queue.steps.push({ ...last, step, before })
    }
    this.replay({ op: "redo", uuid: step, undo: last?.undo ?? "" }, last, [...(last?.after ?? [])])
  }

  replay(op, last, effects) {
    const record = { op, effects, ask: !last, origin: last?.origin }
    this.overlay(record)
    const touched = this.goTo(effects.map(([face]) => face))
    this.moved()
    this.changed(touched)
    if (last) this.announce(this.replayed(op.op, last.what, effects.length, touched.length))
    this.queue.push([record])
  }

  /** Move to the first of these faces that is on this page, in whichever part; the indices of all that are there. */
  goTo(faces) {
    const part = this.parts.findIndex((items) => items.some(({ id }) => faces.includes(id)))
    if (part >= 0 && !faces.some((face) => this.index.has(face))) this.turnTo(part)
    const here = faces.map((face) => this.index.get(face)).filter((at) => at !== undefined)
    this.collecting = false
    if (here.length) this.moveTo(here[0], false)
    return here
  }

  replayed(op, what, faces, here) {
    const named = faces > 1 ? t("{what} on {n} faces", { what, n: count(faces) }) : what
    const done = op === "undo" ? t("took back: {what}", { what: named }) : t("again: {what}", { what: named })
    return here ? done : t("{what}, on another page", { what: done })
  }

  describe(state) {
    if (state.verdict === "accept") {
      const spec = this.classes.get(state.class_id)
      return spec ? inQuotes(spec.name) : t("accepted")
    }
    if (state.verdict === "unsure") return t("unsure")
    if (state.verdict !== "reject") return t("undecided")
    return state.reason ? t("rejected: {reason}", { reason: reasonName(state.reason) }) : t("rejected")
  }

  /** Decisions of an earlier page of this person were found unsent: they are shown, too. */
  adopted() {
    if (!this.index) return
    for (const record of this.queue.pending) this.overlay(record)
    this.changed(null)
  }
}

function pick({ verdict, class_id, reason, annotator, decision }) {
  return verdict ? { verdict, class_id, reason, annotator, decision } : UNDECIDED
}
