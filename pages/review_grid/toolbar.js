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
      next: () => app.turn("next"), prev: () => app.turn("prev"), help: () => app.toggleHelp(),
      focus: () => app.toggleFocus(), advance: () => app.toggleAdvance(),
    }
    for (const button of app.root.querySelectorAll("[data-do]")) {
      button.onclick = () => actions[button.dataset.do]()
      this.buttons.set(button.dataset.do, button)
    }
    this.slider.max = SIDES.length - 1
    this.slider.oninput = () => app.setSide(SIDES[this.slider.value])
    this.slider.onpointerup = () => app.grid.list.focus({ preventScroll: true })
    this.help.onclick = () => app.closeHelp()
  }

  showSide(side) {
    this.slider.value = SIDES.indexOf(side)
    this.slider.setAttribute("aria-valuetext", `${side} pixels`)
  }

  build(data) {
    this.brush.replaceChildren(...this.app.model.active.map((spec) => this.chip(spec)))
    this.reasons.replaceChildren(make("span", "quiet", "because"), ...[...REASON_KEYS].map(([key, reason]) => this.reason(key, reason)))
    this.app.root.classList.toggle("empty", !data.items.length)
    const table = this.help.querySelector("tbody")
    const keys = this.app.model.active.map((spec) => spec.key).join(" ")
    table.replaceChildren(...HELP.map(([key, what]) => {
      const row = make("tr")
      row.append(make("th", "", key === "CLASSES" ? keys : key), make("td", "", what))
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
    chip.title = `label with ${spec.name} (${spec.key})`
    chip.onclick = () => this.app.label(spec)
    return chip
  }

  reason(key, reason) {
    const button = make("button", "reason")
    button.type = "button"
    button.append(make("kbd", "", key), ` ${reason.replaceAll("_", " ")}`)
    button.onclick = () => this.app.model.armed && this.app.because(reason)
    return button
  }

  refresh() {
    const { model, queue } = this.app
    if (!model.index) return
    const left = model.undecided().length
    const { brush } = model
    for (const chip of this.brush.children) chip.setAttribute("aria-pressed", Number(chip.dataset.class) === brush?.class_id)
    this.buttons.get("reject").setAttribute("aria-pressed", brush?.verdict === "reject")
    this.app.root.classList.toggle("armed", Boolean(model.armed))
    this.rest.textContent = left || !(model.data.has_next || this.leftBefore()) ? `rest of page${brush ? `: ${model.describe(brush)}` : ""}` : "next page"
    this.rest.parentElement.disabled = left > 0 && !brush
    this.page.textContent = this.where()
    this.left.textContent = model.selected.size
      ? `${count(model.selected.size)} selected`
      : left ? `${count(left)} undecided on this page` : "page done"
    const { data } = model
    this.buttons.get("prev").disabled = !data.has_prev
    this.buttons.get("next").disabled = !data.has_next && !this.leftBefore()
    this.buttons.get("advance").setAttribute("aria-pressed", model.advance)
    this.showStatus(queue)
  }

  /** "Next" begins again: on the last page what was left out earlier, or that nothing is left, is still to be seen. */
  leftBefore() {
    const { model } = this.app
    const { data } = model
    return data.state === "undecided" && !data.has_next && (data.has_prev || !model.undecided().length)
  }

  where() {
    const { data } = this.app.model
    if (!data.items.length) return ""
    const first = data.position + 1
    const last = data.position + data.items.length
    return `${count(first)}–${count(last)} of ${count(data.total)}`
  }

  showStatus(queue) {
    const waiting = queue.pending.length
    const { status } = this
    status.dataset.pending = waiting
    status.dataset.state = waiting ? (queue.problem ? "retrying" : "saving") : queue.saved ? "saved" : "idle"
    status.textContent = {
      retrying: `${count(waiting)} not saved yet, retrying`,
      saving: `saving ${count(waiting)}`,
      saved: "saved ✓",
      idle: "",
    }[status.dataset.state]
    status.title = waiting ? queue.problem : queue.saved ? `${count(queue.saved)} decisions of this visit are on disk` : ""
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
