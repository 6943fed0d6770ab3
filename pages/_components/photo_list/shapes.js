// Boxes as {x, y, w, h} in upright original pixels; nothing here knows of the screen.

const LEAST_BOX = 16
const LEAST_CROP = 8

const clamp = (value, low, high) => Math.min(Math.max(value, low), Math.max(low, high))

/** Inside the photo, corners in order. */
function insideBox({ x, y, w, h }, photo) {
  const [x1, x2] = [x, x + w].sort((a, b) => a - b).map((v) => clamp(v, 0, photo.width))
  const [y1, y2] = [y, y + h].sort((a, b) => a - b).map((v) => clamp(v, 0, photo.height))
  return { x: x1, y: y1, w: x2 - x1, h: y2 - y1 }
}

/** A square of whole pixels whose centre stays on the photo; it may reach over the border. */
function squareCrop({ x, y, w }, photo) {
  const side = Math.round(clamp(w, LEAST_CROP, Math.max(photo.width, photo.height)))
  const left = clamp(x + (w - side) / 2, -side / 2, photo.width - side / 2 - 1)
  const top = clamp(y + (w - side) / 2, -side / 2, photo.height - side / 2 - 1)
  return { x: Math.ceil(left), y: Math.ceil(top), w: side, h: side }
}

/** Moved as a whole; a box stops at the border. */
function moved(mode, shape, dx, dy, photo) {
  const next = { ...shape, x: shape.x + dx, y: shape.y + dy }
  if (mode === "move") return squareCrop(next, photo)
  return { ...next, x: clamp(next.x, 0, photo.width - next.w), y: clamp(next.y, 0, photo.height - next.h) }
}

/** Larger by dw, dh; a crop stays square and keeps its centre, a box keeps its upper left corner. */
function grown(mode, shape, dw, dh, photo) {
  if (mode === "move") {
    const by = dw || dh
    const side = clamp(shape.w + by, LEAST_CROP, Math.max(photo.width, photo.height))
    const off = (shape.w - side) / 2
    return squareCrop({ x: shape.x + off, y: shape.y + off, w: side, h: side }, photo)
  }
  const w = clamp(shape.w + dw, LEAST_BOX, photo.width - shape.x)
  const h = clamp(shape.h + dh, LEAST_BOX, photo.height - shape.y)
  return { ...shape, w, h }
}

/** Corner `handle` ("nw", "ne", "sw", "se") dragged to `point`; the opposite one stays. */
function pulled(mode, shape, handle, point, photo) {
  const fixed = {
    x: handle.includes("w") ? shape.x + shape.w : shape.x,
    y: handle.includes("n") ? shape.y + shape.h : shape.y,
  }
  if (mode === "draw") return insideBox({ x: fixed.x, y: fixed.y, w: point.x - fixed.x, h: point.y - fixed.y }, photo)
  const reach = Math.max(Math.abs(point.x - fixed.x), Math.abs(point.y - fixed.y))
  const side = clamp(reach, LEAST_CROP, Math.max(photo.width, photo.height))
  const x = handle.includes("w") ? fixed.x - side : fixed.x
  const y = handle.includes("n") ? fixed.y - side : fixed.y
  return squareCrop({ x, y, w: side, h: side }, photo)
}

/** Where an arrow key starts when nothing is drawn yet: a third of the photo, in its middle. */
function firstBox(photo) {
  const side = Math.min(photo.width, photo.height) / 3
  return { x: (photo.width - side) / 2, y: (photo.height - side) / 2, w: side, h: side }
}

/** One press of an arrow: a twentieth of the shape, at least a pixel; with `fine` one pixel. */
const stepOf = (shape, fine) => (fine ? 1 : Math.max(1, Math.round(Math.min(shape.w, shape.h) / 20)))

const pathOf = ({ x, y, w, h }) => `M${x} ${y}h${w}v${h}h${-w}Z`
