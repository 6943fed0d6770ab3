// The component: a map of all faces by what their mouths look like (principal components, computed by the server).
//   gestures.js → here → painting.js, crops.js; a set goes to POST /api/selections, and Review opens it.

const numbers = new Intl.NumberFormat("en")
const CROP = 56
const MOST_CROPS = 160
const REACH = 14
const MARGIN = 48

class App {
  constructor(root, data) {
    Object.assign(this, { root, base: data.base, mode: "move", by: "class", hidden: [], points: null, selected: null })
    Object.assign(this, { chosen: 0, busy: false })
    this.lower = this.find(".points")
    this.upper = this.find(".above")
    this.view = new MapView()
    this.crops = new Crops(this.base, () => {
      this.draw()
      if (this.under) this.hover(this.under)
    })
    this.toolbar = new Toolbar(this)
    this.gestures = new Gestures(this, this.upper)
    this.sizes = new ResizeObserver(() => this.resize())
    this.sizes.observe(this.find(".stage"))
  }

  dispose() {
    this.sizes.disconnect()
    this.crops.dispose()
    cancelAnimationFrame(this.frame)
  }

  find(selector) {
    return this.root.querySelector(selector)
  }

  update(data, trigger) {
    this.trigger = trigger
    this.classes = data.classes
    this.locked = data.locked
    if (!this.points && !this.loading) this.loading = this.load()
    this.toolbar.update(this)
  }

  async load() {
    this.announce(t("loading"))
    try {
      const answer = await reach(`${this.base}api/map`)
      if (!answer.ok) throw new Error((await answer.json().catch(() => ({}))).error ?? String(answer.status))
      this.points = decodePoints(await answer.arrayBuffer())
    } catch (error) {
      this.loading = null
      return this.announce(t("the map could not be loaded: {why}", { why: error.message }), true)
    }
    this.selected = new Uint8Array(this.points.n)
    this.colourBy(this.by)
    this.resize()
    this.act("zoom:all")
    this.root.dataset.ready = "yes"
    return this.announce(this.told())
  }

  told() {
    const { n, described, faces } = this.points
    const [all, drawn, known] = [faces, n, described].map((one) => numbers.format(one))
    if (n < described) return t("{n} of {all} faces are drawn, evenly chosen", { n: drawn, all: known })
    if (described < faces) return t("{n} of {all} faces: the others are not described yet", { n: known, all })
    return t("{n} faces: the nearer, the more alike their mouths look", { n: all })
  }

  colourBy(by) {
    this.by = by
    if (!this.points) return
    Object.assign(this, groupsBy(by, this.points, this.classes))
    this.hidden = this.groups.map(() => false)
    this.toolbar.legend(this.groups, this.hidden)
    this.draw()
  }

  act(name) {
    const [what, value] = name.split(":")
    const { width, height } = this.view
    const action = {
      mode: () => { this.mode = value },
      zoom: () => {
        if (value === "all") this.view.fit(this.points ?? { n: 0 }, MARGIN)
        else this.view.zoom(value === "in" ? 1.5 : 1 / 1.5, width / 2, height / 2)
      },
      group: () => {
        this.hidden[value] = !this.hidden[value]
        this.find(`[data-act="${name}"]`).setAttribute("aria-pressed", String(!this.hidden[value]))
      },
      clear: () => this.choose(new Uint8Array(this.points?.n ?? 0)),
      open: () => void this.open(),
    }[what]
    action()
    this.hover(null)
    this.toolbar.update(this)
    this.draw()
  }

  isShown(at) {
    return !this.hidden[this.of[at]]
  }

  pan(across, down) {
    this.view.pan(across, down)
    this.draw()
  }

  zoom(factor, x, y) {
    this.view.zoom(factor, x, y)
    this.draw()
  }

  inside(path) {
    return insidePolygon(this.points, path.map(([x, y]) => this.view.toPlane(x, y)), (at) => this.isShown(at))
  }

  select(path, adds) {
    if (!this.points) return
    const found = this.inside(path)
    if (adds) for (let at = 0; at < found.length; at++) found[at] |= this.selected[at]
    this.choose(found)
  }

  choose(found) {
    this.selected = found
    this.chosen = found.reduce((sum, one) => sum + one, 0)
    this.toolbar.update(this)
    this.draw()
  }

  boxMoved(box) {
    const n = this.points ? this.inside(cornersOf(box)).reduce((sum, one) => sum + one, 0) : 0
    this.announce(t("{n} faces in the box", { n: numbers.format(n) }))
    this.drawAbove()
  }

  /** Keep the set, then show it in Review. */
  async open() {
    if (!this.chosen || this.locked || this.busy) return
    this.busy = true
    this.toolbar.update(this)
    const seqs = this.points.seq.filter((_, at) => this.selected[at])
    try {
      const headers = { "Content-Type": "application/octet-stream" }
      const request = { method: "POST", credentials: "same-origin", headers, body: seqs }
      this.trigger("open", (await askJson(`${this.base}api/selections`, request)).id)
    } catch (error) {
      this.announce(error.message, true)
    }
    this.busy = false
    this.toolbar.update(this)
  }

