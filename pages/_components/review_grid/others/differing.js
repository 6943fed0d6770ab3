// One's own answers that somebody else decided otherwise meanwhile: which, until each is read. The list is kept in the
// tab's storage: it outlives a turn of the page and a reload. Uses ids.js, announce.js and model.js; its card the DOM.

const DIFFERS_KEY = "moue:differs:"

class Differing {
  constructor(model, name, changed) {
    this.model = model
    this.name = DIFFERS_KEY + name
    this.changed = changed
    this.entries = this.stored()
  }

  stored() {
    try {
      return JSON.parse(sessionStorage.getItem(this.name) ?? "[]")
    } catch (error) {
      console.warn("Moue: what differed before is not known", error)
      return []
    }
  }

  /** The one that is shown: the oldest. {id, sha, v, mine: {verdict, class_id, reason}, other: what counts} */
  get first() {
    return this.entries[0]
  }

  add(entry) {
    this.set([...this.entries.filter(({ id }) => id !== entry.id), entry])
  }

  /** Read, decided anew or taken back. */
  drop(face) {
    if (this.entries.some(({ id }) => id === face)) this.set(this.entries.filter(({ id }) => id !== face))
  }

  set(entries) {
    this.entries = entries
    try {
      sessionStorage.setItem(this.name, JSON.stringify(entries))
    } catch (error) {
      console.warn("Moue: no session storage", error)
    }
    this.changed()
  }

  leave() {
    if (this.first) this.drop(this.first.id)
  }

  /** The same answer once more, knowing the other one: under the rule "latest" it counts then. The hand stays. */
  again() {
    const { model, first } = this
    if (!first || model.pageTurning || model.locked?.()) return
    const { id, sha, mine, other } = first
    const step = newId()
    const op = { op: "decide", uuid: newId(), step, face_id: id, sha256: sha, ...mine, took_ms: 0, seen: other.decision }
    const state = { ...mine, annotator: model.data.annotator, decision: op.uuid }
    const record = { op, effects: [[id, state]] }
    model.note(step, [[id, model.shown.get(id) ?? other]], [record])
    model.errors.delete(id)
    model.overtaken.delete(id)
    model.overlay(record)
    this.drop(id)
    const at = model.index.get(id)
    model.changed(at === undefined ? [] : [at], [id])
    model.announce(t("decided again: {what}", { what: model.describe(state) }))
    model.queue.push([record])
  }

  words({ id, mine, other }) {
    const { model } = this
    const at = model.index?.get(id)
    return {
      which: at === undefined ? t("face {face}, on another page", { face: id.slice(0, 8) }) : t("face {n} of this page", { n: count(at + 1) }),
      what: t("{name} decided meanwhile: {what}. You: {mine}. Both are kept; {name}'s counts.",
        { name: other.annotator, what: model.describe(other), mine: model.describe(mine) }),
    }
  }
}

class DifferingCard {
  constructor(box, differing, base) {
    this.box = box
    this.differing = differing
    this.base = base
    this.picture = box.querySelector("img")
    box.addEventListener("pointerdown", (event) => event.preventDefault()) // the keys stay where they are
    box.querySelector("[data-differs=again]").addEventListener("click", () => differing.again())
    box.querySelector("[data-differs=leave]").addEventListener("click", () => differing.leave())
  }

  refresh() {
    const { first, entries } = this.differing
    this.box.hidden = !first
    if (!first) return
    const { which, what } = this.differing.words(first)
    writeIfChanged(this.picture, "src", cropUrl(this.base, first, 64))
    writeIfChanged(this.box.querySelector(".which"), "text", which)
    writeIfChanged(this.box.querySelector(".what"), "text", what)
    const more = entries.length > 1 ? t("{n} more", { n: count(entries.length - 1) }) : ""
    writeIfChanged(this.box.querySelector(".more"), "text", more)
  }
}
