// How long a lasso, a frame and a hover take over many points: `node tests/bench/map/lasso.js [POINTS]` prints JSON.
import { performance } from "node:perf_hooks"
import { load } from "../../js/load.js"

const FILES = ["points.js", "groups.js", "painting.js"].map((name) => `face_map/${name}`)
const { insidePolygon, nearestPoint, cropsIn, MapView, groupsBy, paint } = load(
  FILES, ["insidePolygon", "nearestPoint", "cropsIn", "MapView", "groupsBy", "paint"])
const RUNS = 15
const EDGES = 600 // of a lasso around half of the map, drawn by hand
const n = Number(process.argv[2] ?? 100000)

/** In thousandths of the middle; points crowd there, as they do on a map. */
const crowded = () => 32500 + 9000 * (Math.random() + Math.random() + Math.random() - 1.5) * 2
const points = { n, sources: [], state: new Uint16Array(n) }
for (const name of ["x", "y"]) points[name] = Uint16Array.from({ length: n }, crowded)
for (let at = 0; at < n; at++) points.state[at] = at % 7
const classes = [1, 2, 3, 4].map((id) => ({ id, name: String(id), colour: "#336699", letter: String(id) }))
const { groups, of } = groupsBy("class", points, classes)
const lasso = Array.from({ length: EDGES }, (_, at) => {
  const [angle, far] = [(2 * Math.PI * at) / EDGES, 11000 + 2500 * Math.sin(at)]
  return [32500 + far * Math.cos(angle), 32500 + far * Math.sin(angle)]
})
const view = new MapView()
view.resize(1600, 760)
view.fit(points, 48)
const pixels = new Uint32Array(view.width * view.height)
const hidden = groups.map(() => false)
const shown = (at) => !hidden[of[at]]
let selected = null

function middle(call) {
  const times = Array.from({ length: RUNS }, () => {
    const from = performance.now()
    call()
    return performance.now() - from
  })
  return Number(times.sort((a, b) => a - b)[RUNS >> 1].toFixed(2))
}

const found = {
  points: n,
  lasso_ms: middle(() => { selected = insidePolygon(points, lasso, shown) }),
  frame_ms: middle(() => paint(pixels, view, points, { of, groups, hidden, selected, ink: 1 }, 1)),
  crops_ms: middle(() => cropsIn(points, view, 56, 160, shown)),
  hover_ms: middle(() => nearestPoint(points, 30000, 30000, 200, shown)),
}
console.log(JSON.stringify({ ...found, selected: selected.reduce((sum, one) => sum + one, 0) }))
