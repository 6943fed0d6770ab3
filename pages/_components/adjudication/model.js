// The faces that people differ on, one after another: which one is looked at, what was settled, and how to take that
// back. Pushes decisions of the kind "adjudication" to a queue. Uses ids.js; no DOM in here.

class AdjudicationModel {
  /** queue: a DecisionQueue. changed(): something is to be drawn. announce(text, isError). */
  constructor(queue, changed, announce) {
    this.queue = queue
    this.changed = changed
    this.announce = announce
    this.items = []
    this.at = 0
    this.steps = [] // own ones of this visit, newest last: {step, at}
    this.onQueue = ({ acknowledged }) => this.settle(acknowledged)
    queue.listeners.add(this.onQueue)
  }

  dispose() {
    this.queue.listeners.delete(this.onQueue)
  }

  /** A batch from the server. What this visit settled and has not sent yet stays settled. */
  load({ items, left, page_key: pageKey, classes }) {
    this.pageKey = pageKey
    this.total = left
    this.classes = new Map(classes.map((one) => [one.id, one]))
    this.items = items.map((item) => ({ ...item, settled: null }))
    this.at = 0
    this.steps = []
    this.since = performance.now()
    this.changed()
  }

  get item() {
    return this.items[this.at] ?? null
  }

  /** How many are left: in the whole queue, less what was settled since it was loaded. */
  get left() {
    return Math.max(0, this.total - this.items.filter(({ settled }) => settled).length)
  }

  /** Whether each face of this batch is settled: the next one may come. */
  get done() {
    return this.items.length > 0 && this.items.every(({ settled }) => settled)
  }

  move(by) {
    const to = Math.min(this.items.length - 1, Math.max(0, this.at + by))
    if (to === this.at) return false
    this.at = to
    this.since = performance.now()
    this.changed()
    return true
  }

  /** verdict: accept, reject or unsure. classId: with accept. Shows it at once and goes on. */
  decide(verdict, classId = null) {
    const { item } = this
    if (!item) return false
    const step = newId()
    const op = {
      op: "decide", kind: "adjudication", uuid: newId(), step, face_id: item.id, sha256: item.sha, verdict, class_id: classId,
      reason: null, took_ms: Math.round(performance.now() - this.since), seen: item.settled?.uuid ?? item.decision,
    }
    item.settled = { verdict, class_id: classId, uuid: op.uuid }
    this.steps.push({ step, at: this.at })
    this.queue.push([{ op, effects: [] }])
    this.announce(t("settled: {what}", { what: this.words(verdict, classId) }))
    this.onward()
    return true
  }

  words(verdict, classId) {
    if (verdict === "accept") return this.classes.get(classId)?.name ?? ""
    return verdict === "reject" ? t("rejected") : t("unsure")
  }

  /** To the next one that is not settled, behind this one or before it; stays where there is none. */
  onward() {
    const { items, at } = this
    const open = (_, place) => !items[place].settled
    const places = items.map((_, place) => place)
    const next = places.slice(at + 1).find((place) => open(null, place)) ?? places.find((place) => open(null, place))
    if (next !== undefined) this.at = next
    this.since = performance.now()
    this.changed()
  }

  /** Takes back the newest of this visit's own; the answers of people were never touched. */
  undo() {
    const last = this.steps.pop()
    if (!last) {
      this.announce(t("nothing of this visit is left to take back"))
      return false
    }
    this.queue.push([{ op: { op: "undo", uuid: newId(), step: last.step }, effects: [] }])
    this.items[last.at].settled = null
    this.at = last.at
    this.announce(t("taken back: it is unsettled again"))
    this.changed()
    return true
  }

  /** The server's word on what was sent. */
  settle(acknowledged) {
    for (const { record, result } of acknowledged) {
      if (record.op.kind !== "adjudication" || result.status === "saved" || result.status === "repeat") continue
      const item = this.items.find(({ id }) => id === record.op.face_id)
      if (item && result.status === "refused") item.settled = null
      this.announce(result.message || t("not understood"), true)
    }
    this.changed()
  }
}
