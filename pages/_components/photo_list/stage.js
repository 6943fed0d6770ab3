// The photo on the screen: an SVG whose user units are the photo's pixels. Wheel and buttons zoom, dragging pans.

const HANDLES = ["nw", "ne", "sw", "se"]
const HANDLE_PX = 12

class Stage {
  constructor(host) {
    this.host = host
    this.svg = host.querySelector("svg")
    this.preview = host.querySelector(".preview")
    this.small = this.preview.querySelector("svg")
    this.picture = addShape(this.svg, "image")
    this.shade = addShape(this.svg, "path", "shade")
    this.known = addShape(this.svg, "path", "known")
    this.dots = addShape(this.svg, "path", "dots")
    this.fill = addShape(this.svg, "path", "fill")
    this.halo = addShape(this.svg, "path", "halo")
    this.outline = addShape(this.svg, "path", "shape")
    this.handles = HANDLES.map((name) => {
      const node = addShape(this.svg, "rect", "handle")
      node.dataset.handle = name
      node.style.cursor = `${name}-resize`
      return node
    })
    this.tiny = document.createElementNS(SVG, "image")
    this.small.append(this.tiny)
    this.watcher = new ResizeObserver(() => this.view && this.setView(this.view))
    this.watcher.observe(host)
  }

  /** photo: {width, height, small, large, alt}; the small picture shows until the large one is there. */
  open(photo, mode) {
    this.photo = photo
    this.host.dataset.mode = mode
    this.svg.setAttribute("aria-label", photo.alt)
    for (const image of [this.picture, this.tiny]) {
      image.setAttribute("width", photo.width)
      image.setAttribute("height", photo.height)
      image.setAttribute("preserveAspectRatio", "none")
      image.setAttribute("href", photo.small)
    }
    const loader = new Image()
    loader.onload = () => {
      if (this.photo !== photo) return
      this.picture.setAttribute("href", photo.large)
      this.tiny.setAttribute("href", photo.large)
    }
    loader.src = photo.large
    this.known.setAttribute("d", "")
    this.dots.setAttribute("d", "")
    this.preview.hidden = mode !== "move"
    this.fit()
  }

  /** Faces that are there already, and the landmarks of the one whose crop is moved. */
  context(boxes, points) {
    this.known.setAttribute("d", boxes.map(([x1, y1, x2, y2]) => `M${x1} ${y1}H${x2}V${y2}H${x1}Z`).join(""))
    this.dots.setAttribute("d", points.map(([x, y]) => `M${x + 0.5} ${y + 0.5}h0`).join(""))
  }

  show(shape) {
    const { width, height } = this.photo
    const path = shape ? pathOf(shape) : ""
    for (const node of [this.fill, this.halo, this.outline]) node.setAttribute("d", path)
    this.shade.setAttribute("d", shape ? `M0 0H${width}V${height}H0Z${path}` : "")
    this.shape = shape
    this.placeHandles()
    if (shape && !this.preview.hidden) {
      this.small.setAttribute("viewBox", `${shape.x} ${shape.y} ${shape.w} ${shape.h}`)
      this.preview.querySelector(".size").textContent = t("{width} × {height} pixels", { width: shape.w, height: shape.h })
    }
  }

  placeHandles() {
    const { shape } = this
    // on a tiny box they would hide what is in it
    const size = shape ? Math.min(HANDLE_PX * this.scale(), Math.max(shape.w, shape.h) / 3) : 0
    this.handles.forEach((node) => {
      node.style.display = shape ? "" : "none"
      if (!shape) return
      const name = node.dataset.handle
      node.setAttribute("x", (name.includes("w") ? shape.x : shape.x + shape.w) - size / 2)
      node.setAttribute("y", (name.includes("n") ? shape.y : shape.y + shape.h) - size / 2)
      node.setAttribute("width", size)
      node.setAttribute("height", size)
    })
  }

  /** Photo pixels a screen pixel. */
  scale() {
    const { width, height } = this.svg.getBoundingClientRect()
    return this.view ? Math.max(this.view.w / (width || 1), this.view.h / (height || 1)) : 1
  }

  at(event) {
    const matrix = this.svg.getScreenCTM()
    return matrix ? new DOMPoint(event.clientX, event.clientY).matrixTransform(matrix.inverse()) : { x: 0, y: 0 }
  }

  fit() {
    const margin = 0.02 * Math.max(this.photo.width, this.photo.height)
    this.setView({ x: -margin, y: -margin, w: this.photo.width + 2 * margin, h: this.photo.height + 2 * margin })
  }

  /** A close-up of `shape`, four times its size. */
  closeUp(shape) {
    const room = 1.5 * Math.max(shape.w, shape.h)
    this.setView({ x: shape.x - room, y: shape.y - room, w: shape.w + 2 * room, h: shape.h + 2 * room })
  }

  setView(view) {
    this.view = view
    this.svg.setAttribute("viewBox", `${view.x} ${view.y} ${view.w} ${view.h}`)
    this.placeHandles()
  }

  zoom(factor, point) {
    const { x, y, w, h } = this.view
    const most = 1.04 * Math.max(this.photo.width, this.photo.height)
    const by = clamp(factor, 24 / Math.max(w, h), most / Math.max(w, h))
    const about = point ?? { x: x + w / 2, y: y + h / 2 }
    if (by * Math.max(w, h) >= most * 0.999) return this.fit()
    return this.setView({ x: about.x - (about.x - x) * by, y: about.y - (about.y - y) * by, w: w * by, h: h * by })
  }

  pan(from, event) {
    const to = this.at(event)
    this.setView({ ...this.view, x: this.view.x + from.x - to.x, y: this.view.y + from.y - to.y })
  }
}
