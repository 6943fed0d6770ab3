import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { load } from "../load.js"

const window = { devicePixelRatio: 1 }
const { Grid, cropUrl, inkOn, writeIfChanged } = load(["review_grid/announce.js", "review_grid/cards.js"],
  ["Grid", "cropUrl", "inkOn", "writeIfChanged"], { window })

describe("cropUrl", () => {
  const item = { id: "f1", v: "a b" }
  const side = (wanted, ratio = 1) => {
    window.devicePixelRatio = ratio
    return Number(new URL(cropUrl("/", item, wanted), "http://x").searchParams.get("s"))
  }
  it("asks for the next larger of a few sizes", () => assert.deepEqual([90, 96, 97, 300].map((wanted) => side(wanted)), [96, 96, 128, 384]))
  it("asks for more on a dense screen, 512 pixels at most", () => assert.deepEqual([side(128, 2), side(400, 2)], [256, 512]))
  it("names the crop's version", () => assert.match(cropUrl("/app/", item, 96), /^\/app\/api\/image\/crop\/f1\?v=a%20b&s=/))
})

it("the ink is black on light colours and white on dark ones", () => {
  assert.deepEqual(["#ffffff", "#ffcc00", "#ff0000", "#0000ff", "#000000"].map(inkOn), ["#000", "#000", "#000", "#fff", "#fff"])
})

it("an attribute is written only when it changes", () => {
  const written = []
  const node = { setAttribute: (name, value) => written.push([name, value]) }
  writeIfChanged(node, "title", "a")
  writeIfChanged(node, "title", "a")
  writeIfChanged(node, "title", "b")
  writeIfChanged(node, "text", "c")
  assert.deepEqual([written, node.textContent], [[["title", "a"], ["title", "b"]], "c"])
})

describe("the cards that a rubber band touches", () => {
  // cards of 100 pixels with a gap of 8, three a row, eight in all
  const grid = { side: 100, columns: 3, rows: 3, model: { items: Array(8) } }
  const within = (from, to) => Grid.prototype.within.call(grid, { x: from[0], y: from[1] }, { x: to[0], y: to[1] })

  it("a rectangle of cards: near the pointer, and far from it where the drag began", () => {
    assert.deepEqual(within([50, 50], [150, 150]), { chosen: [0, 1, 3, 4], near: 4, far: 0 })
  })
  it("drawn backwards the ends change places", () => {
    assert.deepEqual(within([150, 150], [50, 50]), { chosen: [0, 1, 3, 4], near: 0, far: 4 })
  })
  it("nothing between two cards", () => assert.deepEqual(within([109, 50], [115, 60]).chosen, []))
  it("not the hole after the last card", () => assert.deepEqual(within([50, 260], [320, 320]), { chosen: [6, 7], near: 7, far: 6 }))
})
