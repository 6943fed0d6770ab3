// The rows of text and buttons around the grid. They keep their height, whatever they say.

class Toolbar {
  constructor(app) {
    this.app = app
    const find = (selector) => app.root.querySelector(selector)
    this.brush = find(".brush")
    this.reasons = find(".reasons")
    this.status = find(".status")
    this.page = find(".page")
    this.undecidedLine = find(".left")
    this.help = find(".help")
    this.slider = find(".side")
    this.rest = find(".rest")
    this.threshold = find(".threshold")
    this.range = find(".threshold input")
    this.buttons = new Map()
    this.onQueue = () => app.refresh()
    app.queue.listeners.add(this.onQueue)
    // A click must not take the focus: the next key belongs to the grid.
    app.root.addEventListener("pointerdown", (event) => event.target.closest("button") && event.preventDefault())
    app.root.addEventListener("mousedown", (event) => event.target.closest("button") && event.preventDefault())
    this.wire()
  }

  dispose() {
    this.app.queue.listeners.delete(this.onQueue)
  }

  wire() {
    const { app } = this
    const actions = {
      reject: () => app.reject(), unsure: () => app.unsure(), rest: () => app.restOfPage(), undo: () => app.undo(),
      redo: () => app.redo(), plain: () => app.inspector.resetView(), closer: () => app.inspector.zoom(1),
      farther: () => app.inspector.zoom(-1),
      next: () => app.paging.turn("next"), prev: () => app.paging.turn("prev"), like: () => app.paging.like("looks"),
      help: () => app.dialogs.help.toggle(), facts: () => app.dialogs.facts.toggle(),
      leave: () => app.dialogs.large.close(),
      focus: () => app.dialogs.large.toggle(), guide: () => app.guidelines.toggle(),
      compare: () => app.compare.toggle(), advance: () => app.toggleAdvance(),
      offer: () => app.model.confirming.lower(), came: () => app.paging.again(),
    }
    for (const button of app.root.querySelectorAll("[data-do]")) {
      button.onclick = () => actions[button.dataset.do]()
      this.buttons.set(button.dataset.do, button)
    }
    this.slider.max = SIDES.length - 1
    this.slider.oninput = () => app.setSide(SIDES[this.slider.value])
    this.slider.onpointerup = () => app.grid.list.focus({ preventScroll: true })
    this.range.oninput = () => app.model.confirming.set(Number(this.range.value))
    this.range.onpointerup = () => app.grid.list.focus({ preventScroll: true })
    this.help.onclick = () => app.dialogs.help.close()
  }

  showSide(side) {
    this.slider.value = SIDES.indexOf(side)
    this.slider.setAttribute("aria-valuetext", t("{n} pixels", { n: side }))
  }

  build(data) {
    this.brush.replaceChildren(...this.app.model.active.map((spec) => this.chip(spec)))
    this.reasons.replaceChildren(make("span", "quiet", t("because")), ...[...REASON_KEYS].map(([key, reason]) => this.reason(key, reason)))
    this.app.root.classList.toggle("empty", !data.items.length)
    fillKeyTable(this.help, helpRows(this.app.model.active.map((spec) => spec.key).filter(Boolean).join(" ")))
  }

  chip(spec, action = () => this.app.label(spec)) {
    const chip = make("button", "chip")
    chip.dataset.class = spec.id
    chip.style.setProperty("--class", spec.colour)
    chip.style.setProperty("--ink", inkOn(spec.colour))
    if (spec.key) chip.append(make("kbd", "", spec.key))
    chip.append(make("span", "name", spec.name), make("span", "letter", spec.letter))
    chip.title = spec.key ? t("label with “{name}” ({key})", { name: spec.name, key: spec.key }) : t("label with “{name}”", { name: spec.name })
    chip.onclick = action
    return chip
  }

  reason(key, reason) {
    const button = make("button", "reason")
    button.append(make("kbd", "", key), ` ${reasonName(reason)}`)
    button.onclick = () => this.app.model.armed && this.app.setReason(reason)
    return button
  }

