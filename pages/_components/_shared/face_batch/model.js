// A batch of faces, one after another, each to be answered by a key: which one is looked at, and which is next. What an
// answer is, and where it goes, is for who extends it. No DOM in here.

class FaceBatchModel {
  /** queue: a DecisionQueue. changed(): something is to be drawn. announce(text, isError). */
  constructor(queue, changed, announce) {
    this.queue = queue
    this.changed = changed
    this.announce = announce
    this.items = []
    this.at = 0
    this.steps = [] // own ones of this visit, newest last
    this.onQueue = ({ acknowledged }) => this.settle(acknowledged)
    queue.listeners.add(this.onQueue)
  }

  dispose() {
    this.queue.listeners.delete(this.onQueue)
  }

  /** A batch from the server. */
  load({ items, left, page_key: pageKey, classes }) {
    this.pageKey = pageKey
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

  /** How many are left: in the whole queue, less what was answered since it was loaded. */
  get left() {
    return Math.max(0, this.total - this.items.filter(({ answer }) => answer).length)
  }

  /** What is not saved yet. */
  get pending() {
    return this.queue.pending.length
  }

  /** Whether each face of this batch is answered: the next one may come. */
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

  words(verdict, classId) {
    if (verdict === "accept") return inQuotes(this.classes.get(classId)?.name ?? "?")
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

  /** The newest of this visit's own steps, which is to be taken back; null, and said so, where none is left. */
  lastStep() {
    const last = this.steps.pop()
    if (last) return last
    this.announce(t("nothing of this visit is left to take back"))
    return null
  }
}
