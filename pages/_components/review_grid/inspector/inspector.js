// Beside the grid: the focused face's whole photo and what is known about it. Over the grid: the same, large.

const AHEAD = 3 // faces whose pictures are fetched before they are looked at in focus mode
const STEP = 10 // per cent of brightness and contrast a key press
const ZOOM_STEP = 0.8

class Inspector {
  constructor(app, root, model, base) {
    this.root = root
    this.model = model
    this.base = base
    this.faces = new FaceCache(base)
    this.beside = new Photo(root.querySelector(".inspector .photo"))
    this.beside.onZoom = () => this.sharp()
    this.whole = new Photo(root.querySelector(".over .whole"))
    this.closeUp = new Viewer(root.querySelector(".over .close"), t("the mouth crop, large"))
    this.panel = root.querySelector(".inspector")
    this.whose = root.querySelector(".whose")
    this.facts = new Facts(root.querySelector(".facts"), model)
    this.notes = new Notes(app, root.querySelector(".notes"), base)
    this.gold = new Gold(app, root.querySelector(".known"), base)
    this.held = false // somebody writes a note: the face stays
    this.overBox = root.querySelector(".over")
    this.hovered = null // the card that a resting pointer asks about
    this.light = [root.querySelector(".brightness"), root.querySelector(".contrast")]
    for (const slider of this.light) {
      slider.oninput = () => this.showLight()
      slider.onpointerup = () => root.querySelector(".list").focus({ preventScroll: true })
    }
    this.showLight()
    this.mode = "" // "", "peek" or "focus"
    this.timer = 0
    this.ahead = new Map() // face id -> its pictures, held so that the browser does not drop them half-way
  }

  dispose() {
    clearTimeout(this.timer)
  }

  /** The focus moved (or its face changed): load its photo and facts after a short rest; at once while it is large. */
  scheduleLoad() {
    clearTimeout(this.timer)
    if (this.mode) this.showLarge()
    this.timer = setTimeout(() => this.load(), LOAD_DELAY_MS)
  }

  item() {
    return this.model.items[this.hovered ?? this.model.focus]
  }

  hover(at) {
    if (this.held || at === this.hovered || (at !== null && this.mode)) return
    this.hovered = at
    this.scheduleLoad()
  }

  async load() {
    const item = this.item()
    if (!item || this.held) return
    const n = count((this.hovered ?? this.model.focus) + 1)
    this.panel.dataset.id = item.id
    this.panel.classList.toggle("hovered", this.hovered !== null)
    this.whose.textContent = this.hovered === null ? t("face {n}", { n }) : t("under the pointer: face {n}", { n })
    if (this.hovered === null) this.preload()
    const face = await this.ask(item)
    if (!face) return
    this.beside.show(face, this.imageUrl("thumb", face))
    this.facts.show(face)
    this.notes.show(face)
    this.gold.show(face)
  }

  async ask(item) {
    try {
      const face = await this.faces.get(item.id)
      return this.item() === item ? face : null
    } catch (error) {
      if (this.item() === item) this.facts.problem(error.message)
      return null
    }
  }

  imageUrl(kind, face) {
    return `${this.base}api/image/${kind}/${face.sha256}?v=1`
  }

  sharp() {
    if (this.beside.thing) this.beside.sharpen(this.imageUrl("unified", this.beside.thing))
  }

  /** Have the next face's photo ready; in focus mode all of the next three. */
  preload() {
    const large = this.mode === "focus"
    const next = this.model.items.slice(this.model.focus + 1, this.model.focus + 1 + (large ? AHEAD : 1))
    for (const id of this.ahead.keys()) if (!next.some((item) => item.id === id)) this.ahead.delete(id)
    for (const item of next) this.fetchAhead(item, large)
  }

  async fetchAhead(item, large) {
    const held = this.ahead.get(item.id)
    if (held && (held.large || !large)) return
    const pictures = { large, close: large ? picture(cropUrl(this.base, item, CLOSE_UP_SIDE)) : null }
    this.ahead.set(item.id, pictures)
    try {
      pictures.whole = picture(this.imageUrl(this.mode ? "unified" : "thumb", await this.faces.get(item.id)))
    } catch (error) {
      this.ahead.delete(item.id)
      console.debug("Moue: not preloaded", error) // it will be asked for again when it is looked at
    }
  }

  // ---- over the grid
  setMode(mode) {
    if (mode === this.mode) return
    this.mode = mode
    this.hovered = null
    this.overBox.dataset.mode = mode
    this.overBox.hidden = !mode
    if (mode) this.showLarge()
    if (mode === "focus") this.preload()
  }

  async showLarge() {
    const item = this.item()
    if (!item) return
    if (this.mode === "focus") this.closeUp.show(item, cropUrl(this.base, item, CLOSE_UP_SIDE))
    this.badge()
    const face = await this.ask(item)
    if (face && this.mode) this.whole.show(face, this.imageUrl("unified", face))
  }

  badge() {
    if (!this.mode) return
    const state = this.model.state(this.model.focus)
    const label = this.root.querySelector(".over .label")
    const spec = this.model.classes.get(state.class_id)
    label.textContent = spec?.name ?? this.model.describe(state)
    label.style.background = spec?.colour ?? ""
    label.style.color = spec ? inkOn(spec.colour) : ""
  }

  // ---- focus mode: light and zoom. Each returns whether the key was ours.
  lighten(...steps) {
    if (this.mode !== "focus") return false
    this.light.forEach((slider, at) => (slider.valueAsNumber += steps[at] * STEP))
    return this.showLight()
  }

  resetView() {
    if (this.mode !== "focus") return false
    for (const slider of this.light) slider.value = 100
    this.closeUp.fit()
    this.whole.fit()
    return this.showLight()
  }

  /** What is seen changes, never what is stored. */
  showLight() {
    const [brightness, contrast] = this.light.map((slider) => slider.valueAsNumber / 100)
    this.overBox.style.setProperty("--light", `brightness(${brightness}) contrast(${contrast})`)
    for (const slider of this.light) {
      slider.nextElementSibling.textContent = t("{p} %", { p: slider.value })
      slider.setAttribute("aria-valuetext", t("{n} per cent", { n: slider.value }))
    }
    return true
  }

  zoom(by) {
    if (this.mode !== "focus") return false
    this.closeUp.zoomBy(ZOOM_STEP ** by)
    this.whole.zoomBy(ZOOM_STEP ** by)
    return true
  }
}

function picture(url) {
  const image = new Image()
  image.src = url
  return image
}
