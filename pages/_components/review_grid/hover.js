// A pointer that rests on a card: its photo is shown beside the grid until the pointer leaves or a key is pressed.

const REST_MS = 400

class Hover {
  constructor(app) {
    this.app = app
    this.at = null // the card under the pointer
    this.timer = 0
    const { list } = app.grid
    list.onpointerover = (event) => this.over(event)
    list.onpointerleave = () => this.leave()
    list.addEventListener("pointerdown", () => this.cancel())
  }

  dispose() {
    clearTimeout(this.timer)
  }

  over(event) {
    const card = event.pointerType === "mouse" && !event.buttons ? event.target.closest(".card") : null
    const at = card ? Number(card.dataset.at) : null
    if (at === this.at) return
    this.leave()
    this.at = at
    if (at !== null) this.timer = setTimeout(() => this.app.inspector.hover(at), REST_MS)
  }

  leave() {
    this.cancel()
    this.at = null
  }

  /** A key or a click came: what is in focus counts, and an unsteady pointer does not change that. */
  cancel() {
    clearTimeout(this.timer)
    this.app.inspector.hover(null)
  }
}
