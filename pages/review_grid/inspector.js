// Beside the grid: the focused face's whole photo and what is known about it. Over the grid: the same, large.

class Inspector {
  constructor(root, model, base) {
    this.root = root
    this.model = model
    this.base = base
    this.faces = new FaceBook(base)
    this.beside = new Photo(root.querySelector(".inspector .photo"))
    this.beside.onZoom = () => this.sharp()
    this.over = new Photo(root.querySelector(".over .photo"))
    this.facts = root.querySelector(".facts")
    this.overBox = root.querySelector(".over")
    this.large = root.querySelector(".over .large")
    this.mode = "" // "", "peek" or "focus"
    this.timer = 0
  }

  dispose() {
    clearTimeout(this.timer)
  }

  /** The focus moved (or its face changed): look at it once the hand rests; at once while it is large. */
  look() {
    clearTimeout(this.timer)
    if (this.mode) this.showLarge()
    this.timer = setTimeout(() => this.open(), LOOK_MS)
  }

  item() {
    return this.model.items[this.model.focus]
  }

  async open() {
    const item = this.item()
    if (!item) return
    this.root.querySelector(".inspector").dataset.id = item.id
    const face = await this.ask(item)
    if (!face) return
    this.beside.show(face, this.imageUrl("thumb", face))
    this.tell(face)
    this.warm()
  }

  async ask(item) {
    try {
      const face = await this.faces.get(item.id)
      return this.item() === item ? face : null
    } catch (error) {
      if (this.item() === item) this.facts.replaceChildren(make("p", "problem", `No details: ${error.message}.`))
      return null
    }
  }

  imageUrl(kind, face) {
    return `${this.base}api/image/${kind}/${face.sha256}?v=1`
  }

  sharp() {
    if (this.beside.face) this.beside.sharpen(this.imageUrl("unified", this.beside.face))
  }

  /** Have the next face's photo ready. */
  async warm() {
    const next = this.model.items[this.model.focus + 1]
    if (!next) return
    try {
      new Image().src = this.imageUrl(this.mode ? "unified" : "thumb", await this.faces.get(next.id))
    } catch (error) {
      console.debug("Moue: not preloaded", error) // it will be asked for again when it is looked at
    }
  }

  // ---- over the grid
  setMode(mode) {
    if (mode === this.mode) return
    this.mode = mode
    this.overBox.dataset.mode = mode
    this.overBox.hidden = !mode
    if (mode) this.showLarge()
  }

  async showLarge() {
    const item = this.item()
    if (!item) return
    this.large.src = cropUrl(this.base, item, 512)
    this.badge()
    const face = await this.ask(item)
    if (face && this.mode) this.over.show(face, this.imageUrl("unified", face))
  }

  badge() {
    const state = this.model.state(this.model.focus)
    const label = this.root.querySelector(".over .label")
    const spec = this.model.classes.get(state.class_id)
    label.textContent = this.model.describe(state)
    label.style.background = spec?.colour ?? ""
    label.style.color = spec ? inkOn(spec.colour) : ""
  }

  // ---- facts
  tell(face) {
    const { image } = face
    const rows = [
      ["image", `${basename(image.location)} · ${count(image.width)} × ${count(image.height)}`, image.location],
      ["source", image.source],
      ["face", `${face.detector}${face.score === null ? "" : ` ${face.score.toFixed(2)}`} · crop ${count(face.crop[2])} px`],
    ]
    if (face.proposal !== null) rows.push(["proposed", this.model.classes.get(face.proposal)?.name ?? "?"])
    const list = make("dl")
    for (const [name, value, title] of rows) {
      const definition = make("dd", "", value)
      definition.title = title ?? value
      list.append(make("dt", "", name), definition)
    }
    this.facts.replaceChildren(list, this.quality(face), this.history(face))
  }

  /** What was measured of the face, in two columns. */
  quality(face) {
    const list = make("dl", "quality")
    for (const { label, value, unit, help } of face.quality ?? []) {
      const name = make("dt", "", label)
      name.title = help
      list.append(name, make("dd", "", unit === "px" ? `${value} px` : `${value}${unit}`))
    }
    return list
  }

  history(face) {
    if (!face.history.length) return make("p", "quiet", "not decided yet")
    const list = make("ol", "history")
    for (const entry of face.history.slice(-8).reverse()) {
      const line = make("li", entry.undone ? "undone" : "")
      const when = new Date(entry.at)
      line.append(make("b", "", this.model.describe(entry)), make("span", "", ` ${entry.annotator} · ${when.toLocaleString()}`))
      if (entry.undone) line.append(make("span", "", " · taken back"))
      list.append(line)
    }
    return list
  }
}

function basename(location) {
  return location.split(/[\\/!]/).filter(Boolean).at(-1) ?? location
}

function count(number) {
  return Math.round(number).toLocaleString("en")
}