  resize() {
    const frame = this.find(".stage").getBoundingClientRect()
    this.ratio = Math.max(1, Math.round(devicePixelRatio))
    const [width, height] = [Math.round(frame.width * this.ratio), Math.round(frame.height * this.ratio)]
    if (!width || (width === this.view.width && height === this.view.height)) return
    for (const canvas of [this.lower, this.upper]) Object.assign(canvas, { width, height })
    this.view.resize(width, height)
    this.image = new ImageData(width, height)
    this.pixels = new Uint32Array(this.image.data.buffer)
    this.draw()
  }

  draw() {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null
      if (this.points && this.image) this.drawNow()
    })
  }

  drawNow() {
    const context = this.lower.getContext("2d")
    const ink = pixelOf(isDark(getComputedStyle(this.root).color) ? "#000000" : "#ffffff")
    paint(this.pixels, this.view, this.points, { ...this, ink }, this.ratio)
    context.putImageData(this.image, 0, 0)
    const side = CROP * this.ratio
    const near = cropsIn(this.points, this.view, side, MOST_CROPS, (at) => this.isShown(at))
    for (const at of near) this.drawCrop(context, at, side)
    this.drawAbove()
  }

  drawCrop(context, at, side) {
    const picture = this.crops.picture(this.points.seq[at])
    if (!picture) return
    const [x, y] = this.view.toPixels(this.points.x[at], this.points.y[at])
    const { colour, letter } = this.groups[this.of[at]]
    const [left, top] = [Math.round(x - side / 2), Math.round(y - side / 2)]
    const border = this.ratio * (this.selected[at] ? 5 : 2)
    context.fillStyle = colour
    context.fillRect(left - border, top - border, side + 2 * border, side + 2 * border)
    context.drawImage(picture, left, top, side, side)
    const size = 14 * this.ratio
    context.fillStyle = "#000"
    context.fillRect(left, top + side - size, size, size)
    context.fillStyle = "#fff"
    context.font = `${11 * this.ratio}px system-ui`
    context.textAlign = "center"
    context.fillText(letter, left + size / 2, top + side - 3 * this.ratio)
  }

  /** The lasso or box that is being drawn, and the point under the mouse. */
  drawAbove() {
    const context = this.upper.getContext("2d")
    context.clearRect(0, 0, this.view.width, this.view.height)
    const path = this.gestures.path ?? (this.gestures.box && cornersOf(this.gestures.box))
    if (!path) return
    const style = getComputedStyle(this.root)
    context.strokeStyle = style.color
    context.fillStyle = "rgb(128 128 128 / .15)"
    context.lineWidth = 1.5 * this.ratio
    context.setLineDash([6 * this.ratio, 4 * this.ratio])
    context.beginPath()
    path.forEach(([x, y], at) => (at ? context.lineTo(x, y) : context.moveTo(x, y)))
    context.closePath()
    context.fill()
    context.stroke()
  }

  /** What lies under the mouse, in words and as a picture; null: nothing does. */
  hover(place) {
    this.under = place
    const told = this.find(".told")
    const at = place && this.points ? this.nearest(place) : -1
    told.hidden = at < 0
    if (at < 0) return
    const seq = this.points.seq[at]
    const [picture, words] = told.children
    const known = this.crops.picture(seq)
    picture.style.visibility = known ? "visible" : "hidden"
    if (known && picture.src !== known.src) picture.src = known.src
    words.replaceChildren(...this.linesOf(at).map((text) => make("div", "", text)))
    const [x, y] = place.map((one) => one / this.ratio)
    const { width, height } = this.view
    told.style.left = `${Math.min(x + 16, width / this.ratio - 216)}px`
    told.style.top = `${Math.min(y + 16, height / this.ratio - 112)}px`
  }

  nearest([x, y]) {
    const reach = (REACH * this.ratio) / this.view.scale
    return nearestPoint(this.points, ...this.view.toPlane(x, y), reach, (at) => this.isShown(at))
  }

  linesOf(at) {
    const { points } = this
    const name = (by) => this.nameIn(by, at)
    const lines = [name("class")]
    const percent = Math.round(points.confidence[at] / 10)
    const says = { name: name("suggested"), n: percent }
    if (points.suggested[at] !== NONE) lines.push(t("suggested: {name}, {n} %", says))
    if (points.source[at] !== NONE) lines.push(points.sources[points.source[at]])
    if (points.person[at] !== NONE) lines.push(points.persons[points.person[at]])
    return lines
  }

  nameIn(by, at) {
    const [state, suggested] = [this.points.state.slice(at, at + 1), this.points.suggested.slice(at, at + 1)]
    const { groups, of } = COLOURINGS[by]({ state, suggested }, this.classes)
    return groups[of[0]].name
  }

  announce(text, bad = false) {
    this.find(".note").textContent = text
    this.find(".note").classList.toggle("bad", bad)
  }
}

function isDark(colour) {
  const [red = 0, green = 0, blue = 0] = (colour.match(/[\d.]+/g) ?? []).map(Number)
  return red + green + blue < 384
}

export default function faceMap({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".map")
  useWords(data.words)
  translate(root)
  root.classList.add("drawn")
  const build = () => new App(root, data)
  return showInApp(parentElement, root, undefined, build, (app) => app.update(data, setTriggerValue))
}
