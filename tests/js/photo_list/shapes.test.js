import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { load } from "../load.js"

const NAMES = ["clamp", "insideBox", "squareCrop", "moved", "grown", "pulled", "firstBox", "stepOf", "pathOf"]
const shapes = load(["photo_list/shapes.js"], NAMES)
const PHOTO = { width: 400, height: 300 }

describe("a box", () => {
  it("has its corners in order and inside the photo", () => {
    assert.deepEqual(shapes.insideBox({ x: 100, y: 100, w: -150, h: 250 }, PHOTO), { x: 0, y: 100, w: 100, h: 200 })
  })
  it("stops at the border when it is moved", () => {
    assert.deepEqual(shapes.moved("draw", { x: 300, y: 10, w: 80, h: 60 }, 50, -30, PHOTO), { x: 320, y: 0, w: 80, h: 60 })
  })
  it("keeps its upper left corner when it grows, up to the border", () => {
    assert.deepEqual(shapes.grown("draw", { x: 300, y: 200, w: 50, h: 50 }, 80, 20, PHOTO), { x: 300, y: 200, w: 100, h: 70 })
  })
  it("never shrinks below 16 pixels", () => {
    assert.deepEqual(shapes.grown("draw", { x: 10, y: 10, w: 20, h: 20 }, -10, -1, PHOTO), { x: 10, y: 10, w: 16, h: 19 })
  })
  it("may be pulled through its opposite corner", () => {
    const shape = { x: 100, y: 100, w: 50, h: 50 }
    assert.deepEqual(shapes.pulled("draw", shape, "nw", { x: 170, y: 180 }, PHOTO), { x: 150, y: 150, w: 20, h: 30 })
  })
  it("starts as a third of the photo, in its middle", () => {
    assert.deepEqual(shapes.firstBox(PHOTO), { x: 150, y: 100, w: 100, h: 100 })
  })
})

describe("a crop", () => {
  it("is a square of whole pixels", () => {
    assert.deepEqual(shapes.squareCrop({ x: 10.4, y: 20.6, w: 50.3 }, PHOTO), { x: 11, y: 21, w: 50, h: 50 })
  })
  it("may reach over the border; its centre stays on the photo", () => {
    assert.deepEqual(shapes.squareCrop({ x: -90, y: 280, w: 100 }, PHOTO), { x: -50, y: 249, w: 100, h: 100 })
  })
  it("is 8 pixels at least and the photo's longer side at most", () => {
    assert.equal(shapes.squareCrop({ x: 10, y: 10, w: 2 }, PHOTO).w, 8)
    assert.equal(shapes.squareCrop({ x: 0, y: 0, w: 1000 }, PHOTO).w, 400)
  })
  it("keeps its centre when it grows", () => {
    assert.deepEqual(shapes.grown("move", { x: 100, y: 100, w: 40, h: 40 }, 20, 0, PHOTO), { x: 90, y: 90, w: 60, h: 60 })
  })
  it("grows by the vertical arrow as well", () => {
    assert.deepEqual(shapes.grown("move", { x: 100, y: 100, w: 40, h: 40 }, 0, -10, PHOTO), { x: 105, y: 105, w: 30, h: 30 })
  })
  it("stays square and keeps the opposite corner when one is pulled", () => {
    const shape = { x: 100, y: 100, w: 40, h: 40 }
    assert.deepEqual(shapes.pulled("move", shape, "se", { x: 180, y: 130 }, PHOTO), { x: 100, y: 100, w: 80, h: 80 })
    assert.deepEqual(shapes.pulled("move", shape, "nw", { x: 80, y: 120 }, PHOTO), { x: 80, y: 80, w: 60, h: 60 })
  })
})

describe("an arrow key", () => {
  it("moves by a twentieth of the shorter side", () => assert.equal(shapes.stepOf({ w: 200, h: 100 }, false), 5))
  it("moves by one pixel at least", () => assert.equal(shapes.stepOf({ w: 8, h: 8 }, false), 1))
  it("moves by one pixel when fine", () => assert.equal(shapes.stepOf({ w: 200, h: 100 }, true), 1))
})

it("a path goes round the shape", () => assert.equal(shapes.pathOf({ x: 1, y: 2, w: 3, h: 4 }), "M1 2h3v4h-3Z"))
it("clamp prefers the lower end where the ends are crossed", () => assert.equal(shapes.clamp(5, 3, 1), 3))
