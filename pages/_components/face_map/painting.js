// Points as stamps of few pixels, written into an image by hand: a hundred thousand take some milliseconds, anywhere.

const SHAPES = [
  "..###.. .#####. ####### ####### ####### .#####. ..###..", // disc
  "....... .#####. .#####. .#####. .#####. .#####. .......", // square
  "...#... ...#... ..###.. ..###.. .#####. .#####. #######", // triangle
  "...#... ..###.. .#####. ####### .#####. ..###.. ...#...", // diamond
  "##...## ###.### .#####. ..###.. .#####. ###.### ##...##", // cross
  "..###.. ..###.. ####### ####### ####### ..###.. ..###..", // plus
  "####### .#####. .#####. ..###.. ..###.. ...#... ...#...", // triangle down
  "..###.. .##.##. ##...## #.....# ##...## .##.##. ..###..", // ring
  "####### #.....# #.....# #.....# #.....# #.....# #######", // frame
  "....... ....... ####### ####### ####### ....... .......", // dash
  "..###.. ..###.. ..###.. ..###.. ..###.. ..###.. ..###..", // bar
]
const QUIET = "....... ....... ..###.. ..###.. ..###.. ....... ......." // what nobody answered: many, and in the background
const HALF = 3

function shapeOf(groups, at) {
  return groups[at].colour === GREY ? QUIET : SHAPES[at % SHAPES.length]
}

/** A shape's pixels, [[across, down], …], from its middle; each is `size` pixels wide. */
function stampOf(shape, size) {
  const found = []
  shape.split(" ").forEach((row, y) => [...row].forEach((sign, x) => {
    if (sign !== "#") return
    for (let a = 0; a < size; a++) {
      for (let b = 0; b < size; b++) found.push([(x - HALF) * size + a, (y - HALF) * size + b])
    }
  }))
  return found
}

/** As an ImageData has it, little endian. */
function pixelOf(colour, alpha = 255) {
  const number = parseInt(colour.slice(1), 16)
  return ((alpha << 24) | ((number & 255) << 16) | (number & 65280) | (number >> 16)) >>> 0
}

/** Write one stamp for each point that `takes` says, in the colour of its group. offsets, colours: by group. */
function stampAll(pixels, view, points, { of, offsets, colours, takes, edge }) {
  const { width, height, scale } = view
  const [dx, dy] = [width / 2 - view.x * scale + 0.5, height / 2 - view.y * scale + 0.5]
  const { n, x: xs, y: ys } = points
  for (let at = 0; at < n; at++) {
    if (!takes[at]) continue
    const x = Math.floor(xs[at] * scale + dx)
    const y = Math.floor(ys[at] * scale + dy)
    if (x < edge || y < edge || x >= width - edge || y >= height - edge) continue
    const group = of[at]
    const some = offsets[group]
    const colour = colours[group]
    const middle = y * width + x
    for (let one = 0; one < some.length; one++) pixels[middle + some[one]] = colour
  }
}

/** Write the points into `pixels` (Uint32Array of width × height). selected: Uint8Array, these get a frame in ink. */
function paint(pixels, view, points, { of, groups, hidden, selected, ink }, size) {
  pixels.fill(0)
  const { width } = view
  const edge = (HALF + 1) * (size + 1)
  const stamp = (shape, wide) => Int32Array.from(stampOf(shape, wide), ([x, y]) => y * width + x)
  const offsets = groups.map((_, at) => stamp(shapeOf(groups, at), size))
  const colours = Uint32Array.from(groups, (group) => pixelOf(group.colour))
  const takes = of.map((group) => (hidden[group] ? 0 : 1))
  stampAll(pixels, view, points, { of, offsets, colours, takes, edge })
  if (!selected) return
  const frames = { offsets: groups.map(() => stamp(SHAPES[8], size + 1)), colours: colours.map(() => ink) }
  stampAll(pixels, view, points, { of, ...frames, takes: takes.map((one, at) => one & selected[at]), edge })
}

/** The shape as a small picture for the legend. */
function shapePicture(shape, colour) {
  const svg = document.createElementNS(SVG, "svg")
  svg.setAttribute("viewBox", "0 0 7 7")
  svg.setAttribute("aria-hidden", "true")
  shape.split(" ").forEach((row, y) => [...row].forEach((sign, x) => {
    if (sign !== "#") return
    const cell = addShape(svg, "rect")
    const place = { x, y, width: 1.05, height: 1.05, fill: colour }
    for (const [name, value] of Object.entries(place)) cell.setAttribute(name, value)
  }))
  return svg
}