  refresh() {
    const { model, queue, root } = this.app
    if (!model.index) return
    const { brush, data } = model
    const undecided = model.claimed.size ? model.unclaimed().length : model.countUndecided()
    for (const chip of this.brush.children) writeIfChanged(chip, "aria-pressed", String(Number(chip.dataset.class) === brush?.class_id))
    writeIfChanged(this.buttons.get("reject"), "aria-pressed", String(brush?.verdict === "reject"))
    root.classList.toggle("armed", Boolean(model.armed))
    writeIfChanged(this.rest, "text", this.restText(undecided))
    this.rest.parentElement.disabled = undecided > 0 && !brush && !model.confirming.on
    this.showThreshold(model.confirming)
    writeIfChanged(this.page, "text", this.rangeText())
    writeIfChanged(this.undecidedLine, "text", this.countText(model.countUndecided()))
    this.buttons.get("prev").disabled = !data.has_prev
    this.buttons.get("next").disabled = !this.app.arrivals.hasNext() && !this.leftBefore()
    this.showArrivals(this.app.arrivals)
    writeIfChanged(this.buttons.get("advance"), "aria-pressed", String(model.advance))
    this.showStatus(queue)
  }

  /** From where on Enter confirms, and which class this page is. */
  showThreshold(confirming) {
    this.threshold.hidden = !confirming.on
    const best = confirming.highest()
    const offer = this.buttons.get("offer")
    offer.hidden = best === null
    if (best !== null) writeIfChanged(offer, "text", t("no face reaches it: from {p} %", { p: count(best) }))
    if (!confirming.on) return
    const value = t("{p} %", { p: count(confirming.threshold) })
    this.range.value = confirming.threshold
    writeIfChanged(this.range, "aria-valuetext", value)
    writeIfChanged(this.threshold.querySelector("output"), "text", value)
  }

  /** What has come since: a press shows it. */
  showArrivals(arrivals) {
    const button = this.buttons.get("came")
    button.hidden = !arrivals.offered()
    if (!button.hidden) writeIfChanged(button, "text", arrivals.text())
  }

  /** What Enter does. */
  restText(undecided) {
    const { model } = this.app
    if (undecided && model.confirming.on) return model.confirming.text()
    if (!undecided && model.parts[model.part + 1]) return t("next class")
    if (!undecided && model.data.batch) return t("next for me")
    if (!undecided && (this.app.arrivals.hasNext() || this.leftBefore())) return t("next page")
    if (!model.brush) return t("rest of page")
    return model.onScreen.told(t("rest of page: {what}", { what: model.describe(model.brush) }), model.unclaimed())
  }

  countText(undecided) {
    const { selected } = this.app.model
    if (selected.size) return t("{n} selected", { n: count(selected.size) })
    return undecided ? t("{n} undecided on this page", { n: count(undecided) }) : t("page done")
  }

  /** "Next" begins again: on the last page what was left out earlier, or that nothing is left, is still to be seen. */
  leftBefore() {
    const { model } = this.app
    const { data } = model
    return data.state === "undecided" && !data.has_next && (data.has_prev || !model.countUndecided())
  }

  rangeText() {
    const { data } = this.app.model
    if (!data.items.length) return ""
    if (data.batch) return this.batchText(data)
    const first = data.position + 1
    const last = data.position + data.items.length
    return t("{first}–{last} of {all}", { first: count(first), last: count(last), all: count(data.total + this.app.arrivals.count) })
  }

  /** How far one's own batch is. */
  batchText({ items, state }) {
    const all = count(items.length)
    if (state !== "undecided") return t("batch of {all}", { all })
    return t("batch: {n} of {all}", { n: count(this.app.model.countDecided()), all })
  }

  showStatus(queue) {
    const pending = queue.pending.length
    const { status } = this
    const state = pending ? (queue.problem ? "retrying" : "saving") : queue.saved ? "saved" : "idle"
    writeIfChanged(status, "data-pending", String(pending))
    writeIfChanged(status, "data-state", state)
    writeIfChanged(status, "text", {
      retrying: () => t("{n} not saved yet, retrying", { n: count(pending) }),
      saving: () => t("saving {n}", { n: count(pending) }),
      saved: () => t("saved ✓"),
      idle: () => "",
    }[state]())
    const kept = queue.saved ? t("{n} decisions of this visit are on disk", { n: count(queue.saved) }) : ""
    writeIfChanged(status, "title", pending ? queue.problem : kept)
  }
}
