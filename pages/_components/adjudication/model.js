// The faces that people differ on, one after another, and how to take back what was settled. Pushes decisions of the
// kind "adjudication" to a queue. Uses ids.js and face_batch/model.js; no DOM in here.

class AdjudicationModel extends FaceBatchModel {
  /** verdict: accept, reject or unsure. classId: with accept. Shows it at once and goes on. */
  decide(verdict, classId = null) {
    const { item } = this
    if (!item) return false
    const step = newId()
    const op = {
      op: "decide", kind: "adjudication", uuid: newId(), step, face_id: item.id, sha256: item.sha, verdict, class_id: classId,
      reason: null, took_ms: Math.round(performance.now() - this.since), seen: item.answer?.uuid ?? item.decision,
    }
    item.answer = { verdict, class_id: classId, uuid: op.uuid }
    this.steps.push({ step, at: this.at })
    this.queue.push([{ op, effects: [] }])
    this.announce(t("settled: {what}", { what: this.words(verdict, classId) }))
    this.onward()
    return true
  }

  /** Takes back the newest of this visit's own; the answers of people were never touched. */
  undo() {
    const last = this.lastStep()
    if (!last) return false
    this.queue.push([{ op: { op: "undo", uuid: newId(), step: last.step }, effects: [] }])
    this.items[last.at].answer = null
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
      if (item && result.status === "refused") item.answer = null
      this.announce(result.message || t("not understood"), true)
    }
    this.changed()
  }
}
