// What each class means, over the grid: one key away while labelling. The class is that of the face in focus, else the
// brush's; the face in focus can be made an example of it, or of what only seems to be one.

const EXAMPLE_SIDE = 112

class Guidelines {
  constructor(app, box, base) {
    this.app = app
    this.box = box
    this.base = base
    const find = (selector) => box.querySelector(selector)
    this.tabs = find(".tabs")
    this.text = find(".words")
    this.sides = { example: find(".examples"), counter: find(".counter") }
    this.problem = find(".problem")
    this.buttons = [...box.querySelectorAll("[data-example]")]
    for (const button of this.buttons) button.onclick = () => this.choose(button.dataset.example)
    this.overlay = new Overlay(app.overlays, box)
    find("[data-guide=close]").onclick = () => this.overlay.close()
    this.known = new Map()
    this.classId = null
    this.mayWrite = false
    this.chosen = Promise.resolve() // the choices so far
    this.asked = 0 // questions to the server
    this.heard = 0 // the number of the newest one of which the answer is shown
  }

  toggle() {
    if (this.overlay.isOpen()) return this.overlay.close()
    const { model } = this.app
    const state = model.items.length ? model.state(model.focus) : {}
    const wanted = state.class_id ?? model.brush?.class_id
    this.classId = model.active.some(({ id }) => id === wanted) ? wanted : model.active[0]?.id
    this.show()
    this.load(() => askJson(`${this.base}api/guidelines`))
    return this.overlay.open()
  }

  /** What is heard later counts only where it was asked later, too: else a choice that is saved would not show. */
  async load(ask) {
    const number = ++this.asked
    try {
      const { guidelines, may_write: mayWrite } = await ask()
      if (number < this.heard) return
      this.heard = number
      this.mayWrite = mayWrite
      this.known = new Map(guidelines.map((one) => [one.class_id, one]))
      this.problem.textContent = ""
    } catch (error) {
      if (number < this.heard) return
      this.problem.textContent = error.message
    }
    this.show()
  }

  show() {
    const { model } = this.app
    this.tabs.replaceChildren(...model.active.map((spec) => this.tab(spec)))
    const one = this.known.get(this.classId)
    this.text.textContent = one?.text || t("Nothing was written about this class yet: the page Guidelines is for that.")
    this.text.classList.toggle("quiet", !one?.text)
    for (const [side, list] of Object.entries(this.sides)) {
      const examples = (one?.examples ?? []).filter(({ counter }) => counter === (side === "counter"))
      list.replaceChildren(...examples.map((example) => this.picture(example)))
      list.parentElement.hidden = !examples.length
    }
    this.offer(model.items[model.focus], one?.examples ?? [])
  }

  /** What can be made of the face in focus, by who may. */
  offer(face, examples) {
    const now = examples.find((example) => example.face_id === face?.id)
    const side = now ? (now.counter ? "counter" : "example") : "none"
    for (const button of this.buttons) {
      button.hidden = !this.mayWrite || !face || button.dataset.example === side
    }
  }

  tab(spec) {
    const tab = this.app.toolbar.chip(spec, () => this.turnTo(spec.id))
    tab.setAttribute("aria-pressed", String(spec.id === this.classId))
    tab.title = ""
    return tab
  }

  turnTo(id) {
    this.classId = id
    this.show()
    return true
  }

  picture(example) {
    const picture = make("img")
    const name = this.app.model.classes.get(this.classId)?.name ?? ""
    picture.alt = example.counter ? t("not “{name}”, though it seems so", { name }) : t("an example of “{name}”", { name })
    picture.src = cropUrl(this.base, { id: example.face_id, v: example.crop_version }, EXAMPLE_SIDE)
    return picture
  }

  choose(side) {
    const face = this.app.model.items[this.app.model.focus]
    const body = { class_id: this.classId, face_id: face.id, as: side }
    // one after the other: two at once could be saved in another order than they are heard of
    this.chosen = this.chosen.then(() => this.load(() => postJson(`${this.base}api/guidelines/example`, body)))
    return this.chosen
  }

  /** A key while it is open: a class's key turns to it, any other closes. Returns whether it was ours. */
  key(spec) {
    return spec ? this.turnTo(spec.id) : this.overlay.close()
  }
}
