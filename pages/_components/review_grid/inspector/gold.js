// Gold: what counts on the face in focus is its known answer from now on, to see how well people answer. For those who
// may choose it; others see no button. The key is the button's.

class Gold {
  constructor(app, bar, base) {
    this.app = app
    this.bar = bar
    this.base = base
    this.button = bar.querySelector("button")
    this.words = bar.querySelector(".words")
    this.button.onclick = () => this.toggle()
    this.face = null
  }

  allowed() {
    return Boolean(this.app.model.data.may_gold)
  }

  /** face: as the server tells it, with `gold`. */
  show(face) {
    this.face = face
    this.bar.hidden = !this.allowed()
    this.button.setAttribute("aria-pressed", String(Boolean(face.gold)))
    this.words.textContent = face.gold ? t("its answer is known") : ""
  }

  /** The face in focus; returns whether the key was ours. */
  toggle() {
    const { model } = this.app
    const item = model.items[model.focus]
    if (!item || !this.allowed()) return false
    this.send(item, model.state(model.focus))
    return true
  }

  async send(item, state) {
    try {
      const face = await this.app.inspector.faces.get(item.id)
      if (!face.gold && !state.verdict) {
        this.app.announce(t("decide on the face first: that is its known answer then"), true)
        return
      }
      const answer = face.gold ? { verdict: "none" } : { verdict: state.verdict, class_id: state.class_id, reason: state.reason }
      const { gold } = await postJson(`${this.base}api/gold`, { face_id: item.id, ...answer })
      face.gold = gold
      if (this.face?.id === face.id) this.show(face)
      this.app.announce(gold ? t("gold: {what}", { what: this.app.model.describe(state) }) : t("not gold any more"))
    } catch (error) {
      this.app.announce(error.message, true)
    }
  }
}
