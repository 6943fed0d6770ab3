// All points as typed arrays, and which of them a lasso holds. No DOM: tests/js/face_map, tests/bench/map.

const NONE = 65535
const SLABS = 512

/** The server's answer (pages/_routes/suggest/map.py says how it is packed). */
function decodePoints(buffer) {
  const length = new DataView(buffer).getUint32(0, true)
  const head = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)))
  let at = 4 + length
  const take = (Kind) => {
    const found = new Kind(buffer, at, head.n)
    at += found.byteLength
    return found
  }
  const points = { ...head, seq: take(Uint32Array) }
  for (const name of ["x", "y", "state", "suggested", "confidence", "source", "person"]) points[name] = take(Uint16Array)
  return points
}

/** The edges of a polygon [[x, y], …], each in the horizontal slabs that it crosses: a point is tested against few. */
function slabsOf(polygon, low, high) {
  const slabs = Array.from({ length: SLABS }, () => [])
  const place = (y) => Math.min(SLABS - 1, Math.max(0, Math.floor(((y - low) / (high - low || 1)) * SLABS)))
  polygon.forEach(([x1, y1], at) => {
    const [x2, y2] = polygon[(at + 1) % polygon.length]
    if (y1 === y2) return
    const edge = y1 < y2 ? [y1, y2, x1, (x2 - x1) / (y2 - y1)] : [y2, y1, x2, (x1 - x2) / (y1 - y2)]
    for (let slab = place(edge[0]); slab <= place(edge[1]); slab++) slabs[slab].push(edge)
  })
  return { place, edges: slabs.map((some) => Float64Array.from(some.flat())) }
}

function crossings(edges, x, y) {
  let odd = 0
  for (let at = 0; at < edges.length; at += 4) {
    if (y >= edges[at] && y < edges[at + 1] && x < edges[at + 2] + (y - edges[at]) * edges[at + 3]) odd ^= 1
  }
  return odd
}

/** Which points lie in the polygon (even-odd), as a Uint8Array of 0 and 1; what is not shown does not. */
function insidePolygon(points, polygon, isShown = () => true) {
  const inside = new Uint8Array(points.n)
  if (polygon.length < 3) return inside
  const [left, right] = [Math.min(...polygon.map(([x]) => x)), Math.max(...polygon.map(([x]) => x))]
  const [low, high] = [Math.min(...polygon.map(([, y]) => y)), Math.max(...polygon.map(([, y]) => y))]
  const { place, edges } = slabsOf(polygon, low, high)
  const { n, x: xs, y: ys } = points
  for (let at = 0; at < n; at++) {
    const x = xs[at]
    const y = ys[at]
    if (x < left || x > right || y < low || y > high || !isShown(at)) continue
    inside[at] = crossings(edges[place(y)], x, y)
  }
  return inside
}

/** The point nearest to a place, at most `reach` away, -1 where there is none. */
function nearestPoint(points, x, y, reach, isShown) {
  let found = -1
  let least = reach * reach
  for (let at = 0; at < points.n; at++) {
    const across = points.x[at] - x
    const down = points.y[at] - y
    const apart = across * across + down * down
    if (apart <= least && isShown(at)) {
      least = apart
      found = at
    }
  }
  return found
}

/** What of the plane is on the canvas: `scale` of its pixels for a unit, (x, y) in its middle. */
class MapView {
  constructor() {
    Object.assign(this, { x: 0, y: 0, scale: 1, width: 1, height: 1 })
  }

  resize(width, height) {
    this.width = width
    this.height = height
  }

  /** All points, with a margin. */
  fit(points, margin) {
    let [left, right, low, high] = [NONE, 0, NONE, 0]
    for (let at = 0; at < points.n; at++) {
      left = Math.min(left, points.x[at])
      right = Math.max(right, points.x[at])
      low = Math.min(low, points.y[at])
      high = Math.max(high, points.y[at])
    }
    if (!points.n) [left, right, low, high] = [0, 1, 0, 1]
    this.x = (left + right) / 2
    this.y = (low + high) / 2
    const room = (side) => Math.max(1, side - 2 * margin)
    this.scale = Math.min(room(this.width) / Math.max(1, right - left), room(this.height) / Math.max(1, high - low))
    this.whole = this.scale
  }

  toPixels(x, y) {
    return [(x - this.x) * this.scale + this.width / 2, (y - this.y) * this.scale + this.height / 2]
  }

  toPlane(across, down) {
    return [(across - this.width / 2) / this.scale + this.x, (down - this.height / 2) / this.scale + this.y]
  }

  pan(across, down) {
    this.x -= across / this.scale
    this.y -= down / this.scale
  }

  /** By a factor, with the place under these pixels staying there. */
  zoom(factor, across, down) {
    const [x, y] = this.toPlane(across, down)
    this.scale = Math.min(this.whole * 400, Math.max(this.whole / 2, this.scale * factor))
    const [now, low] = this.toPlane(across, down)
    this.x += x - now
    this.y += y - low
  }
}

/**
 * The points of which a crop is drawn: one a cell of `cell` pixels, the same while the view moves; none if too many are
 * in view. Returns their places in the arrays.
 */
function cropsIn(points, view, cell, most, isShown) {
  const size = 2 ** Math.floor(Math.log2(cell / view.scale)) * 1.5
  const [left, low] = view.toPlane(0, 0)
  const [right, high] = view.toPlane(view.width, view.height)
  const cells = new Map()
  let seen = 0
  for (let at = 0; at < points.n; at++) {
    const x = points.x[at]
    const y = points.y[at]
    if (x < left || x > right || y < low || y > high || !isShown(at)) continue
    if (++seen > most * 20) return []
    const key = Math.floor(x / size) * 4194304 + Math.floor(y / size)
    if (!cells.has(key)) cells.set(key, at)
  }
  return [...cells.values()].slice(0, most)
}
