// One picture that can be zoomed and panned: the wheel, a drag, two fingers or the keys do it.

const CLOSEST_PX = 16 // of the picture, over the whole width

class Viewer {
  constructor(host, label) {
    this.host = host
    host.dataset.lost = t("This photo could not be loaded.")
    this.svg = document.createElementNS(SVG, "svg")
    this.svg.setAttribute("role", "img")
    this.svg.setAttribute("aria-label", label)
    this.picture = addShape(this.svg, "image")
    this.picture.setAttribute("preserveAspectRatio", "none")
    host.append(this.svg)
    this.view = null
    this.pointers = new Map() // pointers that are down
    const { svg } = this
    svg.addEventListener("wheel", (event) => this.wheel(event), { passive: false })
    svg.addEventListener("pointerdown", (event) => this.grab(event))
    svg.addEventListener("pointermove", (event) => this.drag(event))
    for (const end of ["pointerup", "pointercancel"]) svg.addEventListener(end, (event) => this.pointers.delete(event.pointerId))
    svg.addEventListener("dblclick", () => this.fit())
  }

  /** Show the picture `url` of `thing`; the last one stays, dimmed, until the new one is there. */
  show(thing, url) {
    this.wanted = url
    this.host.classList.toggle("waiting", this.url !== url)
    if (this.url === url && this.thing === thing) return
    const loader = new Image()
    loader.onload = () => this.wanted === url && this.draw(thing, url, loader)
    loader.onerror = () => this.wanted === url && this.host.classList.add("lost")
    loader.src = url
  }

  /** The same picture in more pixels: nothing else changes. */
  sharpen(url) {
    const { thing } = this
    const loader = new Image()
    loader.onload = () => this.thing === thing && this.picture.setAttribute("href", url)
    loader.src = url
  }

  draw(thing, url, loader) {
    const other = this.url !== url || !this.host.classList.contains("zoomed")
    this.thing = thing
    this.url = url
    const [width, height] = this.sizeOf(thing, loader)
    this.picture.setAttribute("href", url)
    this.picture.setAttribute("width", width)
    this.picture.setAttribute("height", height)
    this.frame = this.frameOf(thing, width, height)
    this.host.classList.remove("waiting", "lost")
    this.host.classList.add("drawn")
    if (other) this.fit()
  }

  sizeOf(_thing, loader) {
    return [loader.naturalWidth, loader.naturalHeight]
  }

  frameOf(_thing, w, h) {
    return { x: 0, y: 0, w, h }
  }

  /** Where the keys zoom to, in picture pixels. */
  middle() {
    const { x, y, w, h } = this.view
    return { x: x + w / 2, y: y + h / 2 }
  }

  fit() {
    if (this.frame) this.setView(this.frame)
  }

  setView({ x, y, w, h }) {
    this.view = { x, y, w, h }
    this.svg.setAttribute("viewBox", `${x} ${y} ${w} ${h}`)
    this.host.classList.toggle("zoomed", w < this.frame.w * 0.999)
  }

  /** Picture pixels under a pointer, and picture pixels a screen pixel. */
  under({ clientX, clientY }) {
    const toPicture = this.svg.getScreenCTM().inverse()
    return { point: new DOMPoint(clientX, clientY).matrixTransform(toPicture), scale: toPicture.a }
  }

  /** Less than 1 is closer; `point` stays where it is. */
  zoomBy(wanted, point = this.view && this.middle()) {
    if (!this.view) return
    const { x, y, w, h } = this.view
    const factor = Math.min(this.frame.w / w, Math.max(CLOSEST_PX / w, wanted))
    if (factor * w >= this.frame.w * 0.999) return this.fit()
    if (this.onZoom) this.onZoom()
    const [left, top] = [point.x - (point.x - x) * factor, point.y - (point.y - y) * factor]
    return this.setView({ x: left, y: top, w: w * factor, h: h * factor })
  }

  wheel(event) {
    if (!this.view) return
    event.preventDefault()
    this.zoomBy(Math.exp(event.deltaY * 0.0015), this.under(event).point)
  }

  grab(event) {
    if (!this.view || event.button !== 0) return
    event.preventDefault()
    this.svg.setPointerCapture(event.pointerId)
    this.pointers.set(event.pointerId, { clientX: event.clientX, clientY: event.clientY })
  }

  /** One pointer pans; a second one makes it a pinch. */
  drag(event) {
    const last = this.pointers.get(event.pointerId)
    if (!last) return
    const point = { clientX: event.clientX, clientY: event.clientY }
    this.pointers.set(event.pointerId, point)
    const other = [...this.pointers.values()].find((one) => one !== point)
    if (other) {
      const distance = (one) => Math.max(1, Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY))
      this.zoomBy(distance(last) / distance(point), this.under(other).point)
      return
    }
    const { scale } = this.under(point)
    const { x, y, w, h } = this.view
    this.setView({ x: x - (point.clientX - last.clientX) * scale, y: y - (point.clientY - last.clientY) * scale, w, h })
  }
}
