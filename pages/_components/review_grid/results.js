// What the server says about decisions: one's own, acknowledged or not taken, and what others decided meanwhile.
// Writes it into the model's base and lets the cards be drawn. Uses the model (model.js) and its queue. No DOM in here.

class Results {
  constructor(model) {
    this.model = model
    this.queue = model.queue
  }

  settle(acknowledged) {
    const { model } = this
    if (!model.index || !acknowledged.length) return
    const touched = new Set()
    const overtaken = new Map() // face id -> its state: somebody else decided on it meanwhile
    acknowledged.forEach(({ record, result }, at) => {
      for (const [face] of record.effects) touched.add(face)
      for (const face of result.faces) touched.add(face.face_id)
      for (const face of result.faces) this.updateBase(face)
      if (result.status === "refused") this.refused(record, result)
      this.noteDiffering(record, result, overtaken, acknowledged.slice(at + 1))
      if (record.op.op !== "decide") this.replayed(record, result)
      if (record.op.op === "undo") for (const face of result.faces) model.differing?.drop(face.face_id)
    })
    for (const face of touched) if (model.base.has(face)) model.shown.set(face, model.base.get(face))
    for (const record of this.queue.pending) model.overlay(record)
    this.announceOvertaken([...overtaken.values()])
    this.changed(touched)
  }

  /** The present state of one face; whether it is another than the one known. */
  updateBase(face) {
    const { base } = this.model
    const known = base.get(face.face_id)
    if (!known || (known.decision ?? null) === face.decision) return false
    base.set(face.face_id, pick(face))
    return true
  }

  changed(faces) {
    const { model } = this
    const here = [...faces].map((face) => model.index.get(face)).filter((at) => at !== undefined)
    if (here.length) model.changed(here, [...faces])
  }

  // ---- one's own decisions
  refused({ op, effects, origin }, { message }) {
    const { model, queue } = this
    if (op.face_id) model.errors.set(op.face_id, message)
    for (const [face] of effects) this.forget(op.step ?? origin, face, [])
    if (op.op === "redo") queue.steps = queue.steps.filter(({ step }) => step !== op.uuid)
    model.announce(t("not taken: {why}", { why: message }), true)
  }

  /** Faces that somebody else decided otherwise: what they say counts, and one's own answer is kept beside it. */
  noteDiffering({ op, effects, origin }, { faces, differing = [] }, overtaken, later) {
    const { model } = this
    for (const face of faces.filter(({ face_id: id }) => differing.includes(id))) {
      overtaken.set(face.face_id, face)
      this.keepDiffering(op, effects, face)
      const seen = op.seen ?? effects.find(([id]) => id === face.face_id)?.[1].decision ?? ""
      model.overtaken.set(face.face_id, { by: face.annotator, at: performance.now(), seen })
      this.restate(op.step ?? origin, face.face_id, pick(face), later)
      this.disarm(face.face_id)
    }
  }

  /** Told until it is read, wherever the hand is by then. */
  keepDiffering(op, effects, face) {
    const { model } = this
    const state = op.verdict ? op : effects.find(([id]) => id === face.face_id)?.[1]
    const item = model.items[model.index.get(face.face_id)]
    const sha = op.sha256 ?? item?.sha
    if (!state?.verdict || !sha) return
    const { verdict, class_id, reason } = state
    model.differing?.add({ id: face.face_id, sha, v: item?.v ?? "", mine: { verdict, class_id, reason }, other: pick(face) })
  }

  /** Whatever becomes of the step, this face shows what counts: so it is foreseen for undo and redo. */
  restate(origin, face, state, later) {
    const { queue } = this
    const stated = ([id, before]) => [id, id === face ? state : before]
    for (const one of [...queue.steps, ...queue.undone]) {
      if (one.origin !== origin) continue
      one.before = one.before.map(stated)
      if (one.after.has(face)) one.after.set(face, state)
    }
    for (const record of [...later.map((one) => one.record), ...queue.pending]) {
      if (record.op.op !== "decide" && record.origin === origin) record.effects = record.effects.map(stated)
    }
  }

  /** A step goes on without this face. Undo and redo that are under way foresee nothing for it. */
  forget(origin, face, later) {
    const { queue } = this
    for (const one of [...queue.steps, ...queue.undone]) {
      if (one.origin !== origin) continue
      one.before = one.before.filter(([id]) => id !== face)
      one.after.delete(face)
    }
    queue.steps = queue.steps.filter(({ before }) => before.length)
    queue.undone = queue.undone.filter(({ before }) => before.length)
    for (const record of [...later.map((one) => one.record), ...queue.pending]) {
      if (record.op.op !== "decide" && record.origin === origin) record.effects = record.effects.filter(([id]) => id !== face)
    }
  }

  disarm(face) {
    const { model } = this
    if (!model.armed) return
    model.armed.targets = model.armed.targets.filter((at) => model.items[at].id !== face)
    if (!model.armed.targets.length) model.armed = null
  }

  announceOvertaken(states) {
    if (!states.length) return
    const { model } = this
    const name = [...new Set(states.map(({ annotator }) => annotator))].join(", ")
    if (states.length > 1) {
      return model.announce(t("{n} were decided by {name} meanwhile and stay", { n: count(states.length), name }), true)
    }
    const what = model.describe(states[0])
    return model.announce(t("decided meanwhile by {name}: {what}; decide again to overrule it", { name, what }), true)
  }

  /** To an undo or a redo. */
  replayed({ op: { op }, effects, ask }, { status, faces }) {
    const { model, queue } = this
    const same = effects.length === faces.length
    if (!same && status === "saved") queue.steps = queue.undone = [] // another tab decides too: ask from now on
    if (!["saved", "differs"].includes(status) || (same && !ask)) return undefined
    if (!faces.length) return model.announce(op === "undo" ? t("nothing to undo") : t("nothing to redo"))
    const here = model.goTo(faces.map((face) => face.face_id))
    const what = op === "undo" ? t("your last step") : t("your last undone step")
    return model.announce(model.replayed(op, faces.length > 1 ? what : t("{what}, 1 face", { what }), faces.length, here.length))
  }

  // ---- what others decided, or this person in another tab
  /** Shown where they are; a face with own decisions under way is told about by the answer to those.
   * Returns whether the page's counts may be old by it. */
  applyOthers(faces) {
    const { model } = this
    const own = new Set(this.queue.pending.flatMap(({ effects }) => effects.map(([face]) => face)))
    const touched = new Set()
    let elsewhere = false
    for (const face of faces) {
      const id = face.face_id
      if (own.has(id)) continue
      if (!model.base.has(id)) {
        elsewhere ||= face.annotator !== model.data.annotator
        continue
      }
      const seen = model.seen(id)
      if (!this.updateBase(face)) continue
      touched.add(id)
      model.shown.set(id, model.base.get(id))
      if (face.verdict && face.annotator !== model.data.annotator) {
        model.overtaken.set(id, { by: face.annotator, at: performance.now(), seen })
      } else model.overtaken.delete(id)
    }
    this.changed(touched)
    return elsewhere || touched.size > 0
  }
}
