// What the page shows and what a decision does to it: what the server last said (base) and, over it, what is not
// acknowledged yet. Uses text.js, results.js, the queue and the role lock. No DOM in here.

const LONGEST_VIEW_MS = 600000 // who took longer was away

/** A face's state, without what else the server tells of it. */
const plain = ({ verdict = null, class_id = null, reason = null }) => ({ verdict, class_id, reason })

class GroupModel {
  constructor(queue, changed, announce) {
    this.queue = queue
    this.changed = changed // (groups | null) => void: these groups (or all) look different
    this.announce = announce
    this.lock = new RoleLock(announce)
    this.groups = []
    this.results = new GroupResults(this)
    this.onQueue = (event) => (event.adopted ? this.repaint() : this.results.settle(event.acknowledged))
    queue.listeners.add(this.onQueue)
  }

  dispose() {
    this.queue.listeners.delete(this.onQueue)
  }

  load(data) {
    this.data = data
    this.classes = new Map(data.classes.map((spec) => [spec.id, spec]))
    this.groups = data.groups.map((found) => ({ ...found, chosen: this.at(found, found.keeper) }))
    // decisions: face id -> the UUID of the one that counts
    this.base = { faces: new Map(), apart: new Set(), decisions: new Map() }
    this.where = new Map() // face id -> its group's index
    this.groups.forEach(({ members, apart }, at) => members.forEach((member) => {
      if (apart) this.base.apart.add(`${at}/${member.sha}`) // an image can be in several pairs marked as not the same
      for (const face of member.faces) {
        this.where.set(face.id, at)
        this.base.faces.set(face.id, plain(face))
        this.base.decisions.set(face.id, face.decision)
      }
    }))
    this.overlay()
    this.pageTurning = false
    this.group = Math.max(0, this.groups.findIndex((_, at) => this.open(at)))
    this.member = this.groups[this.group]?.chosen ?? 0
    this.since = performance.now()
  }

  /** The focus goes to that photo; whether the page shows it. */
  comeBack(sha) {
    const group = this.groups.findIndex(({ members }) => members.some((member) => member.sha === sha))
    if (group >= 0) this.focus(group, this.at(this.groups[group], sha))
    return group >= 0
  }

  at(group, sha) {
    return Math.max(0, group.members.findIndex((member) => member.sha === sha))
  }

  overlay() {
    this.faces = new Map(this.base.faces)
    this.apart = new Set(this.base.apart)
    for (const { effects } of this.queue.pending) {
      for (const [id, state] of effects.faces ?? []) if (this.faces.has(id)) this.faces.set(id, state)
      if (effects.page !== this.data.page_key) continue // of a page that was left
      for (const [sha, away] of effects.apart ?? []) this.apart[away ? "add" : "delete"](`${effects.at}/${sha}`)
    }
  }

  repaint() {
    if (!this.data) return
    this.overlay()
    this.changed(null)
  }

  // ---- what is so
  /** The decisions that the eye saw on these faces: the server stores nothing over another one by somebody else. */
  seen(ids) {
    return Object.fromEntries(ids.map((id) => [id, this.base.decisions.get(id) ?? ""]))
  }

  state(face) {
    return this.faces.get(face.id)
  }

  /** A photo that still has a face not rejected. */
  stands(member) {
    return member.faces.some((face) => this.state(face).verdict !== "reject")
  }

  away(at, member) {
    return this.apart.has(`${at}/${member.sha}`)
  }

  /** What a card of a photo shows: away: said not to be the same; chosen, suggested: by the person, by the rules. */
  memberStatus(at, number) {
    const { members, chosen, keeper } = this.groups[at]
    const member = members[number]
    const away = this.away(at, member)
    return { away, stands: this.stands(member), chosen: chosen === number && !away, suggested: keeper === member.sha }
  }

  together(at) {
    return this.groups[at].members.filter((member) => !this.away(at, member))
  }

  open(at) {
    return this.together(at).filter((member) => this.stands(member)).length > 1
  }

  /** The label conflicts that are left: class ids that the copies of one face carry. */
  conflicts(at) {
    return this.groups[at].conflicts.map((faces) => this.labelsOf(faces)).filter((ids) => ids.length > 1)
  }

  labelsOf(faces) {
    const states = faces.map((id) => this.faces.get(id)).filter((state) => state.verdict === "accept")
    const ids = new Set(states.map((state) => state.class_id))
    return [...this.classes.keys()].filter((id) => ids.has(id)) // in the classes' order
  }

  // ---- looking
  focus(group, member = this.groups[group].chosen) {
    const before = this.group
    this.group = group
    this.member = member
    this.since = performance.now()
    this.changed([before, group])
  }

  choose(group, member) {
    if (!this.groups[group].members[member]) return
    this.groups[group].chosen = member
    this.focus(group, member)
  }

  /** To the next open group, if any is left on this page; the earlier ones come last. */
  onward(from) {
    const order = this.groups.map((_, n) => (from + 1 + n) % this.groups.length)
    const next = order.find((at) => this.open(at))
    if (next === undefined) {
      this.focus(from, this.member)
      return false
    }
    this.focus(next)
    return true
  }

  // ---- deciding: shown at once, then queued
  locked() {
    return this.lock.stops(this.data.locked)
  }

