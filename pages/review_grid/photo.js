// The whole photo with its box, 68 landmarks and crop, drawn in the photo's own pixels; wheel zooms, drag pans.

const SVG = "http://www.w3.org/2000/svg"
const LOOK_MS = 80 // someone who holds an arrow key down looks at no photo
const KEEP_FACES = 300
// The strokes between the 68 points, [first, last, closed], iBUG order: jaw, brows, nose, eyes, lips.
const STROKES = [
  [0, 16, 0], [17, 21, 0], [22, 26, 0], [27, 30, 0], [31, 35, 0], [36, 41, 1], [42, 47, 1], [48, 59, 1], [60, 67, 1],
]

/** What the server tells about faces, kept until a decision changes it. */
class FaceBook {
  constructor(base) {
    this.base = base
    this.known = new Map()
  }

  async get(id) {
    if (!this.known.has(id)) {
      const asked = fetch(`${this.base}api/face/${id}`, { credentials: "same-origin" }).then((response) => {
        if (!response.ok) throw new Error(`the server answers ${response.status}`)
        return response.json()
      })
      asked.catch(() => this.known.delete(id)) // ask again next time; the caller shows the error
      this.known.set(id, asked)
      if (this.known.size > KEEP_FACES) this.known.delete(this.known.keys().next().value)
    }
    return this.known.get(id)
  }

  forget(ids) {
    for (const id of ids) this.known.delete(id)
  }
}

class Photo {
  constructor(host) {
    this.host = host
    this.svg = document.createElementNS(SVG, "svg")
    this.svg.setAttribute("role", "img")
    this.svg.setAttribute("aria-label", "the whole photo with its landmarks")
    this.picture = this.part("image")
    this.crop = this.part("path", "crop")
    this.box = this.part("path", "box")
    this.lines = this.part("path", "lines")
    this.dots = this.part("path", "dots")
    host.append(this.svg)
    this.view = null
    this.svg.addEventListener("wheel", (event) => this.zoom(event), { passive: false })
    this.svg.addEventListener("pointerdown", (event) => this.pan(event))
    this.svg.addEventListener("dblclick", () => this.fit())
  }

  part(tag, className) {
    const node = document.createElementNS(SVG, tag)
    if (className) node.setAttribute("class", className)
    this.svg.append(node)
    return node
  }

  /** Show `face`; the last photo stays, dimmed, until the new one is there. `url` is the picture to show. */
  show(face, url) {
    if (this.url === url && this.face === face) return
    this.wanted = url
    if (this.url !== url) this.host.classList.add("waiting")
    const loader = new Image()
    loader.onload = () => this.wanted === url && this.draw(face, url)
    loader.onerror = () => this.wanted === url && this.host.classList.add("lost")
    loader.src = url
  }

  /** The same picture in more pixels: nothing else changes. */
  sharpen(url) {
    const { face } = this
    const loader = new Image()
    loader.onload = () => this.face === face && this.picture.setAttribute("href", url)
    loader.src = url
  }

  draw(face, url) {
    const { width, height } = face.image
    const other = this.face?.sha256 !== face.sha256
    this.face = face
    this.url = url
    this.picture.setAttribute("href", url)
    this.picture.setAttribute("width", width)
    this.picture.setAttribute("height", height)
    this.picture.setAttribute("preserveAspectRatio", "none")
    const [x1, y1, x2, y2] = face.box
    const [x, y, w, h] = face.crop
    this.box.setAttribute("d", `M${x1} ${y1}H${x2}V${y2}H${x1}Z`)
    this.crop.setAttribute("d", `M${x} ${y}h${w}v${h}h${-w}Z`)
    this.crop.setAttribute("transform", `rotate(${face.angle ?? 0} ${x + w / 2} ${y + h / 2})`)
    this.dots.setAttribute("d", face.points.map(([px, py]) => `M${px} ${py}h0`).join(""))
    this.lines.setAttribute("d", STROKES.map(([first, last, closed]) => {
      const points = face.points.slice(first, last + 1)
      return points.length ? `M${points.map((point) => point.join(" ")).join("L")}${closed ? "Z" : ""}` : ""
    }).join(""))
    this.host.classList.remove("waiting", "lost")
    if (other || !this.view || this.view.w === this.full) this.fit()
  }

  /** The whole photo, and the whole crop where that reaches beyond it. */
  fit() {
    if (!this.face) return
    const { width, height } = this.face.image
    const [x, y, w, h] = this.face.crop
    const left = Math.min(0, x)
    const top = Math.min(0, y)
    this.setView(left, top, Math.max(width, x + w) - left, Math.max(height, y + h) - top)
    this.full = this.view.w
  }

  setView(x, y, w, h) {
    this.view = { x, y, w, h }
    this.svg.setAttribute("viewBox", `${x} ${y} ${w} ${h}`)
  }

  /** Photo pixels under a pointer, and photo pixels a screen pixel. */
  under(event) {
    const toPhoto = this.svg.getScreenCTM().inverse()
    const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(toPhoto)
    return { point, scale: toPhoto.a }
  }

  zoom(event) {
    if (!this.face) return
    event.preventDefault()
    const { x, y, w, h } = this.view
    const { full } = this
    const factor = Math.min(full / w, Math.max(16 / w, Math.exp(event.deltaY * 0.0015)))
    const { point } = this.under(event)
    if (factor * w >= full * 0.999) return this.fit()
    if (this.onZoom) this.onZoom()
    return this.setView(point.x - (point.x - x) * factor, point.y - (point.y - y) * factor, w * factor, h * factor)
  }

  pan(event) {
    if (!this.face || event.button !== 0) return
    event.preventDefault()
    const start = { ...this.view }
    const { scale } = this.under(event)
    const move = (now) => {
      this.setView(start.x - (now.clientX - event.clientX) * scale, start.y - (now.clientY - event.clientY) * scale, start.w, start.h)
    }
    this.svg.setPointerCapture(event.pointerId)
    this.svg.addEventListener("pointermove", move)
    this.svg.addEventListener("pointerup", () => this.svg.removeEventListener("pointermove", move), { once: true })
  }
}
