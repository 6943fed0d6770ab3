// The whole photo with its box, 68 landmarks and crop, drawn in the photo's own pixels.

const LOAD_DELAY_MS = 160 // whoever goes on at once looks at no photo; four keys a second still see each
const KEEP_FACES = 300
// The strokes between the 68 points, [first, last, closed], iBUG order: jaw, brows, nose, eyes, lips.
const STROKES = [
  [0, 16, 0], [17, 21, 0], [22, 26, 0], [27, 30, 0], [31, 35, 0], [36, 41, 1], [42, 47, 1], [48, 59, 1], [60, 67, 1],
]

/** What the server tells about faces, kept until a decision changes it. */
class FaceCache {
  constructor(base) {
    this.base = base
    this.known = new Map()
  }

  async get(id) {
    if (!this.known.has(id)) {
      const asked = askJson(`${this.base}api/face/${id}`)
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

class Photo extends Viewer {
  constructor(host) {
    super(host, t("the whole photo with its landmarks"))
    this.crop = addShape(this.svg, "path", "crop")
    this.box = addShape(this.svg, "path", "box")
    this.lines = addShape(this.svg, "path", "lines")
    this.dots = addShape(this.svg, "path", "dots")
  }

  draw(face, url, loader) {
    super.draw(face, url, loader)
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
  }

  sizeOf({ image }) {
    return [image.width, image.height] // whatever size the picture has: the points are in the original's pixels
  }

  /** The whole photo, and the whole crop where that reaches beyond it. */
  frameOf(face, width, height) {
    const [x, y, w, h] = face.crop
    const left = Math.min(0, x)
    const top = Math.min(0, y)
    return { x: left, y: top, w: Math.max(width, x + w) - left, h: Math.max(height, y + h) - top }
  }

  middle() {
    const [x, y, w, h] = this.thing.crop
    return this.host.classList.contains("zoomed") ? super.middle() : { x: x + w / 2, y: y + h / 2 }
  }
}
