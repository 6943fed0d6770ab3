// Two to four faces side by side, over the grid: the crops large, the whole photos, and what was measured of each.
// Which ones: those that are selected, else the one in focus and the one behind it.

const FEWEST = 2
const MOST = 4
const COMPARED_SIDE = 320

class Compare {
  constructor(app, box, base) {
    this.app = app
    this.box = box
    this.base = base
    this.list = box.querySelector(".faces")
    this.overlay = new Overlay(app.overlays, box)
    box.querySelector("[data-compare=close]").onclick = () => this.overlay.close()
  }

  /** Which cards are meant, the first four of them; none where there are not two. */
  meant() {
    const { model } = this.app
    const targets = model.targets()
    if (targets.length > 1) return targets.slice(0, MOST)
    return targets.length && targets[0] + 1 < model.items.length ? [targets[0], targets[0] + 1] : []
  }

  toggle() {
    return this.overlay.isOpen() ? this.overlay.close() : this.show(this.meant())
  }

  show(cards) {
    if (cards.length < FEWEST) {
      this.app.announce(t("Select two to four faces to compare them: Shift and an arrow, or t."))
      return true
    }
    const more = this.app.model.targets().length - MOST
    if (more > 0) this.app.announce(t("the first four are shown"))
    this.list.style.setProperty("--faces", cards.length)
    this.list.replaceChildren(...cards.map((at) => this.column(at)))
    return this.overlay.open()
  }

  column(at) {
    const { model, inspector } = this.app
    const item = model.items[at]
    const column = make("figure")
    const n = count(at + 1)
    const caption = make("figcaption", "", `${t("face {n}", { n })} · ${model.describe(model.state(at))}`)
    const measured = make("div", "measured")
    const whole = make("img", "whole")
    whole.alt = t("the photo of face {n}", { n })
    const crop = make("img", "crop")
    crop.alt = t("the mouth of face {n}", { n })
    crop.src = cropUrl(this.base, item, COMPARED_SIDE)
    column.append(caption, crop, whole, measured)
    inspector.faces.get(item.id).then(
      (face) => {
        whole.src = `${this.base}api/image/overlay/${face.sha256}?face=${item.id}`
        measured.replaceChildren(inspector.facts.quality(face))
      },
      (error) => measured.replaceChildren(make("p", "problem", t("No details: {why}.", { why: error.message }))),
    )
    return column
  }
}
