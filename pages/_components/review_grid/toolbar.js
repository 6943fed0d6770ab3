// The rows of text and buttons around the grid. They keep their height, whatever they say.

class Toolbar {
  constructor(app) {
    this.app = app
    const find = (selector) => app.root.querySelector(selector)
    this.brush = find(".brush")
    this.reasons = find(".reasons")
    this.status = find(".status")
    this.page = find(".page")
    this.left = find(".left")
    this.help = find(".help")
    this.slider = find(".side")
    this.rest = find(".rest")
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
      reject: () => app.reject(), unsure: () => app.unsure(), rest: () => app.rest(), undo: () => app.undo(),
      redo: () => app.redo(), plain: () => app.inspector.plain(), closer: () => app.inspector.zoom(1),
      farther: () => app.inspector.zoom(-1),
      next: () => app.turning.turn("next"), prev: () => app.turning.turn("prev"), like: () => app.turning.like(),
      help: () => app.dialogs.toggleHelp(), facts: () => app.dialogs.toggleFacts(), leave: () => app.toggleFocus(),
      focus: () => app.toggleFocus(), advance: () => app.toggleAdvance(),
    }
    for (const button of app.root.querySelectorAll("[data-do]")) {
      button.onclick = () => actions[button.dataset.do]()
      this.buttons.set(button.dataset.do, button)
    }
    this.slider.max = SIDES.length - 1
    this.slider.oninput = () => app.setSide(SIDES[this.slider.value])
    this.slider.onpointerup = () => app.grid.list.focus({ preventScroll: true })
    this.help.onclick = () => app.dialogs.closeHelp()
  }

  showSide(side) {
    this.slider.value = SIDES.indexOf(side)
    this.slider.setAttribute("aria-valuetext", t("{n} pixels", { n: side }))
  }

  build(data) {
    this.brush.replaceChildren(...this.app.model.active.map((spec) => this.chip(spec)))
    this.reasons.replaceChildren(make("span", "quiet", t("because")), ...[...REASON_KEYS].map(([key, reason]) => this.reason(key, reason)))
    this.app.root.classList.toggle("empty", !data.items.length)
    const table = this.help.querySelector("tbody")
    const keys = this.app.model.active.map((spec) => spec.key).join(" ")
    table.replaceChildren(...helpRows(keys).map(([key, what]) => {
      const row = make("tr")
      const head = make("th", "", key)
      head.scope = "row"
      row.append(head, make("td", "", what))
      return row
    }))
  }

  chip(spec) {
    const chip = make("button", "chip")
    chip.type = "button"
    chip.dataset.class = spec.id
    chip.style.setProperty("--class", spec.colour)
    chip.style.setProperty("--ink", inkOn(spec.colour))
    chip.append(make("kbd", "", spec.key), make("span", "name", spec.name), make("span", "letter", spec.letter))
    chip.title = t("label with {name} ({key})", { name: spec.name, key: spec.key })
    chip.onclick = () => this.app.label(spec)
    return chip
  }

  reason(key, reason) {
    const button = make("button", "reason")
    button.type = "button"
    button.append(make("kbd", "", key), ` ${reasonName(reason)}`)
    button.onclick = () => this.app.model.armed && this.app.because(reason)
    return button
  }

  refresh() {
    const { model, queue, root } = this.app
    if (!model.index) return
    const { brush, data } = model
    const left = model.countUndecided()
    for (const chip of this.brush.children) put(chip, "aria-pressed", String(Number(chip.dataset.class) === brush?.class_id))
    put(this.buttons.get("reject"), "aria-pressed", String(brush?.verdict === "reject"))
    root.classList.toggle("armed", Boolean(model.armed))
    put(this.rest, "text", this.next(left))
    this.rest.parentElement.disabled = left > 0 && !brush
    put(this.page, "text", this.where())
    put(this.left, "text", this.open(left))
    this.buttons.get("prev").disabled = !data.has_prev
    this.buttons.get("next").disabled = !data.has_next && !this.leftBefore()
    put(this.buttons.get("advance"), "aria-pressed", String(model.advance))
    this.showStatus(queue)
  }

  /** What Enter does. */
  next(left) {
    const { model } = this.app
    if (!left && (model.data.has_next || this.leftBefore())) return t("next page")
    return model.brush ? t("rest of page: {what}", { what: model.describe(model.brush) }) : t("rest of page")
  }

  open(left) {
    const { selected } = this.app.model
    if (selected.size) return t("{n} selected", { n: count(selected.size) })
    return left ? t("{n} undecided on this page", { n: count(left) }) : t("page done")
  }

  /** "Next" begins again: on the last page what was left out earlier, or that nothing is left, is still to be seen. */
  leftBefore() {
    const { model } = this.app
    const { data } = model
    return data.state === "undecided" && !data.has_next && (data.has_prev || !model.countUndecided())
  }

  where() {
    const { data } = this.app.model
    if (!data.items.length) return ""
    const first = data.position + 1
    const last = data.position + data.items.length
    return t("{first}–{last} of {all}", { first: count(first), last: count(last), all: count(data.total) })
  }

  showStatus(queue) {
    const waiting = queue.pending.length
    const { status } = this
    const state = waiting ? (queue.problem ? "retrying" : "saving") : queue.saved ? "saved" : "idle"
    put(status, "data-pending", String(waiting))
    put(status, "data-state", state)
    put(status, "text", {
      retrying: () => t("{n} not saved yet, retrying", { n: count(waiting) }),
      saving: () => t("saving {n}", { n: count(waiting) }),
      saved: () => t("saved ✓"),
      idle: () => "",
    }[state]())
    const kept = queue.saved ? t("{n} decisions of this visit are on disk", { n: count(queue.saved) }) : ""
    put(status, "title", waiting ? queue.problem : kept)
  }
}

function remembered(key) {
  try {
    return localStorage.getItem(key)
  } catch (error) {
    console.debug("Moue: no local storage", error)
    return null
  }
}

function remember(key, value) {
  try {
    localStorage.setItem(key, value)
  } catch (error) {
    console.debug("Moue: no local storage", error)
  }
}
