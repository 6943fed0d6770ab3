// Labels that are probably slips, one after another, and how to take back what was answered. A change is a decision and
// goes to a queue; "kept" is posted. Uses ids.js and face_batch/model.js; no DOM in here.

class SlipModel extends FaceBatchModel {
  /** post(faceId, classId, keeps): a promise, rejected with an Error where it was not stored. */
  constructor(queue, post, changed, announce) {
    super(queue, changed, announce)
    this.post = post
    this.posting = 0
    this.last = Promise.resolve() // what is posted goes in order
    this.kept = 0
  }

  load(data) {
    this.kind = data.kind
    super.load(data)
  }

  get pending() {
    return super.pending + this.posting
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

  /** Takes back the newest of this visit's own. */
  undo() {
    const last = this.lastStep()
    if (!last) return false
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
