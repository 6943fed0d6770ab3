// Labelling with suggestions: one class a page, and Enter confirms what is suggested there, from a threshold on that
// the person sets. Says which cards are meant and how many; the model (model.js) decides. No DOM in here.

const THRESHOLD_KEY = "moue:threshold:"
const THRESHOLD = 80 // per cent, until the person sets it
const SLIDER_STEP = 5 // of the slider

class Confirming {
  constructor(model) {
    this.model = model
    this.threshold = THRESHOLD
  }

  get on() {
    return Boolean(this.model.data?.labelling)
  }

  /** Another page is shown; the threshold is this person's. */
  begin() {
    const kept = Number(remembered(this.key()) ?? NaN)
    this.threshold = kept >= 0 && kept <= 100 ? kept : THRESHOLD
  }

  key() {
    const { workspace, annotator } = this.model.data
    return `${THRESHOLD_KEY}${workspace}:${annotator}`
  }

  set(threshold) {
    this.threshold = threshold
    remember(this.key(), threshold)
    this.model.changed(null)
  }

  /** The items of a page by class, in the order of the classes, the surest first; those without a suggestion last. */
  parts(items) {
    if (!this.on || !items.length) return [items]
    const places = new Map(this.model.data.classes.map(({ id }, at) => [id, at]))
    const found = new Map()
    for (const item of items) {
      const place = item.suggestion ? places.get(item.suggestion.class_id) : places.size
      found.set(place, [...(found.get(place) ?? []), item])
    }
    const sure = (item) => item.suggestion?.p ?? 0
    return [...found].sort(([one], [other]) => one - other).map(([, part]) => part.sort((a, b) => sure(b) - sure(a)))
  }

  /** The class of this page, undefined where it has none. */
  classId() {
    return this.model.items[0]?.suggestion?.class_id
  }

  /** Whether Enter would confirm it: an undecided face, nobody else's, as sure as the person wants it. */
  reaches(at) {
    const { suggestion } = this.model.items[at]
    return this.on && Boolean(suggestion) && suggestion.class_id === this.classId() && this.isSure(suggestion)
  }

  isSure({ p }) {
    return Math.round(p * 10000) >= this.threshold * 100
  }

  targets() {
    const known = this.model.active.some(({ id }) => id === this.classId())
    return known ? this.model.unclaimed().filter((at) => this.reaches(at)) : []
  }

  /** Where no face of this page reaches the threshold: the highest step of the slider that one does, else null. */
  highest() {
    if (!this.on || this.targets().length || !this.model.active.some(({ id }) => id === this.classId())) return null
    const sure = this.model.unclaimed().map((at) => this.model.items[at].suggestion?.p ?? 0)
    const best = Math.floor(Math.round(Math.max(0, ...sure) * 10000) / (100 * SLIDER_STEP)) * SLIDER_STEP
    return sure.length && best < this.threshold ? best : null
  }

  lower() {
    const best = this.highest()
    if (best !== null) this.set(best)
  }

  /** What the log keeps of it. */
  said(at) {
    const { suggester, batch } = this.model.data
    const { p, proof } = this.model.items[at].suggestion
    const looked = batch ? { in_batch: true } : {} // its faces were shown to be looked at, one class at a time
    const confirmed = { suggester: suggester.name, version: suggester.version, probability: p, proof, ...looked }
    return { context: { confirmed } }
  }

  /** One step over all that reach the threshold; how many, and how many stay. */
  confirm() {
    const { model } = this
    if (model.locked()) return true
    const targets = this.targets()
    if (!targets.length) return false
    if (model.onScreen.asksFirst(targets)) return true
    const classId = this.classId()
    if (!model.decide(targets, "accept", classId, null, newId(), (at) => this.said(at))) return true
    model.clearSelection()
    model.changed(null)
    model.announce(this.done(model.classes.get(classId).name, targets.length))
    return true
  }

  done(name, n) {
    const left = this.model.unclaimed().length
    const values = { name, n: count(n), left: count(left), p: count(this.threshold) }
    if (left) return t("{n} confirmed as “{name}”, one step; {left} below {p} % stay", values)
    return t("{n} confirmed as “{name}”, one step", values)
  }

  /** What Enter does, in words. */
  text() {
    const { model } = this
    const [n, all] = [this.targets().length, model.unclaimed().length]
    if (!all) return ""
    if (!n) return t("confirm: 0 of {all}", { all: count(all) })
    const name = model.classes.get(this.classId()).name
    return model.onScreen.told(t("confirm {n} of {all}: “{name}”", { n: count(n), all: count(all), name }), this.targets())
  }
}

/** What is suggested, as a person reads it. */
function suggestionText({ class_id: classId, p }, classes) {
  return t("“{name}”, {p} %", { name: classes.get(classId)?.name ?? "?", p: count(p * 100) })
}
