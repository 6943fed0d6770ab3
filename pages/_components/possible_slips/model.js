// Labels that are probably slips, one after another: which one is looked at, what was answered, and how to take that
// back. A change is a decision and goes to a queue; "kept" is posted. Uses ids.js; no DOM in here.

class SlipModel {
  /**
   * queue: a DecisionQueue. post(faceId, classId, keeps): a promise, rejected with an Error where it was not stored.
   * changed(): something is to be drawn. announce(text, isError).
   */
  constructor(queue, post, changed, announce) {
    this.queue = queue
    this.post = post
    this.changed = changed
    this.announce = announce
    this.items = []
    this.at = 0
    this.posting = 0
    this.last = Promise.resolve() // what is posted goes in order
    this.kept = 0
    this.steps = [] // own ones of this visit, newest last: {step, at, before}; no step: it was kept
    this.onQueue = ({ acknowledged }) => this.settle(acknowledged)
    queue.listeners.add(this.onQueue)
  }

  dispose() {
    this.queue.listeners.delete(this.onQueue)
  }

  /** A batch from the server. */
  load({ items, left, page_key: pageKey, classes, kind }) {
    this.pageKey = pageKey
    this.kind = kind
    this.total = left
    this.classes = new Map(classes.map((one) => [one.id, one]))
    this.items = items.map((item) => ({ ...item, answer: null }))
    this.at = 0
    this.steps = []
    this.since = performance.now()
    this.changed()
  }

  get item() {
    return this.items[this.at] ?? null
  }

  get left() {
    return Math.max(0, this.total - this.items.filter(({ answer }) => answer).length)
  }

  /** What is not saved yet. */
  get pending() {
    return this.queue.pending.length + this.posting
  }

  /** Whether each one of this batch is answered: the next one may come. */
  get done() {
    return this.items.length > 0 && this.items.every(({ answer }) => answer)
  }

  move(by) {
    const to = Math.min(this.items.length - 1, Math.max(0, this.at + by))
    if (to === this.at) return false
    this.at = to
    this.since = performance.now()
    this.changed()
    return true
  }

  /** The label stays. One that was changed here is taken back by undo, not kept. */
  keep() {
    const { item, at } = this
    if (!item) return false
    if (item.answer?.uuid) {
      this.announce(t("changed already: undo takes that back"))
      return false
    }
    if (!item.answer) {
      item.answer = { verdict: "accept", class_id: item.class_id, uuid: "" }
      this.steps.push({ step: "", at, before: null })
      this.send(item, true)
    }
    this.announce(t("kept: {what}", { what: this.words("accept", item.class_id) }))
    this.onward()
    return true
  }

  /** verdict: accept, reject or unsure. classId: with accept; the label that it has: it stays. */
  decide(verdict, classId = null) {
    const { item, at } = this
    if (!item) return false
    if (verdict === "accept" && classId === item.class_id && !item.answer?.uuid) return this.keep()
    const step = newId()
    const op = {
      op: "decide", kind: this.kind, uuid: newId(), step, face_id: item.id, sha256: item.sha, verdict, class_id: classId,
      reason: null, took_ms: Math.round(performance.now() - this.since), seen: item.answer?.uuid || item.decision,
    }
    this.steps.push({ step, at, before: item.answer })
    item.answer = { verdict, class_id: classId, uuid: op.uuid }
    this.queue.push([{ op, effects: [] }])
    this.announce(t("changed: {what}", { what: this.words(verdict, classId) }))
    this.onward()
    return true
  }

  words(verdict, classId) {
    if (verdict === "accept") return this.classes.get(classId)?.name ?? ""
    return verdict === "reject" ? t("rejected") : t("unsure")
  }

  /** To the next one that is not answered, behind this one or before it; stays where there is none. */
  onward() {
    const { items, at } = this
    const places = items.map((_, place) => place)
    const open = (place) => !items[place].answer
    const next = places.slice(at + 1).find(open) ?? places.find(open)
    if (next !== undefined) this.at = next
    this.since = performance.now()
    this.changed()
  }

  /** Takes back the newest of this visit's own. */
  undo() {
    const last = this.steps.pop()
    if (!last) {
      this.announce(t("nothing of this visit is left to take back"))
      return false
    }
    const item = this.items[last.at]
    if (last.step) this.queue.push([{ op: { op: "undo", uuid: newId(), step: last.step }, effects: [] }])
    else this.send(item, false)
    item.answer = last.before
    this.at = last.at
    this.announce(t("taken back: it is open again"))
    this.changed()
    return true
  }

  /** Post that it is kept, or no longer, behind what was posted before. */
  send(item, keeps) {
    this.posting += 1
    this.last = this.last.then(() => this.post(item.id, item.class_id, keeps)).then(
      () => { this.kept += 1 },
      (error) => {
        if (keeps && item.answer && !item.answer.uuid) item.answer = null
        this.steps = this.steps.filter(({ step, at }) => step || this.items[at] !== item)
        this.announce(error.message, true)
      },
    ).then(() => {
      this.posting -= 1
      this.changed()
    })
  }

  /** The server's word on what was sent to the queue. */
  settle(acknowledged) {
    for (const { record, result } of acknowledged) {
      if (result.status === "saved" || result.status === "repeat") continue
      const item = this.items.find(({ id, answer }) => id === record.op.face_id && answer?.uuid === record.op.uuid)
      if (!item) continue
      if (result.status === "refused") item.answer = null
      this.announce(result.message || t("not understood"), true)
    }
    this.changed()
  }
}
