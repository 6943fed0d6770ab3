import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { load } from "../load.js"

const FILES = ["points.js", "groups.js", "painting.js"].map((name) => `face_map/${name}`)
const NAMES = ["decodePoints", "insidePolygon", "nearestPoint", "MapView", "cropsIn", "groupsBy", "paint", "stampOf", "SHAPES"]
const map = load(FILES, NAMES)

/** Numbers that are always the same: a linear congruential generator. */
function numbersFrom(seed) {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

function someFaces(n, seed = 7) {
  const next = numbersFrom(seed)
  const points = { n, sources: ["folder: /a", "folder: /b"], seq: Uint32Array.from({ length: n }, (_, at) => at + 1) }
  for (const name of ["x", "y"]) points[name] = Uint16Array.from({ length: n }, () => next(65001))
  points.state = Uint16Array.from({ length: n }, () => next(6))
  points.suggested = Uint16Array.from({ length: n }, () => (next(3) ? 1 + next(2) : 65535))
  points.confidence = Uint16Array.from(points.suggested, (one) => (one === 65535 ? one : next(1001)))
  points.source = Uint16Array.from({ length: n }, () => next(2))
  points.persons = Array.from({ length: 30 }, (_, at) => `p${at}`)
  points.person = Uint16Array.from({ length: n }, () => (next(3) ? next(30) : 65535))
  return points
}

/** Even-odd by the winding of angles instead of crossings: another way than that of the code. */
function insideByAngles(polygon, x, y) {
  let sum = 0
  polygon.forEach(([x1, y1], at) => {
    const [x2, y2] = polygon[(at + 1) % polygon.length]
    sum += Math.atan2((x1 - x) * (y2 - y) - (x2 - x) * (y1 - y), (x1 - x) * (x2 - x) + (y1 - y) * (y2 - y))
  })
  return Math.abs(Math.round(sum / (2 * Math.PI))) % 2
}

const CLASSES = [{ id: 1, name: "none", colour: "#112233", letter: "N" }, { id: 2, name: "smile", colour: "#445566", letter: "S" }]

describe("decodePoints", () => {
  it("reads what the server packs", () => {
    const head = JSON.stringify({ n: 2, described: 3, faces: 4, sources: ["folder: /é"], persons: [] })
    const text = new TextEncoder().encode(head)
    const padded = text.length + ((4 - (text.length % 4)) % 4)
    const buffer = new ArrayBuffer(4 + padded + 2 * 4 + 7 * 2 * 2)
    const bytes = new Uint8Array(buffer)
    new DataView(buffer).setUint32(0, padded, true)
    bytes.fill(32, 4, 4 + padded)
    bytes.set(text, 4)
    new Uint32Array(buffer, 4 + padded, 2).set([70000, 5])
    new Uint16Array(buffer, 12 + padded).set([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14])
    const found = map.decodePoints(buffer)
    assert.deepEqual([found.n, found.described, found.faces, found.sources], [2, 3, 4, ["folder: /é"]])
    assert.deepEqual([...found.seq], [70000, 5])
    const rest = ["x", "y", "state", "suggested", "confidence", "source", "person"].map((name) => [...found[name]])
    assert.deepEqual(rest, [[1, 2], [3, 4], [5, 6], [7, 8], [9, 10], [11, 12], [13, 14]])
  })
})

describe("insidePolygon", () => {
  it("agrees with winding angles for stars, rings of many edges and boxes", () => {
    const points = someFaces(1500)
    for (let seed = 1; seed <= 20; seed++) {
      const next = numbersFrom(seed)
      const edges = 3 + next(40)
      const polygon = Array.from({ length: edges }, (_, at) => {
        const [angle, far] = [(2 * Math.PI * at) / edges, 4000 + next(28000)]
        return [32500.3 + far * Math.cos(angle), 32499.7 + far * Math.sin(angle)]
      })
      const found = map.insidePolygon(points, polygon)
      const wanted = Array.from(points.x, (x, at) => insideByAngles(polygon, x, points.y[at]))
      assert.deepEqual([...found], wanted, `seed ${seed}`)
      assert.ok(wanted.includes(1) && wanted.includes(0))
    }
  })

  it("leaves out what is hidden, and is empty for less than a triangle", () => {
    const points = someFaces(50)
    const all = [[-1, -1], [70000, -1], [70000, 70000], [-1, 70000]]
    assert.equal(map.insidePolygon(points, all).reduce((a, b) => a + b), 50)
    assert.deepEqual([...map.insidePolygon(points, all, (at) => at === 3)].flatMap((one, at) => (one ? [at] : [])), [3])
    assert.equal(map.insidePolygon(points, all.slice(0, 2)).some(Boolean), false)
  })
})

describe("MapView", () => {
  it("keeps the place under the mouse while it zooms, and pixels and plane are inverse", () => {
    const view = new map.MapView()
    view.resize(1000, 600)
    view.fit(someFaces(200), 40)
    const before = view.toPlane(700, 100)
    view.zoom(3.7, 700, 100)
    const after = view.toPlane(700, 100)
    after.forEach((one, axis) => assert.ok(Math.abs(one - before[axis]) < 1e-6))
    view.toPixels(...view.toPlane(12, 34)).forEach((one, axis) => assert.ok(Math.abs(one - [12, 34][axis]) < 1e-6))
  })

  it("shows every point once it fits, and bears none", () => {
    const [points, view] = [someFaces(300), new map.MapView()]
    view.resize(800, 500)
    view.fit(points, 20)
    for (let at = 0; at < points.n; at++) {
      const [x, y] = view.toPixels(points.x[at], points.y[at])
      assert.ok(x >= 19.9 && x <= 780.1 && y >= 19.9 && y <= 480.1)
    }
    view.fit({ n: 0 }, 20)
    assert.ok(Number.isFinite(view.scale))
  })
})

describe("nearestPoint and cropsIn", () => {
  it("finds the nearest one that is shown and in reach", () => {
    const points = { n: 3, x: Uint16Array.of(10, 20, 400), y: Uint16Array.of(10, 10, 10) }
    assert.equal(map.nearestPoint(points, 13, 10, 50, () => true), 0)
    assert.equal(map.nearestPoint(points, 13, 10, 50, (at) => at !== 0), 1)
    assert.equal(map.nearestPoint(points, 200, 10, 50, () => true), -1)
  })

  it("draws a crop a cell, the same ones after a small move, none where too many are in view", () => {
    const [points, view] = [someFaces(400), new map.MapView()]
    view.resize(900, 900)
    view.fit(points, 20)
    const found = map.cropsIn(points, view, 60, 160, () => true)
    assert.ok(found.length > 20 && found.length <= 160)
    view.pan(1, 1)
    assert.deepEqual(map.cropsIn(points, view, 60, 160, () => true), found)
    assert.deepEqual(map.cropsIn(points, view, 60, 10, () => true), [])
  })
})

describe("groups", () => {
  for (const by of ["class", "state", "suggested", "probability", "source", "person"]) {
    it(`by ${by}: each point is in one, and each group has a letter and a shape of its own`, () => {
      const points = someFaces(500)
      const { groups, of } = map.groupsBy(by, points, CLASSES)
      assert.equal(groups.reduce((sum, group) => sum + group.count, 0), 500)
      for (let at = 0; at < 500; at++) assert.ok(groups[of[at]])
      assert.equal(new Set(groups.map(({ letter }) => letter)).size, groups.length)
    })
  }

  it("tells states, classes and probabilities as they are", () => {
    const points = { n: 5, state: Uint16Array.of(0, 1, 2, 4, 5), confidence: Uint16Array.of(950, 949, 600, 0, 65535) }
    const names = (by) => {
      const { groups, of } = map.groupsBy(by, points, CLASSES)
      return [...of].map((at) => groups[at].name)
    }
    assert.deepEqual(names("class"), ["undecided", "unsure", "rejected", "none", "smile"])
    assert.deepEqual(names("state"), ["undecided", "unsure", "rejected", "accepted", "accepted"])
    assert.deepEqual(names("probability"), ["≥ 95 %", "80–95 %", "60–80 %", "< 60 %", "nothing suggested"])
  })
})

describe("paint", () => {
  it("writes a point's shape in its colour at its place, hides groups, and frames what is selected", () => {
    const view = new map.MapView()
    view.resize(40, 30)
    Object.assign(view, { x: 100, y: 100, scale: 1, whole: 1 })
    const points = { n: 1, x: Uint16Array.of(100), y: Uint16Array.of(100) }
    const pixels = new Uint32Array(40 * 30)
    const groups = [{ colour: "#0a0b0c" }]
    const drawn = (more) => {
      map.paint(pixels, view, points, { of: Uint8Array.of(0), groups, hidden: [false], ink: 9, ...more }, 1)
      return [...pixels].flatMap((one, at) => (one ? [[(at % 40) - 20, Math.floor(at / 40) - 15, one]] : []))
    }
    const shape = map.stampOf(map.SHAPES[0], 1).map(([x, y]) => [x, y, 0xff0c0b0a])
    const sorted = (some) => some.map(String).sort()
    assert.deepEqual(sorted(drawn({})), sorted(shape))
    assert.deepEqual(drawn({ hidden: [true] }), [])
    assert.ok(drawn({ selected: Uint8Array.of(1) }).some(([, , one]) => one === 9))
  })
})