  push(op, effects, step) {
    const uuid = newId()
    const now = performance.now()
    const took = Math.round(Math.min(LONGEST_VIEW_MS, now - this.since))
    this.since = now
    if (step) {
      this.queue.steps.push({ ...step, uuid, page: this.data.page_key })
      this.queue.remember()
    }
    const page = this.data.page_key
    this.queue.push([{ op: { ...op, uuid, took_ms: took }, effects: { ...effects, page } }])
    this.overlay()
    this.changed([...this.touched(effects)])
  }

  /** The groups of this page that an effect is about. */
  touched({ page = this.data.page_key, at, faces = [] }) {
    const groups = new Set(faces.map(([id]) => this.where.get(id)))
    if (page === this.data.page_key) groups.add(at)
    groups.delete(undefined)
    return groups
  }

  keep(group, member) {
    if (this.pageTurning || this.locked()) return false
    const kept = this.groups[group].members[member]
    const others = this.together(group).filter((one) => one !== kept && this.stands(one))
    if (this.away(group, kept)) return this.refuse(t("this photo was said not to be the same; keep another one"))
    if (!this.stands(kept)) return this.refuse(t("no face of this photo stands: z takes a step back, or keep another one"))
    if (!others.length) return this.refuse(t("nothing else is left to reject in this group"))
    const rejected = { verdict: "reject", class_id: null, reason: "duplicate" }
    const faces = others.flatMap((one) => one.faces).filter((face) => this.state(face).verdict !== "reject")
    const photos = counted(others.length, t("1 other photo"), t("{n} other photos"))
    const what = t("kept photo {n}, rejected {faces} of {photos}", { n: member + 1, faces: facesOf(faces.length), photos })
    this.groups[group].chosen = member
    this.push(
      { op: "keep", sha256: kept.sha, members: this.shas(group), seen: this.seen(faces.map((face) => face.id)) },
      { at: group, faces: faces.map((face) => [face.id, rejected]) },
      { kind: "keep", at: group, what, before: faces.map((face) => [face.id, this.state(face)]) },
    )
    this.announce(what)
    return true
  }

  /** `member` null: none of them are the same. */
  separate(group, member) {
    if (this.pageTurning || this.locked()) return false
    const together = this.together(group)
    const one = member === null ? null : this.groups[group].members[member]
    if (one && this.away(group, one)) return this.rejoin(group, member)
    if (together.length < 2) return this.refuse(t("nothing is left here to tell apart"))
    const gone = (one && together.length > 2 ? [one] : together).map(({ sha }) => sha)
    const pairs = couples(together.map(({ sha }) => sha)).filter((pair) => !one || pair.includes(one.sha))
    const what = one ? t("not the same: photo {n}", { n: member + 1 }) : t("not the same: all {n} photos", { n: together.length })
    this.push(
      { op: "apart", sha256: one?.sha ?? null, members: this.shas(group) },
      { at: group, apart: gone.map((sha) => [sha, true]) },
      { kind: "apart", at: group, what, gone, pairs, members: this.shas(group) },
    )
    this.announce(t("{what}; remembered", { what }))
    return true
  }

  rejoin(group, member) {
    const { members } = this.groups[group]
    const one = members[member]
    const together = this.together(group)
    const others = (together.length ? together : members.filter((other) => other !== one)).map(({ sha }) => sha)
    const back = members.length === 2 ? this.shas(group) : [one.sha]
    this.push(
      { op: "together", pairs: others.map((sha) => [sha, one.sha].sort()), members: this.shas(group) },
      { at: group, apart: back.map((sha) => [sha, false]) },
      null,
    )
    this.announce(t("photo {n} counts as the same again", { n: member + 1 }))
    return true
  }

  label(group, faces, spec) {
    if (this.pageTurning || !faces.length || this.locked()) return false
    const { members } = this.groups[group]
    const owner = new Map(members.flatMap(({ sha, faces: own }) => own.map((face) => [face.id, sha])))
    const what = `${inQuotes(spec.name)}: ${facesOf(faces.length)}`
    this.push(
      { op: "label", class_id: spec.id, members: this.shas(group), faces: faces.map((id) => [id, owner.get(id)]), seen: this.seen(faces) },
      { at: group, faces: faces.map((id) => [id, { verdict: "accept", class_id: spec.id, reason: null }]) },
      { kind: "label", at: group, what, before: faces.map((id) => [id, this.faces.get(id)]) },
    )
    this.announce(what)
    return true
  }

  /** Take the newest step back: decisions by the log's own undo, a "not the same" by its opposite. */
  undo() {
    if (this.pageTurning || this.locked()) return
    const last = this.queue.steps.pop()
    this.queue.remember()
    if (!last) return void this.push({ op: "undo", members: [], step: null }, { faces: [] }, null)
    const here = last.page === this.data.page_key ? last.at : undefined
    const { pairs, members, before = [] } = last
    if (last.kind === "apart") {
      this.push({ op: "together", pairs, members }, { at: here, apart: last.gone.map((sha) => [sha, false]) }, null)
    } else {
      this.push({ op: "undo", members: [], step: last.uuid ?? null }, { faces: before }, null)
    }
    this.announceUndone(last.what, here ?? this.where.get(before[0]?.[0]))
  }

  announceUndone(what, group) {
    if (group !== undefined) this.focus(group)
    this.announce(group === undefined ? t("took back: {what}, on another page", { what }) : t("took back: {what}", { what }))
  }

  shas(group) {
    return this.groups[group].members.map((member) => member.sha)
  }

  refuse(text) {
    this.announce(text, true)
    return false
  }
}

const couples = (shas) => shas.flatMap((a, n) => shas.slice(n + 1).map((b) => [a, b].sort()))
