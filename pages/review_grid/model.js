// What the page shows: what the server last said (base) and, over it, what is not acknowledged yet. No DOM in here.

const UNDECIDED = { verdict: null, class_id: null, reason: null, annotator: null }
const LONGEST_LOOK_MS = 600000 // a longer look was a coffee

class PageModel {
  constructor(queue, changed, say) {
    this.queue = queue
    this.changed = changed // (indices | null) => void: these cards (or all) look different
    this.say = say // (text, isError) => void
    this.items = []
    this.brush = null // { verdict, class_id, reason }: what Enter gives the rest of the page
    this.advance = true
    this.turning = false
    this.armed = null // the reject that a reason key would complete
    this.onQueue = (news) => (news.adopted ? this.adopted() : this.settle(news.acknowledged))
    queue.listeners.add(this.onQueue)
  }

  dispose() {
    this.queue.listeners.delete(this.onQueue)
  }

  load(data) {
    this.data = data
    this.items = data.items
    this.index = new Map(data.items.map((item, at) => [item.id, at]))
    this.classes = new Map(data.classes.map((spec) => [spec.id, spec])) // put-away ones have names, too
    this.active = data.classes.filter((spec) => !spec.archived)
    this.base = new Map(data.items.map((item) => [item.id, pick(item)]))
    this.shown = new Map(this.base)
    for (const record of this.queue.pending) this.overlay(record)
    this.errors = new Map()
    this.selected = new Set()
    this.turning = this.ended = false
    this.armed = null
    this.since = performance.now()
    const first = data.items.findIndex((item) => this.shown.get(item.id).verdict === null)
    this.focus = Math.max(0, first)
    this.anchor = this.focus
    if (this.proposes()) this.brush = { verdict: "reject", class_id: null, reason: data.brush }
    else if (!this.active.some((spec) => spec.id === this.brush?.class_id)) this.brush = null
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

  targets() {
    return this.selected.size ? [...this.selected].sort((a, b) => a - b) : this.items.length ? [this.focus] : []
  }

  overlay(record) {
    for (const [face, state] of record.effects) if (this.shown.has(face)) this.shown.set(face, state)
  }

  // ---- moving and selecting
  moveTo(at, extend) {
    if (!this.items.length) return
    const before = new Set([this.focus, ...this.selected])
    this.focus = Math.min(this.items.length - 1, Math.max(0, at))
    if (extend) this.selectRange(this.anchor, this.focus)
    else this.clearSelection()
    this.since = performance.now()
    this.armed = null
    this.ended = false
    this.changed([...before, this.focus, ...this.selected])
  }

  selectRange(from, to) {
    this.selected = new Set()
    for (let at = Math.min(from, to); at <= Math.max(from, to); at++) this.selected.add(at)
  }

  /** Exactly these are selected, as a rubber band or a finger has it; the next range begins at `anchor`. */
  select(chosen, focus, anchor = focus) {
    const before = [this.focus, ...this.selected]
    this.selected = new Set(chosen)
    this.focus = focus
    this.anchor = anchor
    this.since = performance.now()
    this.armed = null
    this.ended = false
    this.changed(new Set([...before, focus, ...chosen]))
  }

  clearSelection() {
    this.selected = new Set()
    this.anchor = this.focus
  }

  selectAll() {
    this.selectRange(0, this.items.length - 1)
    this.changed(null)
  }

  toggleSelected(at) {
    if (!this.selected.size) this.selected.add(this.focus)
    if (!this.selected.delete(at)) this.selected.add(at)
    this.focus = this.anchor = at
    this.ended = false
    this.changed(null)
  }

  // ---- deciding
  /** One step over `targets`: shown at once, then queued. */
  decide(targets, verdict, classId = null, reason = null, step = newId()) {
    if (this.turning || !targets.length) return null
    const at = performance.now()
    const took = Math.round(Math.min(LONGEST_LOOK_MS, at - this.since) / targets.length)
    this.since = at
    const state = { verdict, class_id: classId, reason, annotator: this.data.annotator }
    const before = []
    const records = targets.map((target) => {
      const item = this.items[target]
      before.push([item.id, this.shown.get(item.id)])
      this.errors.delete(item.id)
      const op = { op: "decide", uuid: newId(), step, face_id: item.id, sha256: item.sha, verdict }
      return { op: { ...op, class_id: classId, reason, took_ms: took }, effects: [[item.id, state]] }
    })
    let mine = this.queue.steps.at(-1)
    if (mine?.step !== step) this.queue.steps.push((mine = { step, before, after: new Map() }))
    mine.what = this.describe(state)
    for (const [face] of before) mine.after.set(face, state)
    this.queue.undone = [] // the server's rule, too: after a new decision there is nothing to redo
    for (const record of records) this.overlay(record)
    this.changed(targets)
    this.queue.push(records)
    return step
  }

  /** Decide on the selection or the focused card, then move on. */
  apply(verdict, classId = null, reason = null) {
    const targets = this.targets()
    if (this.ended && !this.selected.size) {
      return this.say("end of the page: n turns it, an arrow key goes back to a face")
    }
    const step = this.decide(targets, verdict, classId, reason)
    if (!step) return undefined
    this.armed = verdict === "reject" ? { step, targets } : null
    const what = this.describe(this.state(targets[0]))
    this.say(targets.length > 1 ? `${what}: ${targets.length} faces, one step` : what)
    if (this.advance) this.step(targets)
    return undefined
  }

  step(targets) {
    const before = [this.focus, ...this.selected]
    this.ended = targets.at(-1) === this.items.length - 1 // one key too many must not label the last face anew
    this.focus = Math.min(this.items.length - 1, targets.at(-1) + 1)
    this.clearSelection()
    this.changed([...before, this.focus])
  }

  /** The second key after a reject. */
  because(reason) {
    const { step, targets } = this.armed
    this.armed = null
    this.decide(targets, "reject", null, reason, step)
    this.say(this.describe(this.state(targets[0])))
  }

  restOfPage() {
    const targets = this.undecided()
    if (!targets.length || !this.brush) return false
    const { verdict, class_id, reason } = this.brush
    this.decide(targets, verdict, class_id, reason)
    this.clearSelection()
    this.changed(null)
    this.say(`${this.describe(this.brush)}: ${targets.length} faces, one step`)
    return true
  }

  /** The server takes back the person's last step; what that gives is foreseen where this tab made it. */
  undo() {
    if (this.turning) return
    const last = this.queue.steps.pop()
    if (last) this.queue.undone.push(last)
    this.replay("undo", newId(), last, last?.before ?? [])
  }

  /** The server makes the step anew that the person took back last, unless they decided something since. */
  redo() {
    if (this.turning) return
    const step = newId()
    const last = this.queue.undone.pop()
    if (last) {
      const before = last.before.map(([face, state]) => [face, this.shown.get(face) ?? state])
      this.queue.steps.push({ ...last, step, before })
    }
    this.replay("redo", step, last, [...(last?.after ?? [])])
  }

  replay(op, uuid, last, effects) {
    const record = { op: { op, uuid }, effects, ask: !last }
    this.overlay(record)
    this.armed = null
    this.ended = false
    const touched = this.goTo(effects.map(([face]) => face))
    this.changed(touched)
    if (last) this.say(this.replayed(op, last.what, effects.length, touched.length))
    this.queue.push([record])
  }

  /** Move to the first of these faces that is on this page; the indices of all that are. */
  goTo(faces) {
    const here = faces.map((face) => this.index.get(face)).filter((at) => at !== undefined)
    if (here.length) this.moveTo(here[0], false)
    return here
  }

  replayed(op, what, count, here) {
    const faces = count > 1 ? ` on ${count} faces` : ""
    return `${op === "undo" ? "took back" : "again"}: ${what}${faces}${here ? "" : ", on another page"}`
  }

  describe(state) {
    if (state.verdict === "accept") return this.classes.get(state.class_id)?.name ?? "accepted"
    if (state.verdict === "reject") return state.reason ? `rejected: ${state.reason.replaceAll("_", " ")}` : "rejected"
    return state.verdict ?? "undecided"
  }

  // ---- what the server says
  adopted() {
    if (!this.index) return
    for (const record of this.queue.pending) this.overlay(record)
    this.changed(null)
  }

  settle(acknowledged) {
    if (!this.index || !acknowledged.length) return
    const touched = new Set()
    for (const { record, result } of acknowledged) {
      for (const [face] of record.effects) touched.add(face)
      if (result.status === "refused") this.refused(record, result)
      for (const face of result.faces) {
        if (this.base.has(face.face_id)) this.base.set(face.face_id, pick(face))
        touched.add(face.face_id)
      }
      if (record.op.op !== "decide") this.answered(record, result)
    }
    for (const face of touched) if (this.base.has(face)) this.shown.set(face, this.base.get(face))
    for (const record of this.queue.pending) this.overlay(record)
    const here = [...touched].map((face) => this.index.get(face)).filter((at) => at !== undefined)
    this.changed(here, [...touched])
  }

  refused(record, result) {
    const face = record.op.face_id
    if (face) this.errors.set(face, result.message)
    this.queue.steps = this.queue.steps.filter(({ step }) => step !== (record.op.step ?? record.op.uuid))
    this.say(`not taken: ${result.message}`, true)
  }

  /** To an undo or a redo. */
  answered({ op: { op }, effects, ask }, { status, faces, message }) {
    const same = effects.length === faces.length
    if (!same && status === "saved") this.queue.steps = this.queue.undone = [] // another tab decides too: ask from now on
    if (status !== "saved" || (same && !ask)) return undefined
    if (!faces.length) return this.say(message || `nothing to ${op}`)
    const here = this.goTo(faces.map((face) => face.face_id))
    const what = `your last ${op === "undo" ? "step" : "undone step"}${faces.length > 1 ? "" : ", 1 face"}`
    return this.say(this.replayed(op, what, faces.length, here.length))
  }
}

function pick({ verdict, class_id, reason, annotator }) {
  return verdict ? { verdict, class_id, reason, annotator } : UNDECIDED
}
