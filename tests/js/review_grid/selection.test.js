import assert from "node:assert/strict"
import { beforeEach, describe, it } from "node:test"
import { load } from "../load.js"

const { Selection } = load(["review_grid/selection.js"], ["Selection"])

describe("Selection", () => {
  let selection, changes
  const changed = () => changes.map((which) => (which === null ? null : [...which].sort((a, b) => a - b)))

  beforeEach(() => {
    changes = []
    selection = new Selection((which) => changes.push(which))
    selection.items = ["a", "b", "c", "d", "e"]
  })

  it("means the card in focus while nothing is selected", () => assert.deepEqual(selection.targets(), [0]))
  it("means nothing on an empty page", () => {
    selection.items = []
    assert.deepEqual(selection.targets(), [])
  })

  it("moves, within the page, and says which cards look different", () => {
    selection.moveTo(2, false)
    selection.moveTo(99, false)
    selection.moveTo(-3, false)
    assert.equal(selection.focus, 0)
    assert.deepEqual(changed(), [[0, 2], [2, 4], [0, 4]])
  })

  it("extends from the anchor, in both directions", () => {
    selection.moveTo(2, false)
    selection.moveTo(4, true)
    assert.deepEqual(selection.targets(), [2, 3, 4])
    selection.moveTo(1, true)
    assert.deepEqual(selection.targets(), [1, 2])
    assert.deepEqual(changed().at(-1), [1, 2, 3, 4])
  })

  it("is gone after a plain move", () => {
    selection.moveTo(2, true)
    selection.moveTo(3, false)
    assert.deepEqual(selection.targets(), [3])
  })

  it("takes the focus in when a second card is added, and takes cards out", () => {
    selection.toggleSelected(3)
    assert.deepEqual(selection.targets(), [0, 3])
    selection.toggleSelected(3)
    assert.deepEqual(selection.targets(), [0])
  })

  it("collects single cards over moves until it is emptied", () => {
    selection.collect() // a
    selection.moveTo(3, false)
    selection.collect() // d
    assert.deepEqual([selection.targets(), selection.focus], [[0, 3], 4])
    selection.moveTo(3, false)
    selection.collect() // d is taken out
    assert.deepEqual(selection.targets(), [0])
    selection.moveTo(0, false)
    selection.collect()
    assert.equal(selection.collecting, false)
  })

  it("stays on the last card when that is collected", () => {
    selection.moveTo(4, false)
    selection.collect()
    assert.deepEqual([selection.focus, selection.targets()], [4, [4]])
  })

  it("selects exactly what a rubber band touches; the next range begins at its far end", () => {
    selection.select([1, 2], 1, 2)
    selection.moveTo(3, true)
    assert.deepEqual(selection.targets(), [2, 3])
  })

  it("selects the page, and repaints all", () => {
    selection.selectAll()
    assert.deepEqual(selection.targets(), [0, 1, 2, 3, 4])
    assert.deepEqual(changed(), [null])
  })

  it("disarms a reject with every move", () => {
    selection.armed = { step: "s", targets: [0] }
    selection.ended = true
    selection.moveTo(1, false)
    assert.deepEqual([selection.armed, selection.ended], [null, false])
  })
})
