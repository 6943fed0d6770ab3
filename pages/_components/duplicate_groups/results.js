// What the server says about decisions: acknowledged, refused, and what an undo gave. Writes it into the model's base.
// Uses the model (model.js). No DOM in here.

class GroupResults {
  constructor(model) {
    this.model = model
  }

  settle(acknowledged) {
    const { model } = this
    if (!model.data || !acknowledged.length) return
    const groups = new Set()
    for (const { record, result } of acknowledged) {
      model.touched(record.effects).forEach((at) => groups.add(at))
      this.faces(result.faces ?? []).forEach((at) => groups.add(at))
      const here = record.effects.page === model.data.page_key
      // a refusal that the queue itself made knows of no groups
      if (here && result.groups) this.regroup(record.effects.at, record.op.members, result.groups)
      if (result.differs?.length) this.overtaken(record, result)
      if (result.status === "refused") this.refused(record, result)
      else if (record.op.op === "undo") this.undone(record, result)
    }
    model.overlay()
    model.changed([...groups])
  }

  /** Takes over what the server says of faces, and returns the groups that they are in; other pages have none. */
  faces(found) {
    const { base, where } = this.model
    const here = found.filter((face) => where.has(face.face_id))
    for (const face of here) {
      base.faces.set(face.face_id, plain(face))
      base.decisions.set(face.face_id, face.decision)
    }
    return here.map((face) => where.get(face.face_id))
  }

  refused({ op }, { message }) {
    const { model } = this
    model.queue.steps = model.queue.steps.filter((step) => step.uuid !== op.uuid)
    model.queue.remember()
    model.announce(t("not taken: {why}", { why: message }), true)
  }

  /** Faces that somebody else decided since this page saw them: they stay, also if one's own answer is taken back. */
  overtaken({ op }, { differs }) {
    const { model } = this
    const states = new Map(differs.map((face) => [face.face_id, plain(face)]))
    for (const step of model.queue.steps) {
      if (step.uuid === op.uuid && step.before) {
        step.before = step.before.map(([id, before]) => [id, states.get(id) ?? before])
      }
    }
    model.queue.remember()
    const name = [...new Set(differs.map(({ annotator }) => annotator))].join(", ")
    if (differs.length > 1) {
      const n = numbers.format(differs.length)
      return model.announce(t("{n} were decided by {name} meanwhile and stay", { n, name }), true)
    }
    const [, word, spec] = badgeOf(plain(differs[0]), model.classes)
    const what = spec ? inQuotes(word) : word
    return model.announce(t("decided meanwhile by {name}: {what}; decide again to overrule it", { name, what }), true)
  }

  /** Who is still together, and who would be kept, of the photos of one group on this page. */
  regroup(at, members, found) {
    const { model } = this
    if (at === undefined) return
    const mine = new Set(members)
    const main = found.map((one) => ({ ...one, here: one.members.filter((sha) => mine.has(sha)) }))
      .sort((a, b) => b.here.length - a.here.length)[0]
    for (const sha of members) {
      model.base.apart[main?.here.includes(sha) && main.here.length > 1 ? "delete" : "add"](`${at}/${sha}`)
    }
    const group = model.groups[at]
    if (!main || main.keeper === group.keeper || !mine.has(main.keeper)) return
    if (model.base.apart.has(`${at}/${group.members[group.chosen].sha}`)) group.chosen = model.at(group, main.keeper)
    group.keeper = main.keeper
    group.reason = main.reason
  }

  undone(record, result) {
    const { model } = this
    const foreseen = new Set((record.effects.faces ?? []).map(([id]) => id))
    const faces = result.faces ?? []
    const same = faces.length === foreseen.size && faces.every((face) => foreseen.has(face.face_id))
    if (result.status !== "saved" || (foreseen.size && same)) return
    if (!faces.length) model.announce(t("nothing to undo"))
    else {
      const here = faces.map((face) => model.where.get(face.face_id)).find((at) => at !== undefined)
      model.announceUndone(t("your last step, {faces}", { faces: facesOf(faces.length) }), here)
    }
  }
}
